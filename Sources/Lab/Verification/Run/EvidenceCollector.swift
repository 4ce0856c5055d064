import Encoding
import Vocabulary
import Workload

/// Polls the stores until their data is complete or no longer changes.
struct EvidenceCollector: Sendable {
    let configuration: VerificationConfiguration
    let provisioned: Provisioned
    let tempo: TempoClient
    let loki: LokiClient
    let metrics: MetricsClient
    let clicks: ClickAsker
    let clock: LoadClock
    let wallClock: WallClock
    /// The deadline of the whole run, on `clock`.
    let end: Duration
    /// Whether the trace store accepted the requests' own spans.
    let hasRoots: Bool

    /// The evidence collected so far, and the rules' verdict on it.
    struct Collection: Sendable {
        var evidence: Evidence
        var indexed: IndexedEvidence
        var results: [RuleResult]
        /// How many requests have no complete trace yet.
        var openCount = 0
        /// Whether telemetry was still arriving when the deadline passed.
        var isCutShort = false

        /// Whether no violation is left that waiting could resolve: wrong data source links stay wrong.
        var isClean: Bool {
            results.allSatisfy { $0.findings.violations.isEmpty || LinkRules.ofProvisioning.contains($0.rule.number) }
        }
        /// Whether telemetry arrives at all; if nothing is sampled, the lines say that no spans will come.
        var hasAnything: Bool { indexed.spanCount > 0 || indexed.standings.contains(.notSampled) }
        /// Changes whenever more telemetry of our requests has arrived.
        var fingerprint: [Int] { [indexed.spanCount, indexed.requestScopedLineCount] }
    }

    /// - Parameters:
    ///   - start: when the first request was sent, nanoseconds since the Unix epoch.
    ///   - progress: called with the number of complete traces.
    /// - Throws: ``BackendError`` if a store still cannot be queried at the end.
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
                // Read before the traces: spans that were exported by then are in the traces read next.
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
                // A store that fails now and then is asked again, as long as there is time.
                if clock.now() >= end { throw error }
            }
            if clock.now() >= end, var collection = last {
                // Everything expected has just arrived; one more look shows whether anything else follows.
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

    /// Polling every trace costs a trace store more than the requests cost the services. So it is not queried until the
    /// services report that they have exported everything, or until some time has passed if they do not.
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
        // Clocks may differ slightly, and lines have whole milliseconds.
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
    /// Once everything has arrived, sends the log store the queries that Grafana would send for spans, and judges
    /// again.
    private func followLinks(_ collection: Collection) async throws -> Collection {
        guard case .known(var links) = collection.evidence.provisioned else { return collection }
        let asker = clicks
        let clicks = try await asker.ask(links, collection.evidence)
        // If Grafana's route to a store does not work, which a rule reports, the store is queried directly.
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

    /// The lines in `range`. If spans show that a service's clock differs, also the lines of our requests at that time.
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

/// The traces so far. Complete traces are not queried again.
struct TraceCollection {
    private let sent: [SentRequest]
    private let hasRoots: Bool
    /// Without the requests' own spans.
    private(set) var found: [String: TraceData] = [:]
    /// The requests' own spans, by trace id.
    private(set) var roots: [String: SpanRecord] = [:]
    private var complete: Set<String> = []

    init(_ sent: [SentRequest], hasRoots: Bool = false) {
        self.sent = sent
        self.hasRoots = hasRoots
    }

    var completeCount: Int { complete.count }
    var isComplete: Bool { complete.count == sent.count }

    /// - Parameter isDrained: whether no service has spans left to export. If so, a trace with all its expected spans
    ///   is complete; if not, it must also be no longer than at the last look.
    mutating func refresh(from tempo: TempoClient, isDrained: Bool) async throws {
        let open = sent.filter { !complete.contains($0.traceID) }
        // Each query makes the store search all its blocks: more at once only wait for each other, and time out.
        let answers = try await concurrently(open, limit: 4) { try await tempo.trace(id: $0.traceID) }
        for (request, answer) in zip(open, answers) {
            guard let trace = answer.flatMap({ withoutRoot($0, request) }) else {
                // A request that may never have arrived need not have a trace.
                if case .noAnswer = request.outcome, isDrained { complete.insert(request.traceID) }
                continue
            }
            let isUnchanged = found[request.traceID]?.spans.count == trace.spans.count
            // Unplanned outcomes have no expected spans: here the spans must only fit together.
            let isWhole =
                request.outcome == .asPlanned
                ? EdgeMatch(request.expected, in: trace).gaps.isEmpty : TraceGaps(trace, lines: nil).isComplete
            let isRooted = !hasRoots || roots[request.traceID] != nil
            found[request.traceID] = trace
            if isWhole, isRooted, isDrained || isUnchanged { complete.insert(request.traceID) }
        }
    }

    /// The trace without the caller's span: the rules judge the services' spans. `nil` if nothing is left of it.
    private mutating func withoutRoot(_ trace: TraceData, _ request: SentRequest) -> TraceData? {
        let id = request.request.parentSpanID
        var trace = trace
        // No service creates a span with the id that the request names as its parent.
        guard let root = trace.spans.first(where: { $0.spanID.lowercased() == id && $0.parentSpanID == nil }) else {
            return trace
        }
        roots[request.traceID] = root
        trace.spans.removeAll { $0 == root }
        return trace.spans.isEmpty ? nil : trace
    }
}
