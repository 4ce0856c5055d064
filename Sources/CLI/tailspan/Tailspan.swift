import Arguments
import Configuration
import Glibc
import OTelSDK
import Supervision
import Terminal

/// The program: finds the command, runs it, exits with its code.
@main
enum Tailspan {
    static let version = OTelSDK.version

    static let program = Program(
        name: "tailspan",
        abstract: "a synthetic microservice environment for learning and verifying log-to-trace links",
        version: version,
        footer: """
            Begin with 'tailspan demo': it starts everything, sends some requests, and shows one trace with its log lines.
            Exit codes: 0 success, 1 failure, 2 misuse, 130 ended by Ctrl-C.
            """,
        commands: commands)

    /// All commands, in the order of the help.
    static let commands: [any Command.Type] = [
        DemoCommand.self, UpCommand.self, DoctorCommand.self, LoadCommand.self, VerifyCommand.self, FaultCommand.self,
        IncidentCommand.self, TraceCommand.self, LogsCommand.self, GatewayCommand.self, TasksCommand.self,
        ExecutorCommand.self, PaymentsCommand.self, PocketCommand.self,
        HealthcheckCommand.self, SettingsCommand.self, VersionCommand.self,
    ]

    static func main() {
        // A closed reader is noticed when writing, instead of ending the process.
        signal(SIGPIPE, SIG_IGN)
        let environment = processEnvironment()
        ParentDeath.follow(environment)
        let tools = Tools(
            out: .standard(STDOUT_FILENO, environment: environment, whenClosed: { exit(0) }),
            err: .standard(STDERR_FILENO, environment: environment), environment: environment)
        exit(run(Array(Swift.CommandLine.arguments.dropFirst()), tools))
    }

    /// Returns the exit code.
    static func run(_ arguments: [String], _ tools: Tools) -> Int32 {
        switch program.parse(arguments) {
        case .help(let help):
            tools.out.lines(help.lines(width: tools.out.width))
            return ExitCode.success
        case .version(let text):
            tools.out.line(StyledText(text))
            return ExitCode.success
        case .misuse(let message):
            tools.err.line(StyledText(message))
            return ExitCode.usage
        case .run(let command, let path):
            do {
                switch command {
                case let command as any LoopCommand: return try command.runBlocking(tools)
                case let command as any MainThreadCommand: return try command.run(tools)
                default: preconditionFailure("\(path) is neither a LoopCommand nor a MainThreadCommand")
                }
            } catch {
                tools.fail("\(error)")
                return ExitCode.failure
            }
        }
    }
}
