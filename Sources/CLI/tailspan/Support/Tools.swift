import Arguments
import EventLoop
import HTTP
import ServiceLifecycle
import Synchronization
import Terminal

/// What a command is given to work with.
package struct Tools: Sendable {
    /// For results.
    var out: Terminal
    /// For what is said beside the results: progress, errors.
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

/// A command that does its work on the thread of `main` and returns when it is done: the services, which bring their
/// own loop and signal handling.
protocol MainThreadCommand: Command {
    /// Returns the exit code.
    func run(_ tools: Tools) throws -> Int32
}

/// A command that runs on an event loop.
protocol LoopCommand: Command {
    /// Whether nothing has to be tidied up: then the first Ctrl-C ends the process, in the midst of whatever it does.
    static var endsAtOnce: Bool { get }
    /// Returns the exit code. Ctrl-C cancels the task unless the command takes the signal itself.
    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32
}

extension LoopCommand {
    static var endsAtOnce: Bool { false }
}

/// What a command on a loop is given besides.
package struct LoopTools: Sendable {
    package let eventLoop: EventLoop
    package let client: HTTPClient
    let interrupts: Interrupts
}

/// Who is told of Ctrl-C and its kin.
final class Interrupts: Sendable {
    private let handler: Mutex<@Sendable (UnixSignal) -> Void>

    init(_ handler: @escaping @Sendable (UnixSignal) -> Void) { self.handler = Mutex(handler) }

    /// From now on `handler` is told, and nobody else.
    func take(_ handler: @escaping @Sendable (UnixSignal) -> Void) { self.handler.withLock { $0 = handler } }

    func deliver(_ signal: UnixSignal) { handler.withLock { $0 }(signal) }
}
