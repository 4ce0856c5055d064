import Arguments
import Terminal

enum Pace: String, ArgumentValue, CaseIterable { case slow, fast }

/// Belongs to two groups of one command.
struct PlaceOptions: ArgumentContainer {
    @Option("place", value: "NAME", .notEmpty, help: "Where.") var place: String?
}

struct StoreOptions: ArgumentContainer {
    @ArgumentGroup var place: PlaceOptions
}

struct StackOptions: ArgumentContainer {
    @Option("loki", value: "URL", .url, help: "Where Loki is.") var loki = "http://127.0.0.1:3100"
    @Flag("json", short: "j", help: "Writes JSON.") var json
    @ArgumentGroup var place: PlaceOptions

    func validate() throws(UsageError) {
        if json, loki == "http://no.json" { throw UsageError("this Loki has no JSON") }
    }
}

struct SendCommand: Command {
    static let configuration = CommandConfiguration(
        "send", abstract: "Sends requests", discussion: "One after the other.",
        examples: [.init("sample send --rate 5 all", "Sends slowly.")], section: "Work")

    @Option("rate", short: "r", value: "R", .moreThan(0), help: "Requests a second.") var rate = 50.0
    @Option("pace", value: "PACE", help: "How quick.") var pace = Pace.slow
    @Option("duration", value: "TIME", help: "How long.") var duration: Duration?
    @Option("tag", value: "TEXT", help: "A tag.") var tags: [String] = []
    @Option("seed", value: "N", .range(0...9), help: "The seed. It must be small.") var seed: Int
    @Flag("quiet", short: "q", help: "Says nothing.") var quiet
    @ArgumentGroup var stack: StackOptions
    @ArgumentGroup var store: StoreOptions
    @Positional("TARGET", .oneOf(["all", "some"]), help: "What to send to.") var target: String
    @Positional("REST", help: "More.") var rest: [String] = []
}

struct StopCommand: Command {
    static let configuration = CommandConfiguration("stop", abstract: "Stops one", section: "Work")
    @Positional("NAME", help: "Which.") var name: String?
}

struct FaultCommand: Command {
    static let configuration = CommandConfiguration(
        "fault", abstract: "Handles faults", section: "Break", subcommands: [SetCommand.self, ClearCommand.self])
    struct SetCommand: Command {
        static let configuration = CommandConfiguration("set", abstract: "Sets a fault")
        @Option("rate", value: "R", .range(0...1), help: "How often.") var rate = 1.0
    }
    struct ClearCommand: Command {
        static let configuration = CommandConfiguration("clear", abstract: "Clears all faults")
    }
}

let sample = Program(
    name: "sample", abstract: "a program to test with", version: "1.2.3", footer: "Begin with sample send.",
    commands: [SendCommand.self, StopCommand.self, FaultCommand.self])

extension Program {
    /// The command that `line`, split at spaces, means; `nil` if it means something else.
    func command<C: Command>(_ line: String, as type: C.Type = C.self) -> C? {
        guard case .run(let command, _) = parse(line.split(separator: " ").map(String.init)) else { return nil }
        return command as? C
    }

    /// The one line that `line` is answered with.
    func misuse(_ line: String) -> String? {
        guard case .misuse(let message) = parse(line.split(separator: " ").map(String.init)) else { return nil }
        return message
    }

    func help(_ line: String) -> String? {
        guard case .help(let help) = parse(line.split(separator: " ").map(String.init)) else { return nil }
        return help.lines(width: 80).map(\.plain).joined(separator: "\n")
    }
}
