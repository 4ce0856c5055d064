import FaultRules
import HTTP

extension FaultDefinition {
    /// Cuts the response short.
    static let truncate = FaultDefinition(
        "truncate", .wire, argument: .share(default: 0.5),
        summary: "ends the connection in the middle of the answer",
        .response { fault, response in
            guard case .share(let share) = fault.argument, !response.body.isEmpty else { return }
            fault.inject()
            let end = Int(Double(response.body.count) * share)
            response.stream = BodyStream { position, _ in position < end ? .send(upTo: end - position) : .end }
        })
}

extension FaultKind { package static let truncate = FaultDefinition.truncate.kind }
