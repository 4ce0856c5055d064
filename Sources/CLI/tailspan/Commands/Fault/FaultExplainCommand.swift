import Arguments
import Configuration
import Encoding
import FaultControl
import FaultKinds
import FaultRules
import Terminal
import TraceContext

struct FaultExplainCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "explain", abstract: "Says whether a rule hits a request, and why",
        discussion: """
            Works without any service: the decision follows from the seed, the rule's id and the trace id alone. Only the \
            beginning of an id is looked up, in Loki and Tempo: the decision needs all of it. What it cannot know is said: \
            whether the request reaches the service, and whether it matches. docs/faults.md describes each step.
            """,
        examples: [
            .init(
                "tailspan fault explain 'payments:latency=uniform(50ms,200ms),rate=30%' --trace 4bf92f3577b34da6a3ce929d0e0e4736",
                "")
        ], section: "Learn")

    @Positional("RULE", help: "The rule.") var text: String
    @Option(
        "trace", value: "TRACE-ID",
        help: "The request's trace: its id, the first 4 hex digits or more of one that was sent, or a traceparent.")
    var trace: TraceReference?
    @Option("request-id", value: "ID", .notEmpty, help: "The request's id, for one without a trace.")
    var requestID: String?
    @Option(
        "seed", value: "SEED", help: "The plan's seed, unless the rule has its own; FAULTS_SEED or else 0.")
    var seed: UInt64?
    @ArgumentGroup var backends: BackendOptions
    @Flag("no-color", help: "Shows no colours.") var noColor
    @Flag("json", help: "Writes JSON.") var json

    func validate() throws(UsageError) {
        _ = try rule()
        if (trace == nil) == (requestID == nil) { throw UsageError("expected --trace or --request-id") }
    }

    private func rule() throws(UsageError) -> FaultRule {
        do { return try FaultRule(parsing: text) } catch { throw UsageError("\(error)") }
    }

    private func request(_ loop: LoopTools) async throws -> FaultExplanation.Request {
        if let requestID { return .requestID(requestID) }
        let text = try await trace?.traceID(by: TraceStores(backends, loop).finder) ?? ""
        guard let id = TraceID(text) else { throw UsageError("--trace: expected \(TraceReference.expectation)") }
        return .trace(id)
    }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        let rule = try rule()
        let seed: (UInt64, String)
        do { seed = try planSeed(rule, tools.environment) } catch {
            tools.fail("\(error)")
            return ExitCode.usage
        }
        let explanation = FaultExplanation(rule, request: try await request(loop), seed: seed.0)
        if json {
            tools.out.json { Self.write(explanation, to: &$0) }
        } else {
            tools.out.lines(Self.lines(explanation, seedOrigin: seed.1))
        }
        return ExitCode.success
    }

    /// The seed, and where it comes from.
    private func planSeed(
        _ rule: FaultRule, _ environment: [String: String]
    ) throws(ConfigurationError) -> (UInt64, String) {
        if let seed = rule.seed { return (seed, "of the rule") }
        if let seed { return (seed, "of --seed") }
        guard let text = Environment(environment).string("FAULTS_SEED") else { return (0, "the default") }
        guard let seed = UInt64(text) else {
            throw ConfigurationError("FAULTS_SEED=\(text): expected a whole number from 0 to \(UInt64.max)")
        }
        return (seed, "of FAULTS_SEED")
    }

    static func lines(_ explanation: FaultExplanation, seedOrigin: String) -> [StyledText] {
        let rule = explanation.rule
        var table = Table(["", ""])
        func row(_ name: String, _ text: StyledText) { table.append([StyledText(name, .dim), text]) }
        row("rule", StyledText(rule.description))
        row("id", StyledText(rule.id))
        guard explanation.isDecided else {
            row("", StyledText("no request decides: it happens to the whole service while the rule is in force", .bold))
            for condition in explanation.conditions { row("only if", StyledText(condition)) }
            return table.lines()
        }
        row("seed", StyledText("\(explanation.seed), \(seedOrigin)"))
        switch explanation.request {
        case .trace(let id): row("trace id", StyledText("\(id)"))
        case .requestID(let id): row("request id", StyledText(id))
        }
        row("hash", StyledText("0x" + Hex.string(explanation.decision.hash)))
        let number = "\(explanation.decision.number(0))"
        row(
            "number",
            StyledText(number + (explanation.isHit ? " is below " : " is not below ") + "the rate \(rule.rate)"))
        if let text = explanation.sampleText { row("value", StyledText(text)) }
        row(
            "result",
            explanation.isHit
                ? StyledText("hit", .color(.red).bold) : StyledText("not hit", .color(.green).bold))
        if explanation.isHit {
            for condition in explanation.conditions { row("only if", StyledText(condition)) }
        }
        return table.lines()
    }

    static func write(_ explanation: FaultExplanation, to json: inout JSONWriter) {
        let rule = explanation.rule
        json.object {
            $0.member("rule", rule.description)
            $0.member("id", rule.id)
            $0.member("scope", rule.kind.scope.rawValue)
            if explanation.isDecided {
                $0.name("seed")
                FaultState.write(seed: explanation.seed, to: &$0)
                switch explanation.request {
                case .trace(let id): $0.member("trace_id", id.description)
                case .requestID(let id): $0.member("request_id", id)
                }
                $0.member("hash", Hex.string(explanation.decision.hash))
                $0.member("number", explanation.decision.number(0))
                $0.member("rate", rule.rate)
                $0.member("hit", explanation.isHit)
                if let text = explanation.sampleText { $0.member("value", text) }
            }
            $0.name("conditions")
            $0.array { for condition in explanation.conditions { $0.value(condition) } }
        }
    }
}
