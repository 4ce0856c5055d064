import Arguments
import Configuration
import FaultControl
import FaultRules
import FileSystem
import HTTP
import Rendering
import Supervision
import Synchronization
import Terminal
import Verification
import Vocabulary
import Workload

struct DemoCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "demo", abstract: "Starts everything, sends requests, verifies the links, shows a trace, and stops",
        discussion: """
            Needs no Docker. Everything runs as processes of this machine and keeps its files under .tailspan/demo, which \
            is emptied first. Where there is a folder grafana/provisioning, the links in it are verified, too.
            """,
        examples: [
            .init("tailspan demo", "The usual ports."),
            .init("tailspan demo --random-ports", "Beside something that uses them."),
        ],
        section: "Begin")

    static let folder = ".tailspan/demo"

    @Option("requests", short: "n", value: "N", .range(1...100_000), help: "How many requests the load has.")
    var requests = 200
    @Option("rate", short: "r", value: "R", .moreThan(0), help: "Requests a second.") var rate = 40.0
    @Option("seed", short: "s", value: "SEED", help: "Determines all requests.") var seed: UInt64 = 42
    @ArgumentGroup var ports: PortOptions
    @ArgumentGroup var faults: FaultOptions
    @Flag("no-color", help: "Shows no colours.") var noColor

    /// How many requests the verification sends: enough for each kind with each computation at least once.
    private static let verifiedRequests = 36

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        var layout = StackLayout(stack: .pocket, logFolder: Self.folder + "/logs", dataFolder: Self.folder + "/data")
        try ports.apply(to: &layout)
        let environment = faults.applied(to: tools.environment)
        let known: FaultConfiguration
        do { known = try FaultOptions.configuration(of: environment) } catch let error as ConfigurationError {
            tools.fail("\(error)")
            return ExitCode.usage
        }
        let report = StackReport(tools.err, mode: .silent)
        StackReport(tools.out, mode: .full)
            .showFaults(known.rules, seed: known.injector.seed, areHidden: known.injector.isHidden)
        let isFaulty = !known.rules.isEmpty
        let (deaths, die) = AsyncStream<String>.makeStream()
        let session = StackSession(
            layout: layout,
            supervisor: .reporting(to: report, loop) { part, death in
                report.showDeath(of: part, death, then: "the others are stopped")
                die.yield("\(part) died with \(death)")
            },
            environment: Self.hasty(environment))
        let lock: FolderLock
        do {
            lock = try FolderLock([Self.folder, layout.dataFolder, layout.logFolder])
        } catch let taken as FolderLock.Taken {
            tools.fail("\(taken)\nStop it: the demo empties its folder first.")
            return ExitCode.failure
        }
        defer { withExtendedLifetime(lock) {} }
        guard session.isUnobstructed(tools) else { return ExitCode.failure }
        for folder in [layout.dataFolder, layout.logFolder] {
            try Files.empty(folder, except: [FolderLock.fileName])
        }

        let work = Task(executorPreference: loop.eventLoop) { try await perform(session, isFaulty, tools, loop) }
        let interruptions = Atomic(0)
        loop.interrupts.take { _ in
            if interruptions.add(1, ordering: .relaxed).newValue > 1 { session.supervisor.killAll() }
            work.cancel()
        }
        let death = Mutex<String?>(nil)
        let watcher = Task(executorPreference: loop.eventLoop) {
            for await reason in deaths {
                death.withLock { $0 = $0 ?? reason }
                work.cancel()
            }
        }
        let result = await work.result
        await session.stop()
        watcher.cancel()
        if let reason = death.withLock({ $0 }) {
            tools.fail("\(reason); its log is in \(layout.logFolder)")
            return ExitCode.failure
        }
        let outcome = try result.get()
        tools.out.lines(outcome.closing(layout))
        return outcome.isGood ? ExitCode.success : ExitCode.failure
    }

    /// The result of a demo.
    private struct Outcome {
        var load: LoadReport
        var verification: VerificationReport
        var shownTrace: String?
        /// Whether requests were meant to fail.
        var isFaulty: Bool

        var isGood: Bool { (load.isClean || isFaulty) && verification.isPassed && shownTrace != nil }

        func closing(_ layout: StackLayout) -> [StyledText] {
            let style: Style = isGood ? .color(.green).bold : .color(.red).bold
            var lines: [StyledText] = [
                "",
                StyledText("load      ", .dim)
                    + StyledText("\(load.answered) of \(load.plan.count) requests answered")
                    + StyledText(", p50 \(load.latency.quantile(0.5).short), p99 \(load.latency.quantile(0.99).short)"),
                StyledText("links     ", .dim) + StyledText(verification.summary, style),
            ]
            if let shownTrace {
                lines.append(StyledText("trace     ", .dim) + StyledText("\(shownTrace) is shown above"))
            }
            let notable = [
                ("slowest", load.slowest ?? verification.slowest),
                ("failed", load.firstFailure ?? verification.firstFailure),
            ]
            for case (let name, let request?) in notable {
                lines.append(
                    StyledText(name, .dim).padded(to: 10)
                        + StyledText("\(request.command)  (\(request.duration.short), \(request.outcome))"))
            }
            if let complaint = load.spans?.complaint {
                lines.append(StyledText("spans     ", .dim) + StyledText(complaint, .color(.yellow)))
            }
            let again = "tailspan up --log-dir \(layout.logFolder) --data-dir \(layout.dataFolder)"
            lines.append(StyledText("go on with", .dim))
            lines += [again, "tailspan trace \(shownTrace ?? "ID")", "tailspan logs, tailspan load, tailspan verify"]
                .map { StyledText("  " + $0) }
            return lines
        }
    }

    private func perform(
        _ session: StackSession, _ isFaulty: Bool, _ tools: Tools, _ loop: LoopTools
    ) async throws -> Outcome {
        let layout = session.layout
        let start = ContinuousClock.now
        tools.out.line("starting gateway, tasks, executor, payments and the pocket stack")
        try await session.start(deadline: .seconds(20))
        tools.out.line(StyledText("ready after \(start.duration(to: .now).short), console at \(layout.consoleURL)"))
        let roots = RootSpans.own(.demo, to: layout.otlpURL, tools, loop.eventLoop)
        let transport = roots?.recording(loop.client) ?? loop.client
        var (load, example) = try await sendLoad(to: layout, transport, tools, loop)
        let verification = try await verify(layout, isFaulty, roots, tools, loop)
        load.spans = await roots?.finish()
        let shown = try await show(example, layout, tools, loop)
        return Outcome(load: load, verification: verification, shownTrace: shown, isFaulty: isFaulty)
    }

    /// Sends the load; returns its report and the trace of the first synchronous task that succeeded.
    private func sendLoad(
        to layout: StackLayout, _ transport: any HTTPTransport, _ tools: Tools, _ loop: LoopTools
    ) async throws -> (LoadReport, String?) {
        let plan = try LoadPlan(seed: seed, rate: rate, limit: .requests(requests))
        tools.out.line(StyledText("sending \(plan.count) requests, seed \(seed)"))
        let progress = Progress("sending", on: tools.err)
        let example = Mutex<PlannedRequest?>(nil)
        let runner = LoadRunner(
            plan: plan, clock: .monotonic(loop.eventLoop),
            send: httpTransport(
                transport, baseURL: layout.url(of: .gateway),
                token: Environment(tools.environment).string("GATEWAY_TOKEN")))
        let report = await runner.run(
            outcome: { outcome in
                guard outcome.request.kind == .sync, case .answer(let answer) = outcome.result, answer.status.isSuccess
                else { return }
                example.withLock { first in
                    if (first?.index ?? .max) > outcome.request.index { first = outcome.request }
                }
            },
            progress: { progress.update($0.finished, of: plan.count, note: LoadCommand.note($0)) })
        progress.finish()
        try Task.checkCancellation()
        return (report, example.withLock { $0?.traceID })
    }

    /// Proves that lines lead to spans, with requests of its own.
    private func verify(
        _ layout: StackLayout, _ isFaulty: Bool, _ roots: RootSpans?, _ tools: Tools, _ loop: LoopTools
    ) async throws -> VerificationReport {
        tools.out.line(
            "verifying, with \(Self.verifiedRequests) requests of every kind, that each log line leads to its span")
        let services = Dictionary(uniqueKeysWithValues: ServiceRole.allCases.map { ($0, layout.url(of: $0)) })
        var configuration = VerificationConfiguration(
            seed: seed, requests: Self.verifiedRequests, services: services, loki: layout.lokiURL,
            tempo: layout.tempoURL)
        configuration.provisioning = GrafanaOptions.usual(tools.environment)
        configuration.toleratesFailures = isFaulty
        configuration.token = Environment(tools.environment).string("GATEWAY_TOKEN")
        let progress = Progress("verifying", on: tools.err)
        defer { progress.finish() }
        let run = VerificationRun(
            configuration, transport: loop.client, clock: .monotonic(loop.eventLoop), roots: roots?.verified)
        let report = try await run.run { progress.update($0.done, of: $0.total, note: $0.phase.rawValue) }
        if !report.isPassed { tools.out.lines(TextReport.lines(report)) }
        return report
    }

    /// Shows a trace; returns its id, or `nil` if there was nothing to show.
    private func show(_ id: String?, _ layout: StackLayout, _ tools: Tools, _ loop: LoopTools) async throws -> String? {
        guard let id else { return nil }
        let stores = TraceStores(tempo: layout.tempoURL, loki: layout.lokiURL, tenant: nil, loop)
        let reading = try await stores.read(id, tools)
        guard reading.trace != nil else { return nil }
        tools.out.line()
        tools.out.lines(TraceOutput(reading: reading).lines(on: tools.out))
        return id
    }

    /// Exports spans after half a second instead of five, unless the environment says otherwise. The tenant is dropped:
    /// the demo's own pocket stack has no other users.
    private static func hasty(_ environment: [String: String]) -> [String: String] {
        environment.filter { $0.key != Tenant.variable }.merging(["OTEL_BSP_SCHEDULE_DELAY": "500"]) { own, _ in own }
    }
}
