import Arguments
import Configuration
import HTTP
import Incidents
import Rendering
import Synchronization
import Terminal
import Vocabulary
import Workload

struct IncidentRunCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "run", abstract: "Plays an incident",
        discussion: """
            Where a gateway answers, the services that run are used; else an environment is started for it on free ports, \
            and ended afterwards; its data stays, so that the incident can be looked into and checked. It can be played \
            as often as you like: each further run in one environment sends other requests, so others are hit. Exit codes: 0 it \
            was played, 1 it could not be, or money was lost.
            """,
        examples: [
            .init("tailspan incident run unsettled-tasks", ""),
            .init("tailspan incident run unsettled-tasks --speed 20 --own", "In a few seconds, as in CI."),
            .init("tailspan incident run unsettled-tasks --hide", "For students: nothing tells of faults."),
        ])

    @Positional("NAME", help: "Which incident.") var name: String
    @ArgumentGroup var files: IncidentFileOptions
    @ArgumentGroup var runs: IncidentRunOptions
    @Option("speed", value: "N", .range(0.1...1000), help: "How many times faster than told.") var speed = 1.0
    @Option("seed", short: "s", value: "SEED", help: "Instead of the incident's: other requests, others hit.")
    var seed: UInt64?
    @Option(
        "run", value: "N", .range(1...RunNumber.largest),
        help: "Which run of its seed it is (default: the first that the environment has not had).")
    var number: Int?
    @Flag("without-faults", help: "Sends the same load, but nothing goes wrong.") var withoutFaults
    @Flag("hide", help: "Has spans, lines and this command keep silent about faults.") var hide
    @Flag("own", help: "Starts an environment of its own, whether or not a gateway answers.") var own
    @ArgumentGroup var services: ServiceOptions
    @ArgumentGroup var backends: BackendOptions
    @ArgumentGroup var roots: RootSpanOptions
    @Flag("json", help: "Writes the run's record as JSON.") var json
    @Flag("no-color", help: "Shows no colours.") var noColor

    func validate() throws(UsageError) { try files.expectReadable(name) }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        let incident = try files.library.incident(name)
        let play = IncidentPlay(
            incident, folder: runs.folder(of: incident.name), options: options(tools.environment), isHidden: hide,
            clock: .monotonic(loop.eventLoop))
        let performance = CommandPlay(play: play, tools: tools, loop: loop)
        let outcome: IncidentPlay.Outcome
        if await usesWhatRuns(loop.client) {
            let urls = services.urls
            let spans = await RootSpans.open(
                .incident, roots, gateway: urls[.gateway] ?? "", services.environment.running, tools,
                loop.eventLoop)
            outcome = try await performance.attached(
                to: urls, IncidentPlay.Stores(loki: backends.loki, tempo: backends.tempo, tenant: backends.tenant),
                roots: spans, number: number)
        } else {
            outcome = try await performance.own()
        }
        show(outcome, incident, tools)
        return outcome.report.isSound ? ExitCode.success : ExitCode.failure
    }

    private func options(_ environment: [String: String]) -> IncidentRun.Options {
        var options = IncidentRun.Options()
        options.speed = speed
        options.seed = seed
        options.number = number ?? 1
        options.withFaults = !withoutFaults
        options.token = Environment(environment).string("GATEWAY_TOKEN")
        return options
    }

    private func usesWhatRuns(_ client: HTTPClient) async -> Bool {
        guard !own, let url = services.urls[.gateway] else { return false }
        // No answer is an answer: nothing is running there.
        let answer = try? await client.execute(HTTPClient.Request(url: url + "/healthz"), timeout: .seconds(2))
        return answer?.status == .ok
    }

    private func show(_ outcome: IncidentPlay.Outcome, _ incident: Incident, _ tools: Tools) {
        guard !json else { return tools.out.write(outcome.record.text(outcome.report)) }
        tools.out.lines(outcome.report.lines())
        let load = outcome.report.result.load
        // Students are to find the first failed request and its answer themselves.
        let notable = hide ? [] : NotableRequest.rows(slowest: load.slowest, firstFailure: load.firstFailure)
        if !notable.isEmpty { tools.out.lines([""] + notable) }
        if let complaint = load.spans?.complaint { tools.out.line(StyledText("  " + complaint, .color(.yellow))) }
        var next = Table(["", ""], indent: 2)
        func row(_ name: String, _ command: String) { next.append([StyledText(name, .dim), StyledText(command)]) }
        switch outcome.record.mode {
        case .own:
            row("look", "tailspan up --data-dir \(outcome.folder.data) --log-dir \(outcome.folder.logs)")
            row("", "then tailspan logs --level warning, tailspan trace ID, or the console")
        case .attached:
            // The next command needs the same explicit options; what this one discovered, that one will discover too.
            let place =
                backends.stores.given.map { " --loki \($0)" }
                ?? services.environment.given.map { " --environment \($0)" } ?? ""
            let room = backends.stores.tenants.given.map { " --tenant \"\($0)\"" } ?? ""
            row("look", "tailspan logs --level warning" + place + room)
        }
        if !incident.questions.isEmpty { row("answer", "tailspan incident answer \(incident.name)") }
        row("check", "tailspan incident check \(incident.name)")
        tools.out.line()
        tools.out.lines(next.lines())
        if outcome.report.result.isMoneySound == false {
            tools.fail("money was lost or made: see /v1/integrity of payments")
        }
    }
}
