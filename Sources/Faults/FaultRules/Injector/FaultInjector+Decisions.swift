import TraceContext
import Tracing
import Vocabulary

/// Decides which rules hit a request.
extension FaultInjector {
    /// Returns the rules that hit a request; `nil` if there are none.
    /// - Parameters:
    ///   - value: returns the request's value for one of ``FaultMatch/keys``.
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
        // A rule that the request carries replaces the one with the same id, so that nothing happens twice.
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

    /// The scenario time that a request names, if requests may set it.
    package func offset(_ baggage: Baggage?) -> Duration? {
        configuration.acceptsFromRequests ? baggage.flatMap(Self.offset) : nil
    }

    private static func offset(_ baggage: Baggage) -> Duration? {
        baggage[BaggageName.offset].flatMap { Int64($0) }.map { .milliseconds($0) }
    }

    /// The current time of the clock that `from` and `for` are measured with.
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
        // Services downstream do not see everything that was sent to the gateway.
        return value(key) ?? baggage?["tailspan." + key]
    }
}
