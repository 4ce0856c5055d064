import Configuration
import Encoding
import FaultControl
import FileSystem
import Incidents
import Rendering
import Supervision
import Synchronization
import Terminal
import Vocabulary
import Workload

/// What a command shows and reads while it plays an incident.
struct CommandPlay: Sendable {
    let play: IncidentPlay
    let tools: Tools
    let loop: LoopTools

    // MARK: Own stage

    func own() async throws -> IncidentPlay.Outcome {
        let folder = play.folder
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
            environment: IncidentOwnStage.environment(tools.environment, rules: play.rules, isHidden: play.isHidden),
            own: play.incident.environment)
        let stage = IncidentOwnStage(session: session, client: loop.client, restartable: play.incident.restart)
        let work = Task(executorPreference: loop.eventLoop) {
            try await session.start(deadline: .seconds(30))
            let roots = RootSpans.own(.incident, to: layout.otlpURL, tools, loop.eventLoop)
            return try await withProgress { try await play.run(on: stage, loop.client, roots, progress: $0) }
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
        return try play.finish(
            try result.get(), on: stage, .own, lines: stage.ledgerLines(),
            IncidentPlay.Stores(loki: layout.lokiURL, tempo: layout.tempoURL), end: WallClock.system.now())
    }

    // MARK: Attached stage

    /// - Parameters:
    ///   - roots: sends the spans of the requests; `nil` for none.
    ///   - number: the number of this run of its seed; `nil` for the first that the environment has not seen.
    func attached(
        to urls: [ServiceRole: String], _ stores: IncidentPlay.Stores, roots: RootSpans?, number: Int?
    ) async throws -> IncidentPlay.Outcome {
        let attached = AttachedPlay(
            play, urls: urls, adminToken: Environment(tools.environment).string(FaultControl.tokenVariable), stores,
            client: loop.client, eventLoop: loop.eventLoop, warn: { tools.fail($0) })
        return try await withProgress { progress in
            try await attached.run(roots: roots, number: number, progress: progress)
        }
    }

    // MARK: Progress

    private func withProgress<T: Sendable>(
        _ body: (@escaping @Sendable (IncidentRun.Progress) -> Void) async throws -> T
    ) async throws -> T {
        let progress = Progress(play.incident.name, on: tools.err)
        defer { progress.finish() }
        return try await body { state in
            progress.update(
                Int(state.time / .seconds(1)), of: Int((state.total / .seconds(1)).rounded(.up)), note: note(state))
        }
    }

    private func note(_ state: IncidentRun.Progress) -> String {
        if state.isQuieting { return "waiting until all tasks are done" }
        var parts: [String] = []
        if !play.isHidden, !state.inForce.isEmpty { parts.append("in force: " + state.inForce.joined(separator: ", ")) }
        parts.append("\(state.failures) not as planned")
        return parts.joined(separator: "; ")
    }
}
