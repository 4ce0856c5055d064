import Glibc
import SwiftOverlayShims
import Synchronization

/// The destination of output: a descriptor, or memory in a test. Safe to use from any thread; writes are not
/// interleaved.
package protocol OutputSink: Sendable {
    func write(_ text: String)
    /// The current number of columns; `nil` unless it is a terminal that reports it.
    var columns: Int? { get }
}

/// Output to a descriptor such as standard output. When the reader has gone (`tailspan logs | head`), further output is
/// silently dropped and `whenClosed` is called once.
package final class DescriptorSink: OutputSink {
    private struct State {
        var isClosed = false
        var whenClosed: (@Sendable () -> Void)?
    }

    private let descriptor: Int32
    private let state: Mutex<State>

    /// Creates a sink. The process must ignore SIGPIPE, otherwise it ends before the sink can notice a closed reader.
    package init(_ descriptor: Int32, whenClosed: (@Sendable () -> Void)? = nil) {
        self.descriptor = descriptor
        state = Mutex(State(whenClosed: whenClosed))
    }

    /// Replaces the action to take when the reader has gone.
    package func whenClosed(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.whenClosed = action } }

    package func write(_ text: String) {
        let closedNow: (@Sendable () -> Void)? = state.withLock { state in
            guard !state.isClosed, !writeAll(text) else { return nil }
            state.isClosed = true
            return state.whenClosed ?? {}
        }
        closedNow?()
    }

    package var columns: Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Returns whether the reader is still there.
    private func writeAll(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard let start = bytes.baseAddress else { return true }
            var done = 0
            while done < bytes.count {
                let written = Glibc.write(descriptor, start + done, bytes.count - done)
                if written >= 0 {
                    done += written
                } else if errno == EAGAIN {
                    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    Glibc.poll(&poll, 1, -1)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}

/// Output kept in memory.
package final class MemorySink: OutputSink {
    private let content = Mutex("")
    package let columns: Int?

    package init(columns: Int? = nil) { self.columns = columns }

    package func write(_ text: String) { content.withLock { $0 += text } }

    package var text: String { content.withLock { $0 } }

    /// What was written since the last call.
    package func take() -> String {
        content.withLock { content in
            defer { content = "" }
            return content
        }
    }
}
