import Encoding
import FaultRules
import HTTP
import Vocabulary

extension FaultDefinition {
    /// Tells the caller to come back later.
    static let throttle = FaultDefinition(
        "throttle", .wire, argument: .duration(default: .seconds(1)),
        summary: "answers 429 with Retry-After",
        .beforeHandling { fault in
            fault.inject()
            let seconds = max(1, Int64(fault.delay.seconds.rounded(.up)))
            throw fault.failure(
                .tooManyRequests, "too many requests", headers: [Header.retryAfter: String(seconds)])
        })
}

extension FaultKind { package static let throttle = FaultDefinition.throttle.kind }
