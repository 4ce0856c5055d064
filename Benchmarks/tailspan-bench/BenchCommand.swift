import Arguments
import EventLoop
import Glibc
import Synchronization

/// A command that runs on an event loop, as a service's handlers do.
protocol BenchCommand: Command {
    /// Returns one JSON object.
    func run(on loop: EventLoop) async throws -> String
}

/// Runs a command on a loop on the calling thread.
func runOnLoop(_ command: any BenchCommand) throws -> String {
    signal(SIGPIPE, SIG_IGN)
    let loop = try EventLoop(name: "bench")
    let outcome = Outcome()
    Task(executorPreference: loop) {
        do {
            let text = try await command.run(on: loop)
            outcome.result.withLock { $0 = .success(text) }
        } catch {
            outcome.result.withLock { $0 = .failure(error) }
        }
        loop.stop()
    }
    loop.run()
    return try outcome.result.withLock { $0 }.get()
}

/// Carries the result from the loop's task to the main thread.
private final class Outcome: Sendable {
    let result = Mutex<Result<String, any Error>>(.failure(NotRun()))

    private struct NotRun: Error, CustomStringConvertible {
        var description: String { "the event loop ended before the command did" }
    }
}
