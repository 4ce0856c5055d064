import Configuration
import Encoding
import EventLoop
import FaultControl
import FaultRules
import FileSystem
import Incidents
import Rendering
import Supervision
import Synchronization
import Terminal
import Verification
import Vocabulary
import Workload

/// Plays an incident on one of the two stages, and records the results.
struct IncidentPlay: Sendable {
    let incident: Incident
    let folder: IncidentRunFolder
    var options: IncidentRun.Options
    let isHidden: Bool
    let tools: Tools
    let loop: LoopTools

    /// A run and where it is stored.
    struct Outcome: Sendable {
        var record: RunRecord
        var report: RunReport
        var folder: IncidentRunFolder
    }

    /// Where the run's lines and spans are.
    struct Stores: Sendable {
        var loki: String
        var tempo: String
        /// Their tenant, where the stores keep several tenants apart.
        var tenant: Tenant?
    }

    private var rules: [FaultRule] { options.withFaults ? incident.requestRules(seed: options.seed) : [] }

    // MARK: Own stage

    func own() async throws -> Outcome {
        let lock: FolderLock
        do { lock = try FolderLock([folder.path, folder.data, folder.logs]) } catch let taken as FolderLock.Taken {
            throw IncidentError("\(taken): the last run's data would be emptied under it; end it first")
        }
        defer { withExtendedLifetime(lock) {} }
        for path in [folder.data, folder.logs] { try Files.empty(path, except: [FolderLock.fileName]) }
        try Files.empty(folder.path, except: [FolderLock.fileName, "data", "logs"])
        var ports = StackLayout(stack: .pocket, logFolder: folder.logs, dataFolder: folder.data)
        ports.use(try Ports.free(StackLayout.portCount))
        let layout = ports
        let (deaths, die) = AsyncStream<(String, ProcessExit)>.makeStream()
        let report = StackReport(tools.err, mode: .silent)
        let supervisor = ProcessSupervisor(eventLoop: loop.eventLoop, client: loop.client) { supervisor, event in
            guard case .died(let part, let death) = event else { return report.show(event, states: supervisor.states) }
            die.yield((part, death.exit))
        }
        let session = StackSession(
            layout: layout, supervisor: supervisor,
            environment: IncidentOwnStage.environment(tools.environment, rules: rules, isHidden: isHidden),
            own: incident.environment)
        let stage = IncidentOwnStage(session: session, client: loop.client, restartable: incident.restart)
        let work = Task(executorPreference: loop.eventLoop) {
            try await session.start(deadline: .seconds(30))
            return try await play(on: stage, RootSpans.own(.incident, to: layout.otlpURL, tools, loop.eventLoop))
        }
        let interruptions = Atomic(0)
        loop.interrupts.take { _ in
            if interruptions.add(1, ordering: .relaxed).newValue > 1 { session.supervisor.killAll() }
            work.cancel()
        }
        let trouble = Mutex<String?>(nil)
        let watcher = Task(executorPreference: loop.eventLoop) {
            for await (part, exit) in deaths {
                do {
                    if try await stage.revive(part) { continue }
                    trouble.withLock { $0 = $0 ?? "\(part) died with \(exit); its log is in \(folder.logs)" }
                } catch {
                    trouble.withLock { $0 = $0 ?? "\(part) died with \(exit) and could not be started again: \(error)" }
                }
                work.cancel()
            }
        }
        let result = await work.result
        watcher.cancel()
        await session.stop()
        if let reason = trouble.withLock({ $0 }) { throw IncidentError(reason) }
        // Everything that was in flight has been stored by now.
        return try finish(
            try result.get(), on: stage, .own, lines: stage.ledgerLines(),
            Stores(loki: layout.lokiURL, tempo: layout.tempoURL), end: WallClock.system.now())
    }

    // MARK: Attached stage

    /// - Parameters:
    ///   - roots: sends the spans of the requests; `nil` for none.
    ///   - number: the number of this run of its seed; `nil` for the first that the environment has not seen.
    func attached(
        to urls: [ServiceRole: String], _ stores: Stores, roots: RootSpans?, number: Int?
    ) async throws -> Outcome {
        var play = self
        play.options.number = if let number { number } else { try await nextNumber(stores) }
        return try await play.attached(to: urls, stores, roots: roots)
    }

    /// The trace store knows which runs the environment has seen. If it cannot be asked, the last run's record is used.
    private func nextNumber(_ stores: Stores) async throws -> Int {
        let seed = options.seed ?? incident.seed
        do {
            let client = TempoClient(baseURL: stores.tempo, tenant: stores.tenant, transport: loop.client)
            return try await RunNumber.next(of: incident, seed: seed) { try await client.trace(id: $0) != nil }
        } catch let error as BackendError {
            let last = Files.read(folder.record).flatMap { try? RunRecord(parsing: $0, file: folder.record) }
            let number = if let last, last.seed == seed { min(last.number + 1, RunNumber.largest) } else { 1 }
            tools.fail("\(error); this is taken for run \(number) of seed \(seed)")
            return number
        }
    }

    private func attached(
        to urls: [ServiceRole: String], _ stores: Stores, roots: RootSpans?
    ) async throws -> Outcome {
        try Files.makeFolder(folder.path)
        let token = Environment(tools.environment).string(FaultControl.tokenVariable)
        let stage = IncidentAttachedStage(urls: urls, token: token, client: loop.client)
        let result: Result<(IncidentRun.Result, [LedgerLine]), any Error>
        do {
            try await stage.prepare(incident, rules: rules, isHidden: isHidden)
            let played = try await play(on: stage, roots)
            try await waitUntilExported(urls)
            result = .success((played, try await stage.ledgerLines()))
        } catch {
            result = .failure(error)
        }
        // In a task of its own: cancelling the run must not cancel these requests.
        let left = await Task(executorPreference: loop.eventLoop) { await stage.cleanUp() }.value
        for rule in left { tools.fail("a rule is still set: \(rule)") }
        let (played, lines) = try result.get()
        return try finish(
            played, on: stage, .attached, lines: lines, stores, end: WallClock.system.now())
    }

    /// Spans wait a while before they are exported. A service too busy to report how many are waiting is asked again.
    private func waitUntilExported(_ urls: [ServiceRole: String]) async throws {
        let metrics = MetricsClient(urls: urls, transport: loop.client)
        let start = ContinuousClock.now
        var trouble: BackendError?
        repeat {
            do {
                if try await metrics.read().isDrained { return }
                trouble = nil
            } catch let error as BackendError {
                trouble = error
            }
            try await loop.eventLoop.sleep(for: .milliseconds(200))
        } while start.duration(to: .now) < .seconds(15)
        if let trouble { throw trouble }
    }

    // MARK: Common

    private func play(on stage: any IncidentStage, _ roots: RootSpans?) async throws -> IncidentRun.Result {
        let progress = Progress(incident.name, on: tools.err)
        defer { progress.finish() }
        let run = IncidentRun(
            incident, options: options, stage: stage, transport: roots?.recording(loop.client) ?? loop.client,
            clock: .monotonic(loop.eventLoop))
        let played: Result<IncidentRun.Result, any Error>
        do {
            played = .success(
                try await run.run { state in
                    progress.update(
                        Int(state.time / .seconds(1)), of: Int((state.total / .seconds(1)).rounded(.up)),
                        note: note(state))
                })
        } catch {
            played = .failure(error)
        }
        let counts = await roots?.finish()
        var result = try played.get()
        result.load.spans = counts
        return result
    }

    private func note(_ state: IncidentRun.Progress) -> String {
        if state.isQuieting { return "waiting until all tasks are done" }
        var parts: [String] = []
        if !isHidden, !state.inForce.isEmpty { parts.append("in force: " + state.inForce.joined(separator: ", ")) }
        parts.append("\(state.failures) not as planned")
        return parts.joined(separator: "; ")
    }

    private func finish(
        _ result: IncidentRun.Result, on stage: any IncidentStage, _ mode: RunRecord.Mode, lines: [LedgerLine],
        _ stores: Stores, end: UInt64
    ) throws -> Outcome {
        let ledger = ReducedLedger(lines, traces: Set(result.outcomes.map(\.request.traceID)))
        let isOwn = mode == .own
        var record = RunRecord(
            incident: incident.name, mode: mode, window: result.startedAt..<end, seed: options.seed ?? incident.seed,
            number: options.number, speed: options.speed, withFaults: options.withFaults, isHidden: isHidden,
            loki: stores.loki, tempo: stores.tempo,
            urls: stage.urls, dataFolder: isOwn ? folder.data : nil, logFolder: isOwn ? folder.logs : nil,
            metrics: result.metrics)
        record.tenant = stores.tenant
        let report = RunReport(
            result: result, ledger: ledger, restarts: stage.restarts, number: options.number, isHidden: isHidden)
        try Files.write(ledger.text, to: folder.ledger)
        try Files.write(report.requestsText, to: folder.requests)
        try Files.write(record.text(report), to: folder.record)
        return Outcome(record: record, report: report, folder: folder)
    }
}
