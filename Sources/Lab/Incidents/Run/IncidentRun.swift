import Encoding
import FaultRules
import HTTP
import Verification
import Vocabulary
import Workload

/// Plays an incident: sends its load, acts on the services at the scheduled times, and waits until everything is quiet.
package struct IncidentRun: Sendable {
    package struct Options: Sendable {
        /// Speed relative to the scenario.
        package var speed = 1.0
        package var seed: UInt64?
        /// The number of this run of the seed in its environment, from 1.
        package var number = 1
        package var withFaults = true
        /// How long a request may take.
        package var timeout: Duration = .seconds(30)
        /// How long queued tasks may take after the last request.
        package var patience: Duration = .seconds(20)
        /// The gateway's bearer token, if it requires one.
        package var token: String?

        package init() {}
    }

    /// The progress of a run.
    package struct Progress: Sendable {
        /// In scenario time.
        package var time: Duration
        package var total: Duration
        /// The rules currently in force.
        package var inForce: [String]
        package var failures: Int
        /// What the run waits for, other than the load.
        package var isQuieting = false
    }

    /// The outcome of one request.
    package struct PlannedOutcome: Sendable {
        package var request: PlannedRequest
        /// In scenario time, in whole milliseconds, as sent with the request.
        package var at: Int64
        /// The status, or the `error.type`; `nil` if it was never sent.
        package var status: Int?
        package var error: String?
        package var isAsPlanned: Bool
    }

    package struct Result: Sendable {
        package var load: LoadReport
        /// In the plan's order.
        package var outcomes: [PlannedOutcome]
        package var metrics: MetricIncreases
        /// Tasks still unfinished at the end.
        package var unfinishedTasks: Int
        /// Whether payments found its books sound; `nil` if it could not be asked.
        package var isMoneySound: Bool?
        /// Nanoseconds since the Unix epoch: when the first request was sent.
        package var startedAt: UInt64
        /// When everything was quiet.
        package var endedAt: UInt64
    }

    private let incident: Incident
    private let options: Options
    private let stage: any IncidentStage
    private let transport: any HTTPTransport
    private let clock: LoadClock
    private let wallClock: WallClock

    package init(
        _ incident: Incident, options: Options, stage: any IncidentStage, transport: any HTTPTransport,
        clock: LoadClock, wallClock: WallClock = .system
    ) {
        self.incident = incident
        self.options = options
        self.stage = stage
        self.transport = transport
        self.clock = clock
        self.wallClock = wallClock
    }

    /// - Throws: the reason why an action on a service failed; `CancellationError`.
    package func run(progress: @escaping @Sendable (Progress) -> Void = { _ in }) async throws -> Result {
        let told = try incident.plan(seed: RunNumber.seed(options.seed ?? incident.seed, run: options.number))
        let plan = try LoadPlan(
            seed: told.seed, rate: told.rate * options.speed, limit: .requests(told.count),
            concurrency: concurrency(told), mix: told.mix, computations: told.computations)
        let actions = StageAction.all(of: incident, withFaults: options.withFaults)
        let scenario = ScenarioClock(
            base: clock, speed: options.speed, barriers: actions.map(\.time))
        let metrics = MetricRecorder()
        try await snapshot(into: metrics)
        let startedAt = wallClock.now()

        let record = RunningRecord(told)
        let runner = LoadRunner(
            plan: plan, clock: scenario.loadClock, largestDelay: .seconds(600), send: send(told, record))
        let load = try await withThrowingTaskGroup(of: LoadReport?.self) { group in
            group.addTask {
                for action in actions { try await perform(action, scenario, record, metrics) }
                return nil
            }
            group.addTask {
                await runner.run(
                    outcome: { record.add($0) },
                    progress: { progress(self.progress(scenario.scenarioTime, $0.report)) })
            }
            // A failed action on a service also ends the load: the group cancels what is left.
            return try await group.reduce(nil as LoadReport?) { $1 ?? $0 }
        }
        guard let load else { throw CancellationError() }
        try Task.checkCancellation()
        try record.expectFresh(run: options.number)
        progress(
            Progress(
                time: incident.load.duration, total: incident.load.duration, inForce: [],
                failures: load.unexpected + load.failed, isQuieting: true))
        let unfinished = try await waitForQueue(patience: options.patience)
        let isSound = await integrity()
        try await snapshot(into: metrics)
        for (role, count) in stage.restarts {
            let series = MetricIncreases.Series(
                service: role.rawValue, name: "tailspan_incident_restarts_total")
            metrics.change { $0.add(Double(count), to: series) }
        }
        return Result(
            load: load, outcomes: record.outcomes, metrics: metrics.value, unfinishedTasks: unfinished,
            isMoneySound: isSound, startedAt: startedAt, endedAt: wallClock.now())
    }

    /// Grows with the speed: requests come faster, but answers take as long as before.
    private func concurrency(_ plan: LoadPlan) -> Int {
        max(plan.concurrency, min(256, Int((Double(plan.concurrency) * options.speed).rounded(.up))))
    }

    private func progress(_ time: Duration, _ report: LoadReport) -> Progress {
        let inForce = incident.timeline.compactMap { entry -> String? in
            guard options.withFaults, case .rule(let rule) = entry.event, time >= entry.at,
                time < entry.end(within: incident.load.duration)
            else { return nil }
            return rule.id
        }
        return Progress(
            time: min(time, incident.load.duration), total: incident.load.duration, inForce: inForce,
            failures: report.unexpected + report.failed)
    }

    // MARK: Requests

    /// Each request carries its scenario time, so rules hit the same requests at every speed.
    private func send(_ told: LoadPlan, _ record: RunningRecord) -> LoadTransport {
        let url = stage.urls[.gateway] ?? ""
        return { [transport, options] request in
            var headers = request.headers
            headers[Header.baggage] = "\(FaultInjector.BaggageName.offset)=\(Self.offset(request.index, told))"
            if let token = options.token { headers[Header.authorization] = "Bearer " + token }
            record.sends(request.index)
            let response = try await transport.execute(
                HTTPClient.Request(
                    method: .post, url: url + request.uri, headers: headers, body: request.body,
                    urlTemplate: "/v1/tasks"),
                timeout: options.timeout)
            return LoadAnswer(status: response.status, traceID: response.headers[Header.traceID])
        }
    }

    static func offset(_ index: Int, _ told: LoadPlan) -> Int64 { Int64(told.dueTime(of: index) / .milliseconds(1)) }

    // MARK: Actions on the services

    private func perform(
        _ action: StageAction, _ scenario: ScenarioClock, _ record: RunningRecord, _ metrics: MetricRecorder
    ) async throws {
        try await scenario.sleepUntilScenario(action.time)
        scenario.hold()
        defer { scenario.resume(after: action.time) }
        // A sender that has fallen behind first sends what was due before.
        try await waitUntil(patience: options.timeout) { record.isSent(before: action.time) }
        if action.needsQuiet {
            try await waitUntil(patience: options.timeout + .seconds(10)) { record.isDone(before: action.time) }
            _ = try await waitForQueue(patience: options.patience)
        }
        switch action.kind {
        case .begin(let rule): try await stage.begin(rule)
        case .end(let rule): try await stage.end(rule)
        case .deploy(let service, let version):
            // The old process takes its counters with it.
            try await snapshot(of: service, into: metrics)
            try await stage.deploy(service, version: version)
            try await snapshot(of: service, into: metrics)
        }
    }

    private func waitUntil(patience: Duration, _ condition: () async throws -> Bool) async throws {
        let end = clock.now() + patience
        while try await !condition(), clock.now() < end {
            try await clock.sleepUntil(clock.now() + .milliseconds(20))
        }
    }

    // MARK: State of the services

    private func snapshot(into metrics: MetricRecorder) async throws {
        for role in ServiceRole.allCases { try await snapshot(of: role, into: metrics) }
    }

    private func snapshot(of role: ServiceRole, into metrics: MetricRecorder) async throws {
        let text = try await get("/metrics", of: role)
        metrics.change { $0.add(text, of: role.rawValue) }
    }

    /// Waits until no task is queued or running; returns how many are left.
    private func waitForQueue(patience: Duration) async throws -> Int {
        var left = 0
        try await waitUntil(patience: patience) {
            let samples = MetricsText.samples(try await get("/metrics", of: .tasks))
            left = Int(samples.first { $0.name == "tailspan_tasks_queue_depth" }?.value ?? 0)
            return left == 0
        }
        return left
    }

    /// A failed audit is answered with 500 and the same figures.
    private func integrity() async -> Bool? {
        let url = (stage.urls[.payments] ?? "") + "/v1/integrity"
        do {
            let response = try await transport.execute(HTTPClient.Request(url: url), timeout: .seconds(10))
            return try JSONValue(parsing: response.body)["sound"]?.bool
        } catch {
            // The report says that the books could not be audited.
            return nil
        }
    }

    /// Retries for 10 s: a service may just have been restarted.
    private func get(_ path: String, of role: ServiceRole) async throws -> String {
        let url = (stage.urls[role] ?? "") + path
        let end = clock.now() + .seconds(10)
        while true {
            let reason: String
            do {
                let response = try await transport.execute(HTTPClient.Request(url: url), timeout: .seconds(10))
                if response.status == .ok { return String(decoding: response.body, as: UTF8.self) }
                reason = "answered \(response.status.code)"
            } catch let error as HTTPClientError {
                reason = "\(error)"
            }
            guard clock.now() < end else { throw BackendError(backend: role.rawValue, url: url, reason: reason) }
            try await clock.sleepUntil(clock.now() + .milliseconds(200))
        }
    }
}
