import Arguments
import Glibc
import Terminal

/// The parts of the benchmarks that need the product's own code: measures the encoders, and generates the log lines and
/// spans for the pocket stack. Each command writes one JSON object.
@main
enum TailspanBench {
    private static let program = Program(
        name: "tailspan-bench", abstract: "the part of the benchmarks that is written in Swift", version: "1",
        footer: "It is started by Benchmarks/run.",
        commands: [
            EncodersCommand.self, FaultsCommand.self, InPlaceCommand.self, LinesCommand.self, SpansCommand.self,
        ])

    static func main() {
        let err = Terminal.standard(STDERR_FILENO, environment: [:])
        switch program.parse(Array(Swift.CommandLine.arguments.dropFirst())) {
        case .help(let help): err.lines(help.lines(width: err.width))
        case .version(let text): err.line(StyledText(text))
        case .misuse(let message):
            err.line(StyledText(message))
            exit(ExitCode.usage)
        case .run(let command, let path):
            guard let command = command as? any BenchCommand else {
                preconditionFailure("\(path) is no BenchCommand")
            }
            do {
                let result = try runOnLoop(command)
                Terminal.standard(STDOUT_FILENO, environment: [:]).line(StyledText(result))
            } catch {
                err.line(StyledText("\(path): \(error)"))
                exit(ExitCode.failure)
            }
        }
    }
}
