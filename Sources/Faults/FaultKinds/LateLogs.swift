import EventLoop
import FaultRules
import LogOutput
import Synchronization

extension FaultDefinition {
    /// Writes lines long after their request has ended. Caught by verification rule 7 (line within span's time) if they
    /// are later than the end of the span.
    static let lateLogs = FaultDefinition(
        "late-logs", .correlation, argument: .duration(default: .seconds(5)), brokenRule: 7,
        summary: "stamps and writes lines so much later",
        .line { fault, line in
            fault.inject()
            guard let eventLoop = fault.eventLoop else { return }
            let output = line.output
            line.postpone = { write in
                let lines = fault.kept {
                    let lines = LateLines()
                    output.onClose { lines.writeAll() }
                    return lines
                }
                return lines.add(after: fault.delay, on: eventLoop, write)
            }
        })
}

extension FaultKind { package static let lateLogs = FaultDefinition.lateLogs.kind }

/// Lines held back until they are late. Bounded: a line that does not fit is written on time. Safe to use from any
/// thread.
final class LateLines: Sendable {
    static let capacity = 10_000

    private struct Waiting {
        var write: @Sendable () -> Void
        var task: Task<Void, Never>
    }

    private struct State {
        var waiting: [Int: Waiting] = [:]
        var next = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Schedules `write` to run after `delay`.
    /// - Returns: `false` if there is no room, or the process is shutting down.
    func add(after delay: Duration, on eventLoop: EventLoop, _ write: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.waiting.count < Self.capacity else { return false }
            let number = state.next
            state.next += 1
            let task = Task(executorPreference: eventLoop) {
                // Interrupted only at shutdown, which writes the line itself.
                try? await eventLoop.sleep(for: delay)
                self.take(number)?()
            }
            state.waiting[number] = Waiting(write: write, task: task)
            return true
        }
    }

    private func take(_ number: Int) -> (@Sendable () -> Void)? {
        state.withLock { $0.waiting.removeValue(forKey: number)?.write }
    }

    /// Runs all writes that are still waiting, in the order they were added. Lines that follow are not delayed.
    func writeAll() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            state.isClosed = true
            return state.waiting.sorted { $0.key < $1.key }.map(\.value)
        }
        for line in waiting {
            line.task.cancel()
            line.write()
        }
    }
}
