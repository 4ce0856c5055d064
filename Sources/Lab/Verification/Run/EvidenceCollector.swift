import Encoding
import Vocabulary
import Workload

/// Asks the stores again and again until what they have is complete, or does not change any more.
struct EvidenceCollector: Sendable {
    let configuration: VerificationConfiguration
    let provisioned: Provisioned
    let tempo: TempoClient
    let loki: LokiClient
    let metrics: MetricsClient
    let clicks: ClickAsker
    let clock: LoadClock
    let wallClock: WallClock
    /// When the whole run must be over, by `clock`.
    let end: Duration
    /// Whether the trace store has taken the spans that the requests were sent from.
    let hasRoots: Bool

    /// What has been collected, and the rules' verdict on it.
    struct Collection: Sendable {
        var evidence: Evidence
        var indexed: IndexedEvidence
        var results: [RuleResult]
        /// How many requests have no whole trace yet.
        var openCount = 0
        /// Whether telemetry was still arriving when the deadline passed.
        var isCutShort = false

        /// Whether no violation is left that could go by waiting: what the data sources' links get wrong stays wrong.
        var isClean: Bool {
            results.allSatisfy { $0.findings.violations.isEmpty || LinkRules.ofProvisioning.contains($0.rule.number) }
        }
        /// Whether telemetry arrives at all; where nothing is sampled, lines say that no spans will come.
        var hasAnything: Bool { indexed.spanCount > 0 || indexed.standings.contains(.notSampled) }
        /// Changes whenever something more of ours has arrived.
        var fingerprint: [Int] { [indexed.spanCount, indexed.requestScopedLineCount] }
    }

    /// - Parameters:
    ///   - start: when the first request was sent, nanoseconds since the Unix epoch.
    ///   - progress: called with the number of traces that are complete.
    /// - Throws: ``BackendError`` if a store cannot be asked up to the end.
    func collect(
        _ sent: [SentRequest], polls: Int, before: [String: ServiceCounters], from start: UInt64,
        progress: @Sendable (Int) -> Void
    ) async throws -> Collection {
        var traces = TraceCollection(sent, hasRoots: hasRoots)
        var last: Collection?
        var lastChange = clock.now()
        var hasHadLastLook = false
        try await waitUntilExported()
        while true {
            do {
                // Read first: spans that were exported by then are in the traces that are read next.
                let isDrained = try await metrics.read().isDrained
                try await traces.refresh(from: tempo, isDrained: isDrained)
                progress(traces.completeCount)
                var collection = try await look(sent, traces, polls, before, start)
                collection.openCount = sent.count - traces.completeCount
                let isUnchanged = collection.fingerprint == last?.fingerprint
                if !isUnchanged { lastChange = clock.now() }
                last = collection
                if isUnchanged, collection.isClean, traces.isComplete { return try await followLinks(collection) }
                if clock.now() - lastChange >= configuration.settle, collection.hasAnything {
                    return try await followLinks(collection)
                }
            } catch let error as BackendError {
                // A store that hiccups is asked again, as long as there is time.
                if clock.now() >= end { throw error }
            }
            if clock.now() >= end, var collection = last {
                // All that is expected is there, and came only now: one more look says whether that is all there is.
                if collection.isClean, collection.openCount == 0, !hasHadLastLook {
                    hasHadLastLook = true
                    continue
                }
                collection.isCutShort = clock.now() - lastChange < configuration.settle
                return try await followLinks(collection)
            }
            try await clock.sleepUntil(min(clock.now() + .milliseconds(500), end))
        }
    }

    /// Asking for every trace again and again costs a trace store more than the requests cost the services, so it is not
    /// asked before the services say that they have sent everything; or after a while, if they do not say so.
    private func waitUntilExported() async throws {
        let patience = min(clock.now() + configuration.settle, end)
        while clock.now() < patience {
            // A service that does not answer now is asked again below, where errors count.
            if let counters = try? await metrics.read(), counters.isDrained { return }
            try await clock.sleepUntil(min(clock.now() + .milliseconds(200), patience))
        }
    }

    private func look(
        _ sent: [SentRequest], _ traces: TraceCollection, _ polls: Int, _ before: [String: ServiceCounters],
        _ start: UInt64
    ) async throws -> Collection {
        // Clocks may disagree a little, and lines have whole milliseconds.
        let margin: UInt64 = 2_000_000_000
        let lines = try await lines(of: sent, traces.found, in: (start - margin)..<(wallClock.now() + margin), margin)
        let after = try await metrics.read()
        var counts: [String: CountDelta] = [:]
        for (service, counters) in after { counts[service] = before[service].map { counters.delta(since: $0) } }
        let evidence = Evidence(
            requests: sent, traces: traces.found, roots: hasRoots ? traces.roots : nil, lines: lines, counts: counts,
            polls: polls,
            tolerance: configuration.tolerance, toleratesFailures: configuration.toleratesFailures,
            provisioned: provisioned)
        let indexed = IndexedEvidence(evidence)
        return Collection(evidence: evidence, indexed: indexed, results: LinkRules.check(indexed))
    }
}

extension EvidenceCollector {
    /// Asks the log store, once all is there, what Grafana would ask it for spans, and judges again.
    private func followLinks(_ collection: Collection) async throws -> Collection {
        guard case .known(var links) = collection.evidence.provisioned else { return collection }
        let asker = clicks
        let clicks = try await asker.ask(links, collection.evidence)
        // Where Grafana's way does not lead to a store, which a rule tells, the store is asked all the same.
        let logs = SpanLogsAsker { [loki] source in
            guard clicks.reach[source.uid] == .answers,
                let endpoint = asker.endpoint(of: source, timeout: .seconds(30))
            else { return loki }
            return LokiClient(endpoint: endpoint)
        }
        links.answers = try await logs.ask(links.dataSources, collection.evidence)
        links.clicks = clicks
        var followed = collection
        followed.evidence.provisioned = .known(links)
        followed.indexed = IndexedEvidence(followed.evidence)
        followed.results = LinkRules.check(followed.indexed)
        return followed
    }

    /// The lines of `range`; where a service's clock was elsewhere, as spans show, also ours of that time.
    private func lines(
        of sent: [SentRequest], _ traces: [String: TraceData], in range: Range<UInt64>, _ margin: UInt64
    ) async throws -> [LogRecord] {
        let spans = traces.values.flatMap(\.spans)
        let first = spans.map(\.startNS).min().map { $0 - min(margin, $0) } ?? range.lowerBound
        let last = spans.map(\.endNS).max().map { $0.saturatingSum(margin) } ?? range.upperBound
        let wide = min(first, range.lowerBound)..<max(last, range.upperBound)
        let lines = try await loki.lines(LogStreams.ours, in: wide)
        guard wide != range else { return lines }
        let traceIDs = Set(sent.map(\.traceID))
        let requestIDs = Set(sent.map(\.request.requestID))
        return lines.filter { line in
            range.contains(line.timestampNS) || line.traceID.map { traceIDs.contains($0.lowercased()) } ?? false
                || line.requestID.map { requestIDs.contains($0) } ?? false
        }
    }
}

/// The traces so far. One that is complete is not asked for again.
struct TraceCollection {
    private let sent: [SentRequest]
    private let hasRoots: Bool
    /// Without the spans that the requests were sent from.
    private(set) var found: [String: TraceData] = [:]
    /// Those spans, by trace id.
    private(set) var roots: [String: SpanRecord] = [:]
    private var complete: Set<String> = []

    init(_ sent: [SentRequest], hasRoots: Bool = false) {
        self.sent = sent
        self.hasRoots = hasRoots
    }

    var completeCount: Int { complete.count }
    var isComplete: Bool { complete.count == sent.count }

    /// - Parameter isDrained: whether no service has spans left to send. If so, a trace with all its expected spans is
    ///   complete; if not, it must also be no longer than at the last look.
    mutating func refresh(from tempo: TempoClient, isDrained: Bool) async throws {
        let open = sent.filter { !complete.contains($0.traceID) }
        // Each makes the store look through every block that it has: more at once only wait for each other, and time out.
        let answers = try await concurrently(open, limit: 4) { try await tempo.trace(id: $0.traceID) }
        for (request, answer) in zip(open, answers) {
            guard let trace = answer.flatMap({ withoutRoot($0, request) }) else {
                // Nothing is all that can be expected of a request that may never have arrived.
                if case .noAnswer = request.outcome, isDrained { complete.insert(request.traceID) }
                continue
            }
            let isUnchanged = found[request.traceID]?.spans.count == trace.spans.count
            // What came out otherwise than planned has no plan: then what is there must fit together.
            let isWhole =
                request.outcome == .asPlanned
                ? EdgeMatch(request.expected, in: trace).gaps.isEmpty : TraceGaps(trace, lines: nil).isComplete
            let isRooted = !hasRoots || roots[request.traceID] != nil
            found[request.traceID] = trace
            if isWhole, isRooted, isDrained || isUnchanged { complete.insert(request.traceID) }
        }
    }

    /// The trace as the services left it: what is judged is theirs. `nil` if nothing is left of it.
    private mutating func withoutRoot(_ trace: TraceData, _ request: SentRequest) -> TraceData? {
        let id = request.request.parentSpanID
        var trace = trace
        // No service makes a span under the id that the request names as its parent.
        guard let root = trace.spans.first(where: { $0.spanID.lowercased() == id && $0.parentSpanID == nil }) else {
            return trace
        }
        roots[request.traceID] = root
        trace.spans.removeAll { $0 == root }
        return trace.spans.isEmpty ? nil : trace
    }
}
