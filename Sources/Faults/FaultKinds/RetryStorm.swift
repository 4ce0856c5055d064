import FaultRules
import HTTP
import Vocabulary

extension FaultDefinition {
    /// Retries failed calls many times without a pause.
    static let retryStorm = FaultDefinition(
        "retry-storm", .process, services: [.gateway, .tasks], argument: .count(default: 10, 2...100),
        summary: "tries failed upstream calls so many times, without a pause",
        .upstreamPolicy { fault, policy in
            policy.attempts = fault.count
            policy.pause = .zero
        },
        .upstreamRetry { $0.inject() })
}

extension FaultKind { package static let retryStorm = FaultDefinition.retryStorm.kind }
