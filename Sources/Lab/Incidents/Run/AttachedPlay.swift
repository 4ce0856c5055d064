import Encoding
import EventLoop
import FileSystem
import HTTP
import Verification
import Vocabulary
import Workload

/// Plays an incident against services that already run.
package struct AttachedPlay: Sendable {
    private var play: IncidentPlay
    private let stage: IncidentAttachedStage
    private let stores: IncidentPlay.Stores
    private let client: HTTPClient
    private let eventLoop: EventLoop
    private let warn: @Sendable (String) -> Void

    /// - Parameters:
    ///   - urls: the services' base URLs, without trailing slashes.
    ///   - adminToken: `ADMIN_TOKEN` of the services; not needed for those on this machine.
    ///   - warn: receives one sentence for each thing that did not go as it should, though the run goes on.
    package init(
        _ play: IncidentPlay, urls: [ServiceRole: String], adminToken: String?,
        _ stores: IncidentPlay.Stores, client: HTTPClient, eventLoop: EventLoop,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.play = play
        stage = IncidentAttachedStage(urls: urls, token: adminToken, client: client)
        self.stores = stores
        self.client = client
        self.eventLoop = eventLoop
        self.warn = warn
    }

    /// - Parameters:
    ///   - roots: sends the spans of the requests, and is finished with the run, even one that fails before its first
    ///     request; `nil` for none.
    ///   - number: the number of this run of its seed; `nil` for the first that the environment has not seen.
    package func run(
        roots: RootSpans?, number: Int?, progress: @escaping @Sendable (IncidentRun.Progress) -> Void
    ) async throws -> IncidentPlay.Outcome {
        do {
            var attached = self
            attached.play.options.number = if let number { number } else { try await nextNumber() }
            return try await attached.run(roots, progress)
        } catch {
            _ = await roots?.finish()
            throw error
        }
    }

    /// The trace store knows which runs the environment has seen. If it cannot be asked, the last run's record is used.
    private func nextNumber() async throws -> Int {
        let seed = play.options.seed ?? play.incident.seed
        do {
            let tempo = TempoClient(baseURL: stores.tempo, tenant: stores.tenant, transport: client)
            return try await RunNumber.next(of: play.incident, seed: seed) { try await tempo.trace(id: $0) != nil }
        } catch let error as BackendError {
            let path = play.folder.record
            let last = Files.read(path).flatMap { try? RunRecord(parsing: $0, file: path) }
            let number = if let last, last.seed == seed { min(last.number + 1, RunNumber.largest) } else { 1 }
            warn("\(error); this is taken for run \(number) of seed \(seed)")
            return number
        }
    }

    private func run(
        _ roots: RootSpans?, _ progress: @escaping @Sendable (IncidentRun.Progress) -> Void
    ) async throws -> IncidentPlay.Outcome {
        try Files.makeFolder(play.folder.path)
        let result: Result<(IncidentRun.Result, [LedgerLine]), any Error>
        do {
            try await stage.prepare(play.incident, rules: play.rules, isHidden: play.isHidden)
            let played = try await play.run(on: stage, client, roots, progress: progress)
            try await waitUntilExported()
            result = .success((played, try await stage.ledgerLines()))
        } catch {
            result = .failure(error)
        }
        // In a task of its own: cancelling the run must not cancel these requests.
        let left = await Task(executorPreference: eventLoop) { await stage.cleanUp() }.value
        for rule in left { warn("a rule is still set: \(rule)") }
        let (played, lines) = try result.get()
        return try play.finish(played, on: stage, .attached, lines: lines, stores, end: WallClock.system.now())
    }

    /// Spans wait a while before they are exported. A service too busy to report how many are waiting is asked again.
    private func waitUntilExported() async throws {
        let metrics = MetricsClient(urls: stage.urls, transport: client)
        let start = ContinuousClock.now
        var trouble: BackendError?
        repeat {
            do {
                if try await metrics.read().isDrained { return }
                trouble = nil
            } catch let error as BackendError {
                trouble = error
            }
            try await eventLoop.sleep(for: .milliseconds(200))
        } while start.duration(to: .now) < .seconds(15)
        if let trouble { throw trouble }
    }
}
