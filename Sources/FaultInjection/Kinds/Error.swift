import HTTP

extension FaultDefinition {
    /// Answers with an error, as if the handler had failed.
    static let error = FaultDefinition(
        "error", .wire, argument: .status(default: 503),
        summary: "answers with a status, problem+json, without handling the request",
        .beforeHandling { fault in
            guard case .status(let code, let message) = fault.argument else { return nil }
            fault.inject()
            throw fault.failure(HTTPStatus(code: code), message ?? "the service failed")
        })
}

extension FaultKind { package static let error = FaultDefinition.error.kind }
