import FaultRules
import HTTP

extension FaultDefinition {
    /// Resets the connection, so the caller gets no answer at all.
    static let abort = FaultDefinition(
        "abort", .wire,
        summary: "resets the connection instead of answering",
        .beforeHandling { fault in
            fault.inject()
            var response = Response(status: .serviceUnavailable)
            response.stream = BodyStream { _, _ in .reset }
            return response
        })
}

extension FaultKind { package static let abort = FaultDefinition.abort.kind }
