import Encoding
import HTTP
import Synchronization
import Vocabulary
import Workload

/// One verification: sends requests with chosen ids, waits for their telemetry, and judges it.
package struct VerificationRun: Sendable {
    private let configuration: VerificationConfiguration
    private let transport: any HTTPTransport
    private let clock: LoadClock
    private let wallClock: WallClock
    private let roots: Roots?

    /// The requests' own spans, if they are sent to the trace store.
    package struct Roots: Sendable {
        /// Wraps a transport so that a span is recorded for each request.
        package var recording: @Sendable (any HTTPTransport) -> any HTTPTransport
        /// Sends the recorded spans; returns whether all were accepted.
        package var areDelivered: @Sendable () async -> Bool

        package init(
            recording: @escaping @Sendable (any HTTPTransport) -> any HTTPTransport,
            areDelivered: @escaping @Sendable () async -> Bool
        ) {
            self.recording = recording
            self.areDelivered = areDelivered
        }
    }

    /// - Parameter roots: `nil` if the requests' own spans are not sent.
    package init(
        _ configuration: VerificationConfiguration, transport: any HTTPTransport, clock: LoadClock,
        wallClock: WallClock = .system, roots: Roots? = nil
    ) {
        self.configuration = configuration
        self.transport = transport
        self.clock = clock
        self.wallClock = wallClock
        self.roots = roots
    }

    /// - Throws: ``VerificationError`` or ``BackendError`` if nothing could be verified; `CancellationError`.
    package func run(
        progress: @escaping @Sendable (VerificationProgress) -> Void = { _ in }
    ) async throws -> VerificationReport {
        let begin = clock.now()
        let tempo = TempoClient(
            baseURL: configuration.tempo, tenant: configuration.tenant, transport: transport)
        let loki = LokiClient(
            baseURL: configuration.loki, tenant: configuration.tenant, transport: transport)
        let metrics = MetricsClient(urls: configuration.services, transport: transport)
        let plan = VerificationPlan(seed: configuration.seed, count: configuration.requests)
        let requests = plan.requests

        let wait = TargetWait(configuration, transport: transport, clock: clock)
        try await wait.forGrafana(progress)
        // Errors in files are reported before any waiting.
        let provisioned = try await provisioned()
        try await wait.forAll(progress)
        progress(VerificationProgress(.preparing, 0, of: 1))
        let before = try await prepare(requests, tempo, loki, metrics)
        let start = wallClock.now()
        let sender = RequestSender(
            configuration, transport: roots?.recording(transport) ?? transport, clock: clock)
        var sent = try await step(.sending, requests, progress) { try await sender.send($0) }
        try checkSomeAnswer(sent)
        let end = clock.now() + configuration.deadline
        sent = try await step(.waitingForTasks, sent, progress) { try await sender.awaitTask(of: $0, until: end) }

        let collector = EvidenceCollector(
            configuration: configuration, provisioned: provisioned, tempo: tempo, loki: loki, metrics: metrics,
            clicks: ClickAsker(configuration, transport: transport, wallClock: wallClock), clock: clock,
            wallClock: wallClock, end: end, hasRoots: await roots?.areDelivered() ?? false)
        let collection = try await collector.collect(sent, polls: sender.polls, before: before, from: start) {
            progress(VerificationProgress(.collecting, $0, of: requests.count))
        }
        return VerificationReport(collection, configuration, startedAt: start, duration: clock.now() - begin)
    }

    /// Grafana's settings, read before anything is sent so that a wrong address or file is reported at once.
    private func provisioned() async throws -> Provisioned {
        switch configuration.provisioning {
        case .none(let reason): return .unknown(reason)
        case .folder(let path, let environment):
            return .known(
                ProvisionedLinks(
                    try ProvisioningFolder.dataSources(path, environment: environment), from: path,
                    alerts: try ProvisioningFolder.alerts(path, environment: environment),
                    dashboards: try ProvisioningFolder.dashboards(path, environment: environment)))
        case .grafana(let url, let credentials):
            let client = GrafanaClient(baseURL: url, credentials: credentials, transport: transport)
            return .known(
                ProvisionedLinks(
                    try await client.dataSources(), from: url, alerts: try await client.alerts(),
                    dashboards: try await client.dashboards()))
        }
    }

    /// Checks that everything answers and that the ids are new.
    private func prepare(
        _ requests: [VerificationRequest], _ tempo: TempoClient, _ loki: LokiClient, _ metrics: MetricsClient
    ) async throws -> [String: ServiceCounters] {
        let now = wallClock.now()
        _ = try await loki.lines(LogStreams.ours, in: (now - 1_000_000_000)..<now, limit: 1)
        if let first = requests.first, try await tempo.trace(id: first.traceID) != nil {
            throw VerificationError(
                "the trace store already has the traces of seed \(configuration.seed): choose another --seed")
        }
        return try await drained(metrics)
    }

    /// The counters once no earlier request's spans wait for export, or after some time as they are.
    private func drained(_ metrics: MetricsClient) async throws -> [String: ServiceCounters] {
        let patience = clock.now() + .seconds(6)
        while true {
            let counters = try await metrics.read()
            let doesSay = counters.values.allSatisfy { $0.spansWaiting != nil }
            guard doesSay, !counters.isDrained, clock.now() < patience else { return counters }
            try await clock.sleepUntil(clock.now() + .milliseconds(200))
        }
    }

    private func step<Item: Sendable>(
        _ phase: VerificationProgress.Phase, _ items: [Item],
        _ progress: @escaping @Sendable (VerificationProgress) -> Void,
        _ body: @escaping @Sendable (Item) async throws -> SentRequest
    ) async throws -> [SentRequest] {
        let counter = Numbering()
        progress(VerificationProgress(phase, 0, of: items.count))
        return try await concurrently(items, limit: configuration.concurrency) { item in
            let result = try await body(item)
            progress(VerificationProgress(phase, counter.increment(), of: items.count))
            return result
        }
    }

    /// Without a single answer there is nothing to judge.
    private func checkSomeAnswer(_ sent: [SentRequest]) throws {
        var reason = "it has not been asked"
        for request in sent {
            guard case .noAnswer(let why) = request.outcome else { return }
            reason = why
        }
        throw VerificationError("gateway at \(configuration.services[.gateway] ?? "?") answered no request: \(reason)")
    }
}

private final class Numbering: Sendable {
    private let count = Mutex(0)

    func increment() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
