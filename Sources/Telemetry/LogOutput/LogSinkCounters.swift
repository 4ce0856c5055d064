import Synchronization

/// What became of the lines of one destination. Read from any thread.
final class LogSinkCounters: Sendable {
    private let written = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)

    /// Lines handed to the system in full.
    var linesWritten: Int { written.load(ordering: .relaxed) }
    /// Lines given up: there was no room to keep them until they could be written.
    var linesDropped: Int { dropped.load(ordering: .relaxed) }

    func add(written count: Int) { written.add(count, ordering: .relaxed) }
    func add(dropped count: Int) { dropped.add(count, ordering: .relaxed) }
}
