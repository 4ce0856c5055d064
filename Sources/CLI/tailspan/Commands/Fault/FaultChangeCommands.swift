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
        do { try await FaultControls(services, tools, loop).fleet.add(rules) } catch {
            guard let reason = error.error as? FaultControlError else { throw error.error }
            FaultControls.complain(error.role, reason, tools)
            for rule in error.left { tools.fail(rule) }
            if error.hadAdded { tools.err.line("nothing was added") }
            return ExitCode.failure
        }
        for rule in rules {
            let names = rule.recipients.filter(rule.concerns).map(\.rawValue).joined(separator: ", ")
            tools.out.line(
                StyledText("added ", .dim) + StyledText(rule.id, .bold) + StyledText(" to \(names): ", .dim)
                    + StyledText(rule.description))
        }
        return ExitCode.success
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
