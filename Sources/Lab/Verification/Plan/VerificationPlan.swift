import Contracts
import Encoding
import Vocabulary
import Workload

/// The requests of a verification. The seed determines all of them, and every kind recurs.
package struct VerificationPlan: Sendable, Equatable {
    package let seed: UInt64
    package let count: Int

    /// - Parameter count: 1 to 1,000,000.
    package init(seed: UInt64, count: Int) {
        self.seed = seed
        self.count = max(1, min(count, 1_000_000))
    }

    /// Its length, nine, is coprime to the number of computations, so over time every kind meets every computation.
    private static let cycle: [RequestKind] = [
        .sync, .async, .sync, .unknownGuild, .sync, .async, .poor, .sync, .badBody,
    ]

    /// Keeps the trace ids of a verification different from those of a load with the same seed.
    private static let salt: UInt64 = 0x7665_7269_6679

    package func request(at index: Int) -> VerificationRequest {
        let kind = Self.cycle[index % Self.cycle.count]
        let computation = WorkloadSpec.Kind.allCases[index % WorkloadSpec.Kind.allCases.count]
        var planned = loadPlan(of: kind, computation).request(at: index)
        planned.idempotencyKey = "verify-" + planned.idempotencyKey
        return VerificationRequest(
            planned: planned, computation: computation, requestID: "verify-\(Hex.string(seed))-\(index)")
    }

    /// A load with only this kind of request; one request of it is used.
    private func loadPlan(of kind: RequestKind, _ computation: WorkloadSpec.Kind) -> LoadPlan {
        do {
            return try LoadPlan(
                seed: seed ^ Self.salt, rate: 1, limit: .requests(count), mix: .only(kind),
                computations: .only(computation))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    package var requests: [VerificationRequest] { (0..<count).map { request(at: $0) } }
}

/// One request of a verification.
package struct VerificationRequest: Sendable, Equatable {
    /// Its span id is that of verification's own span: the parent of the gateway's span.
    package var planned: PlannedRequest
    package var computation: WorkloadSpec.Kind
    /// Sent as `x-request-id`, to identify the lines of this request.
    package var requestID: String

    package var kind: RequestKind { planned.kind }
    package var traceID: String { planned.traceID }
    package var parentSpanID: String { planned.spanID }
}
