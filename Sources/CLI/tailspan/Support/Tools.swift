import Arguments
import EventLoop
import HTTP
import ServiceLifecycle
import Synchronization
import Terminal

/// The output and environment of a command.
package struct Tools: Sendable {
    /// For results.
    var out: Terminal
    /// For everything besides results: progress, errors.
    package var err: Terminal
    package var environment: [String: String]

    /// Writes one line to standard error, marked as an error.
    func fail(_ message: String) {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        err.line(StyledText("error: ", .color(.red).bold) + StyledText(String(lines.first ?? "")))
        err.lines(lines.dropFirst().map { StyledText(String($0)) })
    }

    /// The same without colours and redrawing.
    func withoutColors(_ isWanted: Bool) -> Tools {
        guard isWanted else { return self }
        var tools = self
        tools.out.showsColors = false
        tools.err.showsColors = false
        return tools
    }
}

/// A command that works on the main thread and returns when it is done: the services, which have their own loop and
/// signal handling.
protocol MainThreadCommand: Command {
    /// Returns the exit code.
    func run(_ tools: Tools) throws -> Int32
}

/// A command that runs on an event loop.
protocol LoopCommand: Command {
    /// Whether there is nothing to clean up: then the first Ctrl-C ends the process at once.
    static var endsAtOnce: Bool { get }
    /// Returns the exit code. Ctrl-C cancels the task unless the command handles the signal itself.
    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32
}

extension LoopCommand {
    static var endsAtOnce: Bool { false }
}

/// Additional tools for a command on a loop.
package struct LoopTools: Sendable {
    package let eventLoop: EventLoop
    package let client: HTTPClient
    let interrupts: Interrupts
}

/// Forwards Ctrl-C and similar signals to a handler.
final class Interrupts: Sendable {
    private let handler: Mutex<@Sendable (UnixSignal) -> Void>

    init(_ handler: @escaping @Sendable (UnixSignal) -> Void) { self.handler = Mutex(handler) }

    /// Makes `handler` the only one that is called from now on.
    func take(_ handler: @escaping @Sendable (UnixSignal) -> Void) { self.handler.withLock { $0 = handler } }

    func deliver(_ signal: UnixSignal) { handler.withLock { $0 }(signal) }
}
