import Arguments
import Configuration
import FileSystem
import Glibc
import Rendering
import Terminal
import Verification
import Vocabulary
import Workload

struct VerifyCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "verify", abstract: "Sends requests and checks that their logs and traces link up",
        discussion: """
            Sends requests of every kind with trace ids of its own, waits until spans and log lines have arrived, and \
            judges them by numbered rules: each trace is whole, each line leads to its span, each error shows on both \
            sides. What Grafana makes of them is followed, too, as a click would: links, the time in which a trace is \
            looked for, alerts' texts, dashboards' links, as its provisioning files or a Grafana that runs have them. \
            With --grafana its data sources are asked through it; else at their addresses, where those are this \
            machine's. Works with Loki and Tempo as with the pocket stack. GATEWAY_TOKEN is sent if it is set. \
            Exit codes: 0 all rules hold, 1 one is violated, 2 nothing could be verified, 3 spans or lines were still \
            arriving at the deadline, so that nothing is certain.
            """,
        examples: [
            .init("tailspan verify", "Fifty requests to everything at its usual port."),
            .init("tailspan verify --requests 200 --format junit --output verify.xml", "For continuous integration."),
            .init(
                "GRAFANA_ADMIN_PASSWORD=… tailspan verify --grafana http://127.0.0.1:3000",
                "With the data sources of a Grafana that runs."),
        ],
        section: "Use")

    enum Format: String, ArgumentValue, CaseIterable { case text, json, junit }

    /// The result is unknown.
    static let unverified: Int32 = 2
    /// The result is partly known.
    static let incomplete: Int32 = 3

    @Option("requests", short: "n", value: "N", .range(1...100_000), help: "How many requests to send.")
    var requests = 50
    @Option(
        "seed", short: "s", value: "SEED", help: "Determines all requests and their ids; each seed can be used once.")
    var seed: UInt64?
    @Option(
        "concurrency", short: "c", value: "C", .range(1...1000), help: "How many requests may be under way at once.")
    var concurrency = 8
    @Option(
        "deadline", value: "TIME", .moreThan(.zero),
        help: "How long tasks, spans and lines may take after the last answer.")
    var deadline = Duration.seconds(60)
    @Option("settle", value: "TIME", help: "How long nothing new may arrive before violations are taken for final.")
    var settle = Duration.seconds(10)
    @Option("skew", value: "TIME", .range(.zero ... .seconds(60)), help: "How far clocks may be apart.")
    var skew = Duration.milliseconds(2)
    @Flag("allow-failures", help: "Requests may end otherwise than planned: for environments with injected faults.")
    var allowsFailures
    @Option(
        "wait", value: "TIME",
        help: "How long to wait until services and stores answer at all, before anything is sent.")
    var patience = Duration.seconds(10)
    @ArgumentGroup var services: ServiceOptions
    @ArgumentGroup var backends: BackendOptions
    @ArgumentGroup var roots: RootSpanOptions
    @ArgumentGroup var grafana: GrafanaOptions
    @Option("format", short: "f", value: "FORMAT", help: "How the report is written.") var format = Format.text
    @Flag("json", help: "The same as --format json.") var json
    @Option("output", short: "o", value: "FILE", .notEmpty, help: "Writes the report to a file, and one line here.")
    var output: String?
    @Flag("no-color", help: "Shows no colours.") var noColor

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        guard !json || format != .junit else {
            tools.fail("--json and --format junit: expected one of them")
            return ExitCode.usage
        }
        let file: OutputFile?
        do {
            // Before anything is sent: a report that cannot be written is useless.
            file = try output.map { try OutputFile($0) }
        } catch {
            tools.fail("\(error)")
            return Self.unverified
        }
        let progress = Progress("verifying", on: tools.err)
        var report: VerificationReport
        do {
            defer { progress.finish() }
            let configuration = configuration(tools.environment)
            let spans = await RootSpans.open(
                .verify, roots, gateway: configuration.services[.gateway] ?? "",
                services.environment.running, tools, loop.eventLoop)
            let run = VerificationRun(
                configuration, transport: loop.client, clock: .monotonic(loop.eventLoop), roots: spans?.verified)
            let result: Result<VerificationReport, any Error>
            do { result = .success(try await run.run { progress.update($0.done, of: $0.total, note: $0.note) }) } catch
            {
                result = .failure(error)
            }
            let counts = await spans?.finish()
            report = try result.get()
            report.spans = counts
        } catch let error as CancellationError {
            throw error
        } catch {
            tools.fail("nothing could be verified: \(error)")
            return Self.unverified
        }
        do {
            try show(report, in: file, tools)
        } catch {
            tools.fail("\(error)")
            return Self.unverified
        }
        return Self.exitCode(report.verdict)
    }

    static func exitCode(_ verdict: Verdict) -> Int32 {
        switch verdict {
        case .passed: ExitCode.success
        case .violated: ExitCode.failure
        case .incomplete: incomplete
        }
    }

    func configuration(_ environment: [String: String]) -> VerificationConfiguration {
        var configuration = VerificationConfiguration(
            seed: seed ?? UInt64.random(in: 1...999_999), requests: requests, services: services.urls,
            loki: backends.loki, tempo: backends.tempo)
        configuration.tenant = backends.tenant
        configuration.concurrency = concurrency
        configuration.deadline = deadline
        configuration.patience = patience
        configuration.settle = settle
        configuration.tolerance.skewNS = UInt64(skew / .nanoseconds(1))
        configuration.toleratesFailures = allowsFailures
        configuration.token = Environment(environment).string("GATEWAY_TOKEN")
        // Data source files are expanded as a Grafana for that tenant would expand them.
        let room = backends.tenant.map { [Tenant.variable: $0.name] } ?? [:]
        configuration.provisioning = grafana.source(environment.merging(room) { $1 })
        return configuration
    }

    private var shown: Format { json ? .json : format }

    /// The report, and the requests worth looking at.
    private func lines(_ report: VerificationReport, detailLimit: Int = 10, width: Int = 100) -> [StyledText] {
        var lines = TextReport.lines(report, detailLimit: detailLimit, width: width)
        if let complaint = report.spans?.complaint { lines.append(StyledText(complaint, .color(.yellow))) }
        return lines + NotableRequest.rows(slowest: report.slowest, firstFailure: report.firstFailure, indent: 0)
    }

    private func show(_ report: VerificationReport, in file: OutputFile?, _ tools: Tools) throws {
        let text =
            switch shown {
            case .text: lines(report, detailLimit: file == nil ? 10 : .max).map { $0.plain + "\n" }.joined()
            case .json: JSONReport.text(report)
            case .junit: JUnitReport.text(report)
            }
        if let file {
            try file.write(text)
            tools.out.line(StyledText(report.summary, report.verdict.style))
        } else if shown == .text {
            tools.out.lines(lines(report, width: tools.out.width))
        } else {
            tools.out.write(text)
        }
    }
}

/// A file that is opened early and written late.
private final class OutputFile {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws(Files.Failure) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Files.Failure("write to", path, errno) }
    }

    deinit { close(descriptor) }

    func write(_ text: String) throws(Files.Failure) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Files.Failure("write to", path, errno) }
            rest = rest.dropFirst(count)
        }
    }
}
