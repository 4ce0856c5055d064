import EventLoop
import LogOutput
import Synchronization

extension FaultDefinition {
    /// Writes lines when their request has long ended. Caught by rule 7, line within span's time, if they are later than the
    /// span's end.
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

/// Lines that wait until it is too late for them. Bounded: what finds no room is not late. Safe to use from any thread.
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

    /// Has `write` run after `delay`.
    /// - Returns: `false` if there is no room for it, or no time left.
    func add(after delay: Duration, on eventLoop: EventLoop, _ write: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.waiting.count < Self.capacity else { return false }
            let number = state.next
            state.next += 1
            let task = Task(executorPreference: eventLoop) {
                // Woken early only by the end, which writes the line itself.
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

    /// Has all run that still waits, in the order in which they came. Later lines are not late.
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
