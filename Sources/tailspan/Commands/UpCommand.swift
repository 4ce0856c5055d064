import CommandLine
import Contracts
import Encoding
import EventLoop
import FaultInjection
import HTTP
import ServiceKit
import ServiceLifecycle

struct UpCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "up", abstract: "Starts the services and the stack around them, and shows their log",
        discussion: """
            Starts gateway, tasks, executor and payments as processes of this machine, and the pocket stack (which takes \
            the place of Promtail, Loki, Tempo and Grafana) beside them. Ctrl-C ends them in order, so that the last spans \
            and log lines arrive; a second Ctrl-C kills them. A part that dies is reported and ends all; nothing is \
            restarted.
            """,
        examples: [
            .init("tailspan up", "The usual ports, everything in one terminal."),
            .init(
                "tailspan up --stack external --otlp http://127.0.0.1:4318",
                "With Loki, Tempo and Grafana from compose."),
            .init("tailspan up --fault 'payments:latency=200ms,rate=30%'", "With something wrong from the start."),
        ],
        section: "Begin")

    enum Stack: String, ArgumentValue, CaseIterable { case pocket, external }

    @Option("stack", value: "KIND", help: "What receives logs and spans.") var stack = Stack.pocket
    @Option("otlp", value: "URL", .url, help: "Where an external stack receives OTLP over HTTP.")
    var otlp = "http://127.0.0.1:\(StackPort.otlpHTTP)"
    @ArgumentGroup var backends: BackendOptions
    @Option("grafana", value: "URL", .url, help: "Where an external Grafana is.")
    var grafana = "http://127.0.0.1:\(StackPort.grafana)"
    @Option("log-dir", value: "FOLDER", .notEmpty, help: "Where the services write their logs.")
    var logFolder = ".tailspan/logs"
    @Option("data-dir", value: "FOLDER", .notEmpty, help: "Where the services and the pocket stack keep their data.")
    var dataFolder = ".tailspan/data"
    @ArgumentGroup var ports: PortOptions
    @ArgumentGroup var faults: FaultOptions
    @Option("deadline", value: "TIME", .moreThan(.zero), help: "How long everything may take to become ready.")
    var deadline = Duration.seconds(20)
    @Option("seconds", value: "N", .moreThan(0), help: "Ends everything after so many seconds.") var seconds: Double?
    @Flag("quiet", short: "q", help: "Shows the parts' states but not their log lines.") var quiet
    @Flag("no-color", help: "Shows no colours.") var noColor
    @Flag("json", help: "Writes the log lines as they are, and states as JSON objects with the member event.") var json

    /// What makes `up` go on.
    private enum Occasion: Sendable {
        case ready(Duration)
        case notReady(String)
        case died(String, ProcessExit)
        case interrupted
        case readerGone
        case timeUp
        case stopped
    }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        var layout = StackLayout(
            stack: stack == .pocket
                ? .pocket
                : .external(otlp: otlp, loki: backends.loki, tempo: backends.tempo, grafana: grafana),
            logFolder: logFolder, dataFolder: dataFolder)
        try ports.apply(to: &layout)
        // On one's own machine a request may bring its own faults, unless one says otherwise.
        let environment = ["FAULTS_FROM_REQUESTS": "true"].merging(faults.applied(to: tools.environment)) {
            $1.isEmpty ? $0 : $1
        }
        let known: FaultConfiguration
        do { known = try FaultOptions.configuration(of: environment) } catch let error as ConfigurationError {
            tools.fail("\(error)")
            return ExitCode.usage
        }
        let report = StackReport(tools.out, mode: json ? .json : quiet ? .quiet : .full)
        report.showFaults(known.rules, seed: known.injector.seed, areHidden: known.injector.isHidden)
        let (occasions, happen) = AsyncStream<Occasion>.makeStream()
        let session = StackSession(
            layout: layout,
            supervisor: .reporting(to: report, loop) { part, status in happen.yield(.died(part, status)) },
            environment: environment)
        guard session.isUnobstructed(tools) else { return ExitCode.failure }
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
        return code
    }

    /// Says which parts of an external stack do not answer. The services run without: what they send is lost meanwhile.
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

    /// Reacts to what happens until everything has ended.
    private func follow(
        _ occasions: AsyncStream<Occasion>, _ happen: AsyncStream<Occasion>.Continuation, _ session: StackSession,
        _ starting: Task<Void, Never>, _ report: StackReport, _ tools: Tools, _ loop: LoopTools
    ) async -> Int32 {
        var code = ExitCode.success
        var isStopping = false
        func stop() {
            guard !isStopping else { return }
            isStopping = true
            Task(executorPreference: loop.eventLoop) {
                // What is still being started must not be started behind our back.
                starting.cancel()
                await starting.value
                await session.stop()
                happen.yield(.stopped)
            }
        }
        for await occasion in occasions {
            switch occasion {
            case .ready(let time): if !isStopping { report.showReady(session.layout, after: time) }
            case .notReady(let reason):
                // A part that died has been reported as such.
                if !isStopping {
                    report.finish()
                    tools.fail(reason)
                    code = ExitCode.failure
                    stop()
                }
            case .died(let part, let status):
                if !isStopping {
                    report.finish()
                    tools.fail("\(part) died with \(status); the others are stopped")
                    code = ExitCode.failure
                    stop()
                }
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
}

extension ProcessSupervisor {
    /// A supervisor that shows what happens in `report`, and calls `onDeath` when a part ends that nobody told to.
    static func reporting(
        to report: StackReport, _ loop: LoopTools, onDeath: @escaping @Sendable (String, ProcessExit) -> Void
    ) -> ProcessSupervisor {
        ProcessSupervisor(eventLoop: loop.eventLoop, client: loop.client) { supervisor, event in
            report.show(event, states: supervisor.states)
            if case .died(let part, let status) = event { onDeath(part, status) }
        }
    }
}
