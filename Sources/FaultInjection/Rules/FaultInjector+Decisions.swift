import Contracts
import OTel
import Tracing

/// What requests are hit by.
extension FaultInjector {
    /// What the rules make of a request; `nil` if nothing.
    /// - Parameters:
    ///   - value: what the request says under one of ``FaultMatch/keys``.
    ///   - span: the span of the whole request.
    package func faults(
        operation: String, requestID: String, context: ServiceContext, span: any Span, value: (String) -> String?
    ) -> RequestFaults? {
        let baggage = context.baggage
        var request = RequestFaults.Request(
            operation: operation, traceID: context.spanContext?.traceID, requestID: requestID)
        var brought: [FaultRule] = []
        var offset: Duration?
        var isAlone = false
        if configuration.acceptsFromRequests, let baggage {
            request.replayOf = baggage[BaggageName.replayOf].flatMap { TraceID($0) }
            offset = Self.offset(baggage)
            brought = self.brought(baggage)
            isAlone = baggage[BaggageName.alone] == "1"
        }
        if request.replayOf == nil, configuration.acceptsFromRequests || configuration.service != .gateway {
            request.replayOf = baggage?[BaggageName.cutFrom].flatMap { TraceID($0) }
        }
        // A rule that is brought stands for the one of its id: nothing is to happen twice.
        let entries = isAlone ? [] : entries.filter { entry in !brought.contains { $0.id == entry.rule.id } }
        guard !(entries.isEmpty && brought.isEmpty) else { return nil }
        let now = now()
        var hits: [FaultHit] = []
        func consider(_ rule: FaultRule, after elapsed: Duration, isBrought: Bool = false) {
            guard rule.kind.scope == .request, rule.concerns(configuration.service),
                rule.operation == nil || rule.operation == operation, rule.isInForce(after: offset ?? elapsed),
                rule.matches.allSatisfy({ $0.holds(for: Self.value($0.key, baggage, value)) })
            else { return }
            let decision = self.decision(rule, request)
            if decision.isHit(rate: rule.rate) {
                hits.append(FaultHit(rule: rule, decision: decision, isBrought: isBrought))
            }
        }
        for entry in entries { consider(entry.rule, after: entry.since.duration(to: now)) }
        for rule in brought { consider(rule, after: rule.from, isBrought: true) }
        return hits.isEmpty ? nil : RequestFaults(request: request, hits: hits, injector: self, span: span)
    }

    /// The place in a scenario that a request names, if it is taken from requests.
    package func offset(_ baggage: Baggage?) -> Duration? {
        configuration.acceptsFromRequests ? baggage.flatMap(Self.offset) : nil
    }

    private static func offset(_ baggage: Baggage) -> Duration? {
        baggage[BaggageName.offset].flatMap { Int64($0) }.map { .milliseconds($0) }
    }

    /// The moment by the clock that `from` and `for` are counted with.
    package var instant: ContinuousClock.Instant { now() }

    package func decision(_ rule: FaultRule, _ request: RequestFaults.Request) -> FaultDecision {
        let seed = rule.seed ?? seed
        if let traceID = request.replayOf ?? request.traceID {
            return FaultDecision(seed: seed, ruleID: rule.id, traceID: traceID)
        }
        return FaultDecision(seed: seed, ruleID: rule.id, requestID: request.requestID)
    }

    private static func value(_ key: String, _ baggage: Baggage?, _ value: (String) -> String?) -> String? {
        if key.hasPrefix(FaultMatch.baggagePrefix) {
            return baggage?[String(key.dropFirst(FaultMatch.baggagePrefix.count))]
        }
        // Services further in do not see everything that the gateway was told.
        return value(key) ?? baggage?["tailspan." + key]
    }
}
