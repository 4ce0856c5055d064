import Arguments
import Encoding
import EventLoop
import FaultControl
import FaultKinds
import FaultRules
import Terminal
import Vocabulary

struct FaultListCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "list", abstract: "Shows the fault rules of all services, and how often they took effect",
        examples: ["tailspan fault list"], section: "Look")

    @ArgumentGroup var services: ServiceOptions
    @Flag("no-color", help: "Shows no colours.") var noColor
    @Flag("json", help: "Writes JSON: an array of what each service says.") var json

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        let states = try await FaultControls(services, tools, loop).ask(tools) { try await $0.get() }
        if json {
            tools.out.json { $0.array { for state in states { state.answer.write(to: &$0) } } }
        } else if !states.isEmpty {
            show(states.map(\.answer), tools)
        }
        return states.count == ServiceRole.allCases.count ? ExitCode.success : ExitCode.failure
    }

    private func show(_ states: [FaultState], _ tools: Tools) {
        var table = Table(["SERVICE", "NOW", .right("INJECTED"), "ID", "RULE"])
        for state in states {
            for rule in state.rules where Self.concerns(rule, state) {
                table.append([
                    StyledText(state.service),
                    rule.isInForce ? StyledText("in force", .color(.red)) : "waiting or over",
                    StyledText("\(rule.injected)"), StyledText(rule.id, .bold), StyledText(rule.rule),
                ])
            }
        }
        if table.rows.isEmpty {
            tools.out.line("no fault rules are set")
        } else {
            tools.out.table(table)
        }
        let seeds = Set(states.map(\.seed))
        if seeds.count == 1, let seed = seeds.first, !table.rows.isEmpty {
            tools.out.line(StyledText("seed \(seed)", .dim))
        } else if seeds.count > 1 {
            let list = states.map { "\($0.service) \($0.seed)" }.joined(separator: ", ")
            tools.err.line(StyledText("the services have different seeds: \(list)", .color(.yellow)))
        }
    }

    /// A service also receives rules for others: those of `FAULTS`, and those that match by what the gateway knows.
    private static func concerns(_ rule: FaultState.Rule, _ state: FaultState) -> Bool {
        // An unreadable rule comes from another version, and is better shown than hidden.
        guard let role = ServiceRole(rawValue: state.service), let rule = try? FaultRule(parsing: rule.rule) else {
            return true
        }
        return rule.concerns(role)
    }
}

struct FaultLedgerCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "ledger", abstract: "Shows every injection: the ground truth",
        discussion: """
            Each service keeps its newest injections in memory and all of them in a file, LOG_DIR/<service>/faults.ndjson \
            unless FAULT_LEDGER says otherwise. This shows the ones in memory, oldest first.
            """,
        examples: ["tailspan fault ledger --follow", "tailspan fault ledger --json | jq -r .trace_id"], section: "Look")

    @Flag("follow", short: "f", help: "Goes on showing injections as they happen.") var follow
    @Option("trace", value: "TRACE-ID", help: "Only of this trace: its id, or its first 4 hex digits or more.")
    var trace: TraceReference?
    @ArgumentGroup var services: ServiceOptions
    @Flag("no-color", help: "Shows no colours.") var noColor
    @Flag("json", help: "Writes NDJSON, one injection a line.") var json

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        let controls = FaultControls(services, tools, loop)
        var seen: [ServiceRole: Int] = [:]
        var absent: Set<ServiceRole> = []
        while true {
            var entries: [FaultLedger.Entry] = []
            for role in ServiceRole.allCases {
                do {
                    let new = try await controls.client(role).ledger(after: seen[role] ?? 0)
                    absent.remove(role)
                    if let last = new.last { seen[role] = last.number }
                    entries += new
                } catch let error as FaultControlError {
                    if absent.insert(role).inserted {
                        FaultControls.complain(role, error, tools)
                    }
                    // A service that comes back was restarted, and its counters with it.
                    seen[role] = 0
                }
            }
            show(entries.sorted { ($0.time, $0.service, $0.number) < ($1.time, $1.service, $1.number) }, tools)
            guard follow, absent.count < ServiceRole.allCases.count else { break }
            try await loop.eventLoop.sleep(for: .milliseconds(500))
        }
        return absent.isEmpty ? ExitCode.success : ExitCode.failure
    }

    private func show(_ entries: [FaultLedger.Entry], _ tools: Tools) {
        for entry in entries where trace.map({ wanted in entry.traceID.map(wanted.matches) ?? false }) ?? true {
            if json {
                tools.out.json { entry.write(to: &$0) }
            } else {
                tools.out.line(Self.line(entry))
            }
        }
    }

    static func line(_ entry: FaultLedger.Entry) -> StyledText {
        let place = entry.service + (entry.operation.map { "." + $0 } ?? "")
        let value = entry.value.isEmpty ? "" : "=" + entry.value
        return StyledText(RFC3339.string(nanosecondsSinceEpoch: entry.time), .dim)
            + StyledText("  " + (entry.traceID ?? entry.requestID ?? "whole service")).padded(to: 34)
            + StyledText("  " + place, .color(.cyan)).padded(to: 26)
            + StyledText("  " + entry.rule, .bold) + StyledText("  " + entry.kind + value)
    }
}
