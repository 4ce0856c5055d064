import Arguments
import Configuration
import Encoding
import HTTP
import Rendering
import Terminal
import Vocabulary
import Workload

struct LoadCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "load", abstract: "Sends requests that a seed determines",
        discussion: """
            Requests go out when they are due, whatever the answers take; latency counts from when a request was due. The \
            same seed gives the same trace ids, requests and idempotency keys, so a service that still knows a seed's \
            keys answers as it did before, and the same requests fail; with --fresh-keys everything is carried out once \
            more. Without --seed a new one is taken, and shown. GATEWAY_TOKEN is sent if it is set.
            """,
        examples: [
            .init("tailspan load --rate 50 --duration 30s", "Fifty requests a second for half a minute."),
            .init(
                "tailspan load --requests 100 --seed 7 --mix sync=9,bad-body=1", "A hundred requests, always the same."),
        ],
        section: "Use")

    @Option("rate", short: "r", value: "R", .moreThan(0), help: "Requests a second.") var rate = 20.0
    @Option("duration", short: "d", value: "TIME", .moreThan(.zero), help: "How long; 10s unless --requests is given.")
    var duration: Duration?
    @Option("requests", short: "n", value: "N", .range(1...LoadPlan.largestCount), help: "How many requests.")
    var requests: Int?
    @Option("concurrency", short: "c", value: "C", .range(1...10_000), help: "How many may be under way at once.")
    var concurrency = 64
    @Option("seed", short: "s", value: "SEED", help: "Determines all requests.") var seed: UInt64?
    @Flag("fresh-keys", help: "Sends other idempotency keys each time, so that a seed's tasks are made anew.")
    var freshKeys
    @Option(
        "mix", value: "MIX",
        help: "Shares of sync, async, unknown-guild, poor (a guild's money does not suffice) and bad-body.")
    var mix = Mix<RequestKind>.usual.description
    @Option(
        "workload-mix", value: "MIX", help: "Shares of sha256, primes, mandelbrot and sort.")
    var computations = Mix<ComputationKind>.usual.description
    @Option("timeout", value: "TIME", .moreThan(.zero), help: "How long an answer may take.")
    var timeout = Duration.seconds(10)
    @Option(
        "url", value: "URL", .url,
        help: "Where the gateway is: the running environment's, else http://127.0.0.1:8080.")
    var url: String?
    @ArgumentGroup var environment: EnvironmentOptions
    @ArgumentGroup var roots: RootSpanOptions
    @Flag("json", help: "Writes the report as JSON.") var json
    @Flag("no-color", help: "Shows no colours.") var noColor

    func validate() throws(UsageError) {
        if requests != nil, duration != nil { throw UsageError("expected --requests or --duration, not both") }
        _ = try plan(seed: seed ?? 0)
    }

    private func plan(seed: UInt64) throws(UsageError) -> LoadPlan {
        let limit = requests.map { LoadPlan.Limit.requests($0) } ?? .duration(duration ?? .seconds(10))
        let mix = try Self.read(self.mix, of: RequestKind.self, for: "--mix")
        let computations = try Self.read(self.computations, of: ComputationKind.self, for: "--workload-mix")
        do {
            return try LoadPlan(
                seed: seed, rate: rate, limit: limit, concurrency: concurrency, mix: mix, computations: computations)
        } catch {
            throw UsageError("\(error)")
        }
    }

    private static func read<Choice>(
        _ text: String, of type: Choice.Type, for option: String
    ) throws(UsageError) -> Mix<Choice> {
        do {
            return try Mix(text)
        } catch {
            let suggestion = error.unknown.flatMap { Suggestion.closest(to: $0, among: error.known) }
            throw UsageError("\(option): \(error)", suggestion: suggestion)
        }
    }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        // Short seeds are easier to retype.
        let plan = try plan(seed: seed ?? UInt64.random(in: 1...999_999))
        let running = environment.running
        let baseURL = ServiceOptions.url(of: .gateway, given: url, running)
        var configuration = HTTPClient.Configuration()
        configuration.maximumConnectionsPerHost = concurrency
        let client = HTTPClient(eventLoop: loop.eventLoop, configuration: configuration)
        guard await Self.answers(baseURL, client, tools) else { return ExitCode.failure }
        let spans = await RootSpans.open(
            .load, roots, gateway: baseURL, running, tools, loop.eventLoop)
        let progress = Progress("sending", on: tools.err)
        let transport = httpTransport(
            spans?.recording(client) ?? client, baseURL: baseURL,
            token: Environment(tools.environment).string("GATEWAY_TOKEN"), timeout: timeout)
        let suffix = freshKeys ? "-" + Hex.string(UInt64.random(in: .min ... .max)) : ""
        let runner = LoadRunner(plan: plan, clock: .monotonic(loop.eventLoop)) { request in
            var request = request
            request.idempotencyKey += suffix
            return try await transport(request)
        }
        var report = await runner.run(progress: { state in
            progress.update(state.finished, of: plan.count, note: Self.note(state))
        })
        progress.finish()
        await client.shutdown()
        report.spans = await spans?.finish()
        if json {
            tools.out.json { report.write(to: &$0) }
        } else {
            tools.out.lines(LoadSummary(report: report).lines())
        }
        if report.isInterrupted { return ExitCode.interrupted }
        return report.failed == 0 && report.dropped == 0 ? ExitCode.success : ExitCode.failure
    }

    static func note(_ state: LoadRunner.State) -> String {
        let failed = state.report.failed + state.report.unexpected
        return "\(state.inFlight) under way, p50 \(state.report.latency.quantile(0.5).short)"
            + (failed > 0 ? ", \(failed) not as expected" : "")
    }

    /// Whether anything answers at all; otherwise every single request would report it.
    private static func answers(_ baseURL: String, _ client: HTTPClient, _ tools: Tools) async -> Bool {
        do {
            _ = try await client.execute(HTTPClient.Request(url: baseURL + "/healthz"), timeout: .seconds(5))
            return true
        } catch {
            tools.fail(
                "no gateway answers at \(URLRedaction.url(baseURL)): \(error)\nStart one with 'tailspan up', or say where it is with --url."
            )
            return false
        }
    }
}
