import Arguments
import EventLoop
import FileSystem
import Glibc
import Incidents
import Rendering
import Supervision
import Terminal

struct IncidentCheckCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "check", abstract: "Checks that an incident's symptoms are to be seen",
        discussion: """
            Asks about the time of the last run: the stores that it wrote to, or a pocket stack that is started on the \
            data it left. Of a run with --hide it tells how many are seen, and which only with --answers. Exit codes: 0 all symptoms are seen, 1 not all are, 2 nothing could be checked.
            """,
        examples: [
            .init("tailspan incident check unsettled-tasks", ""),
            .init("tailspan incident check unsettled-tasks --junit check.xml", "For continuous integration."),
        ])

    /// The result is unknown.
    static let unchecked: Int32 = 2

    @Positional("NAME", help: "Which incident.") var name: String
    @ArgumentGroup var files: IncidentFileOptions
    @ArgumentGroup var runs: IncidentRunOptions
    @Option("loki", value: "URL", .url, help: "Asks this log store instead.") var loki: String?
    @Option("tempo", value: "URL", .url, help: "Asks this trace store instead.") var tempo: String?
    @ArgumentGroup var tenants: TenantOptions
    @Option(
        "wait", value: "TIME",
        help: "How long symptoms may take to show in stores that still run: they take what they are sent in batches.")
    var patience = Duration.seconds(20)
    @Flag("answers", help: "Names the symptoms of a run with --hide, too.") var answers
    @Flag("json", help: "Writes JSON.") var json
    @Option("junit", value: "FILE", .notEmpty, help: "Writes a JUnit report to a file.") var junit: String?
    @Flag("no-color", help: "Shows no colours.") var noColor

    func validate() throws(UsageError) { try files.expectReadable(name) }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        do {
            let incident = try files.library.incident(name)
            let folder = runs.folder(of: incident.name)
            let record = try folder.readRecord(of: incident.name)
            let results = try await results(incident, record, folder, tools, loop)
            let report = SymptomReport(
                incident: incident.name, results: results, isHidden: record.isHidden && !answers)
            if let junit { try Files.write(report.junit, to: junit) }
            if json {
                tools.out.json { report.write(to: &$0) }
            } else {
                tools.out.lines(report.lines(width: tools.out.isInteractive ? tools.out.width : nil))
            }
            guard report.couldBeMeasured else { return Self.unchecked }
            return report.isPassed ? ExitCode.success : ExitCode.failure
        } catch let error as CancellationError {
            throw error
        } catch {
            tools.fail("\(error)")
            return Self.unchecked
        }
    }

    private func results(
        _ incident: Incident, _ record: RunRecord, _ folder: IncidentRunFolder, _ tools: Tools, _ loop: LoopTools
    ) async throws -> [SymptomResult] {
        let isAsked = loki != nil || tempo != nil
        guard record.mode == .own, !isAsked else {
            let check = check(record, loki: loki ?? record.loki, tempo: tempo ?? record.tempo, loop)
            return try await results(check, incident, loop)
        }
        return try await withPocket(folder, tools, loop) { layout in
            // Everything is stored: what is missing now will not come.
            try await check(record, loki: layout.lokiURL, tempo: layout.tempoURL, loop).results(incident.symptoms)
        }
    }

    private func check(_ record: RunRecord, loki: String, tempo: String, _ loop: LoopTools) -> SymptomCheck {
        SymptomCheck(
            loki: loki, tempo: tempo, tenant: tenants.tenant(nil) ?? record.tenant, window: record.window,
            metrics: record.metrics, transport: loop.client)
    }

    /// Repeats the check until all symptoms are seen, or the patience ends.
    private func results(
        _ check: SymptomCheck, _ incident: Incident, _ loop: LoopTools
    ) async throws -> [SymptomResult] {
        let start = ContinuousClock.now
        while true {
            let results = try await check.results(incident.symptoms)
            if results.allSatisfy(\.isSeen) || start.duration(to: .now) >= patience { return results }
            try await loop.eventLoop.sleep(for: .seconds(1))
        }
    }

    /// Runs `body` with a pocket stack on the data of the run's own environment.
    private func withPocket(
        _ folder: IncidentRunFolder, _ tools: Tools, _ loop: LoopTools,
        _ body: (StackLayout) async throws -> [SymptomResult]
    ) async throws -> [SymptomResult] {
        guard Files.read(folder.data + "/pocket.sqlite") != nil else {
            throw IncidentError("the data of the last run is gone from \(folder.data): run it again")
        }
        let lock: FolderLock
        do { lock = try FolderLock([folder.data]) } catch let taken as FolderLock.Taken {
            throw IncidentError("\(taken): ask its stores with --loki and --tempo, or end it first")
        }
        defer { withExtendedLifetime(lock) {} }
        try Files.makeFolder(folder.empty)
        var layout = StackLayout(stack: .pocket, logFolder: folder.empty, dataFolder: folder.data)
        layout.use(try Ports.free(StackLayout.portCount))
        let supervisor = ProcessSupervisor(eventLoop: loop.eventLoop, client: loop.client) { _, _ in }
        var environment = IncidentOwnStage.environment(tools.environment, rules: [], isHidden: false)
        environment[ParentDeath.variable] = "\(getpid())"
        guard let pocket = layout.pocketPart("/proc/self/exe", environment) else { return [] }
        let results: Result<[SymptomResult], any Error>
        do {
            try supervisor.start(pocket)
            try await supervisor.waitUntilReady(deadline: .seconds(20))
            results = .success(try await body(layout))
        } catch {
            results = .failure(error)
        }
        await supervisor.stop(order: [])
        return try results.get()
    }
}
