import Arguments
import Configuration
import Encoding
import FaultControl
import HTTP
import Rendering
import Replay
import ServiceKit
import Terminal
import TraceContext
import Verification
import Vocabulary
import Workload

struct IncidentReplayCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "replay", abstract: "Sends one earlier request again, and shows what became of it beside what did then",
        discussion: """
            The gateway remembers its newest requests (JOURNAL_SIZE). The request goes out under a new trace id and a new \
            idempotency key, so it is really carried out, once more, with the money that it moves; but the old trace id \
            decides about faults, under the rules of the time. Exit codes: 0 the same answer and the same faults, 1 it \
            came out differently, 2 it could not be replayed.
            """,
        examples: [
            .init("tailspan incident replay --trace 4bf92f3577b34da6a3ce929d0e0e4736", ""),
            .init("tailspan incident replay --trace 4bf92f3577b34da6a3ce929d0e0e4736 --dry-run", "Sends nothing."),
        ])

    @Option(
        "trace", short: "t", value: "TRACE-ID",
        help: "The request's: its id, its first 4 hex digits or more, or a whole traceparent.")
    var trace: TraceReference?
    @Option("request-id", value: "ID", help: "Which request of the trace, if it has several.") var requestID: String?
    @ArgumentGroup var services: ServiceOptions
    @Option("url", value: "URL", .url, help: "Where the gateway is: the same as --gateway.") var url: String?
    @ArgumentGroup var backends: BackendOptions
    @ArgumentGroup var roots: RootSpanOptions
    @Option("wait", value: "TIME", help: "How long to wait for the new trace.") var patience = Duration.seconds(20)
    @Flag("dry-run", help: "Shows what would be sent, and sends nothing.") var dryRun
    @Flag("lines", help: "Shows log lines too.") var showsLines
    @Flag("no-color", help: "Shows no colours.") var noColor
    @Flag("json", help: "Writes JSON.") var json

    func validate() throws(UsageError) {
        if trace == nil { throw UsageError("expected --trace with the trace id of a request") }
    }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        do {
            return try await replay(tools, loop)
        } catch let error as ReplayError {
            tools.fail("\(error)")
        } catch let error as TraceFinder.Failure {
            tools.fail("\(error)")
        } catch let error as FaultControlError {
            tools.fail("\(error)")
            if error.isUnreachable { tools.err.line("All four services are asked for their rules: see --help.") }
        }
        return ExitCode.usage
    }

    private func replay(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let stores = TraceStores(backends, loop)
        guard let id = try await trace?.traceID(by: stores.finder) else { return ExitCode.usage }
        let stage = ReplayStage(
            urls: urls, tempo: backends.tempo, patience: patience, environment: Environment(tools.environment),
            client: loop.client, eventLoop: loop.eventLoop,
            warn: { tools.err.line(StyledText($0, .color(.yellow))) },
            // The caller's spans are not compared, so they are not waited for.
            readTrace: { try await stores.read($0, tools, $1, awaitsCaller: false) })
        let record = try await record(id, stage)
        let plan = try await stage.plan(record)
        for warning in plan.warnings { tools.err.line(StyledText(warning, .color(.yellow))) }
        guard !dryRun else {
            if json {
                tools.out.json { Self.write(plan, baseURL: stage.gateway, to: &$0) }
            } else {
                tools.out.lines(ReplayReport.lines(plan, baseURL: stage.gateway))
            }
            return ExitCode.success
        }
        let spans = await RootSpans.open(
            .incident, roots, gateway: stage.gateway, services.environment.running, tools,
            loop.eventLoop)
        let played: Result<ReplayComparison, any Error>
        do { played = .success(try await stage.play(plan, spans)) } catch { played = .failure(error) }
        let counts = await spans?.finish()
        if let complaint = counts?.complaint { RootSpans.warn(complaint, tools) }
        let comparison = try played.get()
        if json {
            tools.out.json { comparison.write(plan, to: &$0) }
        } else {
            let lines = showsLines ? try await stage.lines(of: comparison) : nil
            tools.out.lines(ReplayReport(comparison, plan, lines: lines).lines(on: tools.out))
        }
        return comparison.isSame ? ExitCode.success : ExitCode.failure
    }

    private var urls: [ServiceRole: String] {
        var urls = services.urls
        if let url { urls[.gateway] = url.hasSuffix("/") ? String(url.dropLast()) : url }
        return urls
    }

    private func record(_ id: String, _ stage: ReplayStage) async throws -> JournalRecord {
        let records: [JournalRecord]
        switch try await stage.journal.requests(of: id) {
        case .records(let found): records = found
        case .unknown(let reason): throw await stage.unknown(id, reason)
        }
        guard let requestID else {
            guard let first = records.first, records.count == 1 else {
                let list = records.map { "  \($0.method) \($0.uri)  --request-id \($0.requestID)" }
                throw ReplayError(
                    "the trace has \(records.count) requests: say which\n" + list.joined(separator: "\n"))
            }
            return first
        }
        guard let record = records.first(where: { $0.requestID == requestID }) else {
            let known = records.map(\.requestID).joined(separator: ", ")
            throw ReplayError("the trace has no request '\(requestID)': expected \(known)")
        }
        return record
    }

    private static func write(_ plan: ReplayPlan, baseURL: String, to json: inout JSONWriter) {
        let request = plan.request(to: baseURL, token: nil)
        json.object {
            $0.member("method", request.method.rawValue)
            $0.member("url", request.url)
            $0.name("headers")
            $0.object { for field in request.headers { $0.member(field.name, field.value) } }
            $0.member("body", String(decoding: request.body, as: UTF8.self))
            $0.member("decided_by", plan.decider.description)
            $0.member("brings_rules", plan.bringsRules)
            plan.writeRules(to: &$0)
            $0.name("warnings")
            $0.array { for warning in plan.warnings { $0.value(warning) } }
        }
    }
}
