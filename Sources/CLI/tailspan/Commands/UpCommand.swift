import Arguments
import Configuration
import Encoding
import EventLoop
import FaultControl
import FaultRules
import HTTP
import Rendering
import Supervision
import Terminal
import Vocabulary

struct UpCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "up", abstract: "Starts the services and the stack around them, and shows their log",
        discussion: """
            Starts gateway, tasks, executor and payments as processes of this machine, and the pocket stack (which takes \
            the place of Promtail, Loki, Tempo and Grafana) beside them. Where everything is, it writes down in its \
            folder, where the other commands find it: they need no URL, whatever the ports. Ctrl-C ends the parts in \
            order, so that the last spans and log lines arrive; a second Ctrl-C kills them. A part that dies is reported, \
            with the last that it wrote, and the others go on without it: without the pocket stack there is no telemetry, \
            without a service its callers answer 502. With --restart on-failure it is started again, at most 5 times in a \
            row. Exit codes: 0 ended as it was told, 1 a part could not be started or died, or another tailspan up uses \
            the folder, 130 killed by the second Ctrl-C.

            On a terminal the parts stand at the bottom with requests a second, the share that failed (answered 5xx) and \
            the p95 of the last ten seconds.
            """,
        examples: [
            .init("tailspan up", "The usual ports, everything in one terminal."),
            .init("tailspan up --random-ports", "Beside something that uses the usual ones."),
            .init(
                "tailspan up --stack external --otlp http://127.0.0.1:4318",
                "With Loki, Tempo and Grafana from compose."),
            .init(
                "tailspan up --stack external --tenant room-a",
                "One room of several on a stack that keeps them apart (docs/rooms.md)."),
            .init("tailspan up --fault 'payments:latency=200ms,rate=30%'", "With something wrong from the start."),
        ],
        section: "Begin")

    enum Stack: String, ArgumentValue, CaseIterable { case pocket, external }
    enum Shown: String, ArgumentValue, CaseIterable { case requests, full, none }

    @Option("stack", value: "KIND", help: "What receives logs and spans.") var stack = Stack.pocket
    @Option("otlp", value: "URL", .url, help: "Where an external stack receives OTLP over HTTP.")
    var otlp = "http://127.0.0.1:\(StackPort.otlpHTTP)"
    @Option("loki", value: "URL", .url, help: "Where an external Loki is.")
    var loki = "http://127.0.0.1:\(StackPort.loki)"
    @Option("tempo", value: "URL", .url, help: "Where an external Tempo is.")
    var tempo = "http://127.0.0.1:\(StackPort.tempo)"
    @Option("grafana", value: "URL", .url, help: "Where an external Grafana is.")
    var grafana = "http://127.0.0.1:\(StackPort.grafana)"
    @Option(
        "environment", value: "FOLDER", .notEmpty,
        help: """
            Where everything is kept, and where other commands find what runs: environment.json, logs, data. One \
            'tailspan up' a folder. Without it TAILSPAN_ENVIRONMENT, else .tailspan.
            """)
    var environmentFolder: String?
    @Option(
        "log-dir", value: "FOLDER", .notEmpty,
        help: "Where the services write their logs; logs in the environment's folder if not given.")
    var logFolder: String?
    @Option(
        "data-dir", value: "FOLDER", .notEmpty,
        help: "Where the services and the pocket stack keep their data; data in the environment's folder if not given.")
    var dataFolder: String?
    @ArgumentGroup var tenants: TenantOptions
    @ArgumentGroup var ports: PortOptions
    @ArgumentGroup var faults: FaultOptions
    @Option("deadline", value: "TIME", .moreThan(.zero), help: "How long everything may take to become ready.")
    var deadline = Duration.seconds(20)
    @Option("restart", value: "POLICY", help: "Whether a part that died is started again.")
    var restart = RestartPolicy.never
    @Option("seconds", value: "N", .moreThan(0), help: "Ends everything after so many seconds.") var seconds: Double?
    @Option(
        "log", value: "WHAT",
        help: """
            The log shown: one row a request, and where one failed its first error; every line of every part; or none.
            """)
    var log = Shown.requests
    @Flag("quiet", short: "q", help: "The same as --log none.") var quiet
    @Flag("no-color", help: "Shows no colours.") var noColor
    @Flag("json", help: "Writes the log lines as they are, and states as JSON objects with the member event.") var json

    /// The events that `up` reacts to.
    private enum Occasion: Sendable {
        case ready(Duration)
        case notReady(String)
        case died(String, Death)
        case notRestarted(String, String)
        case interrupted
        case readerGone
        case timeUp
        case stopped
    }

    private var folder: String { environmentFolder ?? RunningEnvironment.folderMeant }

    private var layout: StackLayout {
        StackLayout(
            stack: stack == .pocket ? .pocket : .external(otlp: otlp, loki: loki, tempo: tempo, grafana: grafana),
            logFolder: logFolder ?? folder + "/logs", dataFolder: dataFolder ?? folder + "/data")
    }

    private var mode: StackReport.Mode {
        if json { return .json }
        if quiet { return .quiet }
        return switch log {
        case .requests: .requests
        case .full: .full
        case .none: .quiet
        }
    }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        var layout = layout
        try ports.apply(to: &layout)
        // On a local machine requests may bring their own faults, unless configured otherwise.
        var environment = ["FAULTS_FROM_REQUESTS": "true"].merging(faults.applied(to: tools.environment)) {
            $1.isEmpty ? $0 : $1
        }
        // Where the commands look for runs, too, as long as the environment is at its usual place.
        environment["RUNS_DIR"] = environment["RUNS_DIR"] ?? folder + "/incidents"
        let tenant = tenants.tenant(nil)
        if let tenant { environment[Tenant.variable] = tenant.name }
        let known: FaultConfiguration
        do { known = try FaultOptions.configuration(of: environment) } catch let error as ConfigurationError {
            tools.fail("\(error)")
            return ExitCode.usage
        }
        let lock: FolderLock
        do {
            lock = try FolderLock([folder, layout.dataFolder, layout.logFolder])
        } catch let taken as FolderLock.Taken {
            tools.fail("\(taken)\nStop it, or give this one a folder of its own: --environment FOLDER --random-ports.")
            return ExitCode.failure
        }
        let report = StackReport(tools.out, mode: mode)
        report.showFaults(known.rules, seed: known.injector.seed, areHidden: known.injector.isHidden)
        let (occasions, happen) = AsyncStream<Occasion>.makeStream()
        if let tenant, stack == .pocket {
            tools.err.line(
                StyledText(
                    "the pocket stack keeps no tenants apart: what \(tenant) sends is there for everybody",
                    .color(.yellow)))
        }
        let session = StackSession(
            layout: layout,
            supervisor: .reporting(to: report, loop) { part, death in happen.yield(.died(part, death)) },
            environment: environment)
        guard session.isUnobstructed(tools) else { return ExitCode.failure }
        // Written at the start: a command that comes too early waits for parts that will be there.
        let running = RunningEnvironment(layout, folder: folder, tenant: tenant, now: WallClock.system.now())
        try running.write()
        loop.interrupts.take { _ in happen.yield(.interrupted) }
        (tools.out.sink as? DescriptorSink)?.whenClosed { happen.yield(.readerGone) }
        let starting = Task(executorPreference: loop.eventLoop) {
            let start = ContinuousClock.now
            do {
                try await session.start(deadline: deadline)
                happen.yield(.ready(start.duration(to: .now)))
                await complainOfAbsentStack(layout, report, tools, loop)
                if let seconds {
                    try await loop.eventLoop.sleep(for: .milliseconds(Int64(seconds * 1000)))
                    happen.yield(.timeUp)
                }
            } catch {
                happen.yield(.notReady("\(error)"))
            }
        }
        let code = await follow(occasions, happen, session, starting, report, tools, loop)
        report.finish()
        try running.remove()
        withExtendedLifetime(lock) {}
        return code
    }

    /// Reports which parts of an external stack do not answer. The services run without them; meanwhile their telemetry
    /// is lost.
    private func complainOfAbsentStack(
        _ layout: StackLayout, _ report: StackReport, _ tools: Tools, _ loop: LoopTools
    ) async {
        guard case .external(let otlp, let loki, let tempo, _) = layout.stack else { return }
        for (name, url) in [("OTLP receiver", otlp), ("Loki", loki), ("Tempo", tempo)] {
            do {
                // Any answer will do.
                _ = try await loop.client.execute(HTTPClient.Request(url: url), timeout: .seconds(3))
            } catch {
                report.finish()
                tools.err.line(StyledText("no \(name) answers at \(url): \(error)", .color(.yellow)))
            }
        }
    }

    /// Reacts to events until everything has ended.
    private func follow(
        _ occasions: AsyncStream<Occasion>, _ happen: AsyncStream<Occasion>.Continuation, _ session: StackSession,
        _ starting: Task<Void, Never>, _ report: StackReport, _ tools: Tools, _ loop: LoopTools
    ) async -> Int32 {
        var code = ExitCode.success
        var (isReady, isStopping) = (false, false)
        var budgets: [String: RestartBudget] = [:]
        // Background work: monitoring the parts, restarting them.
        var tasks = [starting]
        func stop() {
            guard !isStopping else { return }
            isStopping = true
            let tasks = tasks
            Task(executorPreference: loop.eventLoop) {
                // Nothing may be started during the stop.
                for task in tasks { task.cancel() }
                for task in tasks { await task.value }
                await session.stop()
                happen.yield(.stopped)
            }
        }
        /// Stops once no part is running.
        func stopIfAllHaveDied() {
            guard session.supervisor.states.allSatisfy({ $0.state.hasExited }) else { return }
            report.finish()
            tools.fail("no part is left")
            stop()
        }
        for await occasion in occasions {
            switch occasion {
            case .ready(let time):
                guard !isStopping else { continue }
                isReady = true
                report.showReady(session.layout, in: folder, after: time)
                tasks.append(watch(session.layout, report, loop))
            case .notReady(let reason):
                // The death of a part has already been reported.
                if !isStopping {
                    report.finish()
                    tools.fail(reason)
                    code = ExitCode.failure
                    stop()
                }
            case .died(let part, let death):
                guard !isStopping else { continue }
                code = ExitCode.failure
                guard isReady else {
                    report.finish()
                    tools.fail("\(part) died with \(death) before everything was ready; the others are stopped")
                    stop()
                    continue
                }
                let pause =
                    restart == .never || death.exit.isSuccess
                    ? nil : budgets[part, default: RestartBudget()].pause(afterLifetime: death.lifetime)
                report.showDeath(of: part, death, then: consequence(for: part, pause))
                if let pause {
                    tasks.append(revive(part, after: pause, session, happen, loop))
                } else {
                    stopIfAllHaveDied()
                }
            case .notRestarted(let part, let reason):
                guard !isStopping else { continue }
                report.finish()
                tools.fail("\(part) could not be started again: \(reason)")
                stopIfAllHaveDied()
            case .interrupted:
                if isStopping {
                    report.finish()
                    tools.err.line("killing what has not ended yet")
                    session.supervisor.killAll()
                    code = ExitCode.interrupted
                } else {
                    report.print([StyledText("stopping in order; Ctrl-C again kills", .dim)])
                    stop()
                }
            case .readerGone, .timeUp: stop()
            case .stopped: return code
            }
        }
        return code
    }

    /// What happens after a part's death.
    private func consequence(for part: String, _ pause: Duration?) -> String {
        if let pause { return "it is started again in \(pause.argument)" }
        let others =
            part == StackLayout.pocketName
            ? "the services go on without telemetry: what they send is lost, their log files are not"
            : "the others go on without it"
        return restart == .never ? others : "it is not started again; " + others
    }

    private func watch(_ layout: StackLayout, _ report: StackReport, _ loop: LoopTools) -> Task<Void, Never> {
        let monitor = StackMonitor(
            targets: StackMonitor.targets(layout), client: loop.client, eventLoop: loop.eventLoop)
        return Task(executorPreference: loop.eventLoop) {
            await monitor.run(tick: { report.refresh() }, { part, reading in report.show(reading, of: part) })
        }
    }

    private func revive(
        _ part: String, after pause: Duration, _ session: StackSession, _ happen: AsyncStream<Occasion>.Continuation,
        _ loop: LoopTools
    ) -> Task<Void, Never> {
        Task(executorPreference: loop.eventLoop) {
            do {
                try await loop.eventLoop.sleep(for: pause)
                try await session.revive(part, deadline: deadline)
            } catch is CancellationError {
                // Everything is being stopped.
            } catch {
                // If it died again, another event reports that.
                let isThere = session.supervisor.states.contains { $0.name == part && !$0.state.hasExited }
                if error is SpawnError || isThere { happen.yield(.notRestarted(part, "\(error)")) }
            }
        }
    }
}

extension ProcessSupervisor {
    /// A supervisor that shows events in `report`, and calls `onDeath` when a part ends unexpectedly.
    static func reporting(
        to report: StackReport, _ loop: LoopTools, onDeath: @escaping @Sendable (String, Death) -> Void
    ) -> ProcessSupervisor {
        ProcessSupervisor(eventLoop: loop.eventLoop, client: loop.client) { supervisor, event in
            report.show(event, states: supervisor.states)
            if case .died(let part, let death) = event { onDeath(part, death) }
        }
    }
}
