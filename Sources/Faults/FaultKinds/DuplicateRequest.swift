import FaultRules
import HTTP
import Vocabulary

extension FaultDefinition {
    /// Sends each call several times at once.
    static let duplicateRequest = FaultDefinition(
        "duplicate-request", .process, services: [.gateway, .tasks], argument: .count(default: 2, 2...10),
        summary: "sends each upstream call so many times",
        .upstreamPolicy { fault, policy in
            fault.inject()
            policy.copies = fault.count
        })
}

extension FaultKind { package static let duplicateRequest = FaultDefinition.duplicateRequest.kind }
