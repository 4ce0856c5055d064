import Arguments
import Encoding
import FaultControl
import FaultKinds
import FaultRules
import Terminal
import Vocabulary

struct FaultAddCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "add", abstract: "Adds fault rules to the services that they concern",
        discussion: """
            All or none: if a service refuses a rule, the ones already added are taken out again. A rule with match= goes \
            to the gateway too, which tells the services further in what they match by.
            """,
        examples: ["tailspan fault add 'payments:latency=200ms,rate=50%' 'tasks:db-error,rate=1%'"], section: "Change")

    @Positional("RULE", help: "A rule, or several separated by ';'.") var texts: [String] = []
    @ArgumentGroup var services: ServiceOptions
    @Flag("no-color", help: "Shows no colours.") var noColor

    func validate() throws(UsageError) {
        guard try !rules().isEmpty else {
            throw UsageError("RULE: expected a rule, such as payments:latency=200ms")
        }
    }

    private func rules() throws(UsageError) -> [FaultRule] {
        do { return try FaultRule.list(parsing: texts.joined(separator: "\n")) } catch { throw UsageError("\(error)") }
    }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        let rules = try rules()
        let controls = FaultControls(services, tools, loop)
        var done: [(ServiceRole, [FaultRule])] = []
        for role in ServiceRole.allCases {
            let own = rules.filter { $0.recipients.contains(role) }
            guard !own.isEmpty else { continue }
            do {
                try await controls.client(role).post(own)
                done.append((role, own))
            } catch let error as FaultControlError {
                FaultControls.complain(role, error, tools)
                await undo(done, controls, tools)
                return ExitCode.failure
            }
        }
        for rule in rules {
            let names = rule.recipients.filter(rule.concerns).map(\.rawValue).joined(separator: ", ")
            tools.out.line(
                StyledText("added ", .dim) + StyledText(rule.id, .bold) + StyledText(" to \(names): ", .dim)
                    + StyledText(rule.description))
        }
        return ExitCode.success
    }

    private func undo(_ done: [(ServiceRole, [FaultRule])], _ controls: FaultControls, _ tools: Tools) async {
        for (role, rules) in done {
            for rule in rules {
                do { _ = try await controls.client(role).delete(id: rule.id) } catch {
                    tools.fail("'\(rule.id)' stays set at \(role.rawValue): \(error)")
                }
            }
        }
        if !done.isEmpty { tools.err.line("nothing was added") }
    }
}

struct FaultClearCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "clear", abstract: "Takes fault rules out of all services",
        examples: ["tailspan fault clear", "tailspan fault clear payments-latency"], section: "Change")

    @Positional("ID", help: "Only the rule with this id.") var id: String?
    @ArgumentGroup var services: ServiceOptions
    @Flag("no-color", help: "Shows no colours.") var noColor

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        let controls = FaultControls(services, tools, loop)
        // Asked first, to report what was removed, or what may have been meant.
        let states = try await controls.ask(tools) { try await $0.get() }
        var cleared = 0
        guard !states.isEmpty else { return ExitCode.failure }
        let answers = try await controls.ask(tools, states.map(\.role)) { client in
            guard let id else { return try await client.delete() }
            if try await client.delete(id: id) { cleared += 1 }
        }
        let isComplete = answers.count == ServiceRole.allCases.count
        let ids = Set(states.flatMap { $0.answer.rules.map(\.id) }).sorted()
        if let id, cleared == 0 {
            let hint =
                Suggestion.closest(to: id, among: ids).map { ": did you mean '\($0)'?" }
                ?? (ids.isEmpty ? ": none is set" : ": expected \(ids.joined(separator: ", "))")
            tools.fail("no rule has the id '\(id)'\(hint)")
            return ExitCode.failure
        }
        if let id {
            tools.out.line("cleared \(id)")
        } else {
            tools.out.line(StyledText(ids.isEmpty ? "no rule was set" : "cleared " + ids.joined(separator: ", ")))
        }
        return isComplete ? ExitCode.success : ExitCode.failure
    }
}
