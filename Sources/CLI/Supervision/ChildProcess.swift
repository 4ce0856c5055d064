import EventLoop
import Glibc
import Synchronization

/// A child process, watched on an event loop: its lines of output, and its exit.
package final class ChildProcess: Sendable {
    package enum Stream: Sendable { case output, errors }

    let pid: pid_t
    private let eventLoop: EventLoop
    private let onLine: @Sendable (Stream, String) -> Void
    private let state = Mutex(State())

    private struct State {
        var exit: ProcessExit?
        var openStreams = 2
        var hasEnded = false
        var waiters: [CheckedContinuation<ProcessExit, Never>] = []
    }

    /// Starts a program. `onLine` is called on the loop, in the order of the lines of each stream.
    package init(
        _ program: ProgramSpec, on eventLoop: EventLoop, onLine: @escaping @Sendable (Stream, String) -> Void
    ) throws(SpawnError) {
        let spawned = try Spawn.start(program)
        pid = spawned.pid
        self.eventLoop = eventLoop
        self.onLine = onLine
        eventLoop.submit {
            self.read(spawned.standardOutput, .output)
            self.read(spawned.standardError, .errors)
            self.lookForEnd()
        }
    }

    /// Sends a signal, unless the process has ended.
    package func send(_ signal: Int32) {
        // The id cannot belong to another process: it is only released by `waitpid`, which sets `exit`.
        state.withLock { if $0.exit == nil { _ = kill(pid, signal) } }
    }

    /// How it exited, once all of its output has been read; `nil` until then.
    var exitStatus: ProcessExit? { state.withLock { $0.hasEnded ? $0.exit : nil } }

    /// Waits until it has exited and its output has been read.
    package func waitForExit() async -> ProcessExit {
        await withCheckedContinuation { continuation in
            let exit = state.withLock { state -> ProcessExit? in
                if state.hasEnded { return state.exit }
                state.waiters.append(continuation)
                return nil
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    private func read(_ descriptor: Int32, _ stream: Stream) {
        let reader = Reader()
        do {
            reader.watch = try eventLoop.watch(descriptor, for: .read) { _ in self.drain(descriptor, stream, reader) }
        } catch {
            onLine(.errors, "its output cannot be read: \(error)")
            close(descriptor)
            streamEnded()
        }
    }

    /// The reader of one stream; used on the loop only.
    private final class Reader {
        var watch: EventLoop.Watch?
        var lines = OutputSplitter()
    }

    private func drain(_ descriptor: Int32, _ stream: Stream, _ reader: Reader) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count > 0 {
            for line in reader.lines.append(buffer[..<count]) { onLine(stream, line) }
            return
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        if let line = reader.lines.finish() { onLine(stream, line) }
        reader.watch?.cancel()
        reader.watch = nil
        close(descriptor)
        streamEnded()
    }

    private func streamEnded() {
        state.withLock { $0.openStreams -= 1 }
        finishIfDone()
    }

    /// Polls every few milliseconds: SIGCHLD is process-wide, and the process is not always ours (tests).
    private func lookForEnd() {
        var status: Int32 = 0
        let result: pid_t? = state.withLock { state in
            let result = waitpid(pid, &status, WNOHANG)
            if result == pid { state.exit = ProcessExit(waitStatus: status) }
            // Another caller has waited for it: its exit status is lost.
            if result < 0, errno == ECHILD { state.exit = .code(255) }
            return state.exit == nil ? nil : result
        }
        guard result != nil else {
            _ = eventLoop.schedule(after: .milliseconds(20)) { self.lookForEnd() }
            return
        }
        finishIfDone()
        // A grandchild may hold the streams open for ever; its later output is dropped.
        _ = eventLoop.schedule(after: .milliseconds(500)) { self.finish() }
    }

    private func finishIfDone() {
        if state.withLock({ $0.exit != nil && $0.openStreams == 0 }) { finish() }
    }

    private func finish() {
        let (exit, waiters) = state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return (state.exit, state.waiters)
        }
        guard let exit else { return }
        for waiter in waiters { waiter.resume(returning: exit) }
    }
}
