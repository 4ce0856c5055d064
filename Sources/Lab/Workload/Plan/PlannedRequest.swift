import Contracts
import Encoding
import HTTP
import Vocabulary

/// One request of a plan: a pure function of the plan's seed, its mixes, and the request's index.
package struct PlannedRequest: Sendable, Equatable {
    package var index: Int
    package var kind: RequestKind
    /// 32 hex digits.
    package var traceID: String
    /// The load generator's own span, 16 hex digits: the parent of the gateway's span.
    package var spanID: String
    package var idempotencyKey: String
    package var body: [UInt8]

    /// Valid, and more than any guild has.
    static let unaffordable: Int64 = 9_000_000_000_000

    /// Path and query.
    package var uri: String { kind == .async ? "/v1/tasks?mode=async" : "/v1/tasks" }

    /// `traceparent` of W3C Trace Context: version 00, flags 03 (sampled, and Level 2's random trace id).
    package var traceParent: String { "00-\(traceID)-\(spanID)-03" }

    package var headers: HTTPFields {
        [
            Header.contentType: "application/json", Header.traceParent: traceParent,
            Header.idempotencyKey: idempotencyKey,
        ]
    }

    /// A request that is known, not drawn.
    package init(
        index: Int, kind: RequestKind, traceID: String, spanID: String, idempotencyKey: String, body: [UInt8]
    ) {
        self.index = index
        self.kind = kind
        self.traceID = traceID
        self.spanID = spanID
        self.idempotencyKey = idempotencyKey
        self.body = body
    }

    /// Draws the request with the number `index`. What is drawn, and in which order, must not change: recorded seeds
    /// would then stand for other requests.
    init(seed: UInt64, index: Int, mix: Mix<RequestKind>, computations: Mix<ComputationKind>) {
        var generator = SeededGenerator(seed: seed, stream: UInt64(index))
        self.index = index
        traceID = Hex.string(generator.nextNonZero()) + Hex.string(generator.nextNonZero())
        spanID = Hex.string(generator.nextNonZero())
        idempotencyKey = "load-" + Hex.string(generator.next())
        kind = mix.pick(&generator)
        let computation = computations.pick(&generator)
        let size = generator.next(in: computation.usualSizes)
        let guild = generator.next(in: 1...16)
        let amount = generator.next(in: 1...100)
        let lacksGuild = generator.next(below: 2) == 0

        var json = JSONWriter(capacity: 128)
        json.object { [kind] in
            switch kind {
            case .unknownGuild: $0.member("guild_id", "g-unknown")
            case .badBody where lacksGuild: break
            default: $0.member("guild_id", "g-\(guild)")
            }
            switch kind {
            case .poor: $0.member("amount", Self.unaffordable)
            case .badBody where !lacksGuild: $0.member("amount", -amount)
            default: $0.member("amount", amount)
            }
            $0.name("workload")
            WorkloadSpec(kind: computation, size: Int64(size)).write(to: &$0)
        }
        body = json.bytes
    }
}
