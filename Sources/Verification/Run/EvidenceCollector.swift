import Contracts
import Encoding
import Workload

/// Asks the stores again and again until what they have is complete, or does not change any more.
struct EvidenceCollector: Sendable {
    let configuration: VerificationConfiguration
    let tempo: TempoClient
    let loki: LokiClient
    let metrics: MetricsClient
    let clock: LoadClock
    let wallClock: WallClock
    /// When the whole run must be over, by `clock`.
    let end: Duration

    /// What has been collected, and the rules' verdict on it.
    struct Collection: Sendable {
        var evidence: Evidence
        var indexed: IndexedEvidence
        var results: [RuleResult]
        /// Whether telemetry was still arriving when the deadline passed.
        var isCutShort = false

        var isClean: Bool { results.allSatisfy { $0.findings.violations.isEmpty } }
        /// Changes whenever something more has arrived.
        var fingerprint: [Int] {
            [indexed.spanCount, evidence.lines.count]
                + evidence.counts.sorted { $0.key < $1.key }.map { $0.value.spansExported ?? -1 }
        }
    }

    /// - Parameters:
    ///   - start: when the first request was sent, nanoseconds since the Unix epoch.
    ///   - progress: called with the number of traces that are complete.
    /// - Throws: ``BackendError`` if a store cannot be asked up to the end.
    func collect(
        _ sent: [SentRequest], polls: Int, before: [String: ServiceCounters], from start: UInt64,
        progress: @Sendable (Int) -> Void
    ) async throws -> Collection {
        var traces = TraceCollection(sent)
        var last: Collection?
        var lastChange = clock.now()
        var isRechecked = false
        while true {
            do {
                try await traces.refresh(from: tempo)
                progress(traces.completeCount)
                let collection = try await look(sent, traces.found, polls, before, start)
                let isUnchanged = collection.fingerprint == last?.fingerprint
                if !isUnchanged { lastChange = clock.now() }
                last = collection
                if isUnchanged, collection.isClean {
                    // A span that was stored twice may have come after its trace was complete.
                    if isRechecked { return collection }
                    isRechecked = true
                    traces.forgetCompleteness()
                    continue
                }
                isRechecked = false
                if clock.now() - lastChange >= configuration.settle, collection.indexed.spanCount > 0 {
                    return collection
                }
            } catch let error as BackendError where clock.now() >= end {
                // Before that, a store that hiccups is asked again.
                throw error
            } catch is BackendError {
                isRechecked = false
            }
            if clock.now() >= end, var collection = last {
                collection.isCutShort = clock.now() - lastChange < configuration.settle
                return collection
            }
            try await clock.sleepUntil(min(clock.now() + .milliseconds(500), end))
        }
    }

    private func look(
        _ sent: [SentRequest], _ traces: [String: TraceData], _ polls: Int, _ before: [String: ServiceCounters],
        _ start: UInt64
    ) async throws -> Collection {
        // Clocks may disagree a little, and lines have whole milliseconds.
        let margin: UInt64 = 2_000_000_000
        let lines = try await loki.lines(LokiClient.allServices, in: (start - margin)..<(wallClock.now() + margin))
        let after = try await metrics.read()
        var counts: [String: CountDelta] = [:]
        for (service, counters) in after { counts[service] = before[service].map { counters.delta(since: $0) } }
        let evidence = Evidence(
            requests: sent, traces: traces, lines: lines, counts: counts, polls: polls,
            tolerance: configuration.tolerance, toleratesFailures: configuration.toleratesFailures)
        let indexed = IndexedEvidence(evidence)
        return Collection(evidence: evidence, indexed: indexed, results: LinkRules.check(indexed))
    }
}

/// The traces so far. One that has all its expected spans, and no more than at the last look, is not asked for again.
struct TraceCollection {
    private let sent: [SentRequest]
    private(set) var found: [String: TraceData] = [:]
    private var complete: Set<String> = []

    init(_ sent: [SentRequest]) { self.sent = sent }

    var completeCount: Int { complete.count }

    mutating func forgetCompleteness() { complete = [] }

    mutating func refresh(from tempo: TempoClient) async throws {
        let open = sent.filter { !complete.contains($0.traceID) }
        let answers = try await concurrently(open, limit: 16) { try await tempo.trace(id: $0.traceID) }
        for (request, trace) in zip(open, answers) {
            guard let trace else { continue }
            let isUnchanged = found[request.traceID]?.spans.count == trace.spans.count
            let isWhole = request.outcome != .asPlanned || EdgeMatch(request.expected, in: trace).gaps.isEmpty
            found[request.traceID] = trace
            if isUnchanged, isWhole { complete.insert(request.traceID) }
        }
    }
}
