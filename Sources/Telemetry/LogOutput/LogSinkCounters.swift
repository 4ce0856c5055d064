import Synchronization

/// Counts the lines of one destination. Can be read from any thread.
final class LogSinkCounters: Sendable {
    private let written = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)

    /// Lines passed to the system completely.
    var linesWritten: Int { written.load(ordering: .relaxed) }
    /// Lines dropped because there was no room to keep them.
    var linesDropped: Int { dropped.load(ordering: .relaxed) }

    func add(written count: Int) { written.add(count, ordering: .relaxed) }
    func add(dropped count: Int) { dropped.add(count, ordering: .relaxed) }
}
