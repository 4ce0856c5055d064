import Encoding

/// Keeps lines until they can be written: one destination's bounded buffer.
///
/// When the destination takes nothing (a full disk, a pipe that nobody reads), lines are kept up to a limit; then new ones
/// are dropped and counted. That it is in trouble is reported once, and once more when all that was kept is written.
struct LogSink<Target: LogTarget & ~Copyable>: ~Copyable {
    /// So many bytes are worth a write of their own.
    private static var flushThreshold: Int { 64 << 10 }
    /// A buffer that has grown beyond this is given back once it is empty.
    private static var keptCapacity: Int { 256 << 10 }
    /// How long a destination that failed is left alone.
    private static var retryInterval: UInt64 { 1_000_000_000 }

    let counters = LogSinkCounters()
    private var target: Target
    private let limit: Int
    private let report: @Sendable (String) -> Void

    private var pending = ByteWriter(capacity: LogSink.flushThreshold * 2)
    /// How many bytes of `pending` were written, and how many lines still have to be.
    private var written = 0
    private var pendingLines = 0
    private var peak = 0
    private var flushAt = LogSink.flushThreshold

    /// How many lines had been dropped when the trouble began that was reported last; `nil` if all is well.
    private var droppedBeforeTrouble: Int?
    private var retryAt: UInt64?

    init(_ target: consuming Target, limit: Int, report: @escaping @Sendable (String) -> Void) {
        self.target = target
        self.limit = limit
        self.report = report
    }

    var isEmpty: Bool { pending.count == 0 }

    /// Opens the destination, so that what is wrong shows early.
    mutating func prepare(at nanoseconds: UInt64) {
        if let failure = target.prepare(at: nanoseconds) { failed(failure, at: nanoseconds) }
    }

    /// Adds a line; `true` if there is enough for a write.
    mutating func append(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        guard pending.count - written + line.count <= limit else {
            if droppedBeforeTrouble == nil {
                reportTrouble("\(target.description) takes no more log lines; they are dropped")
            }
            counters.add(dropped: 1)
            return false
        }
        pending.append(contentsOf: line)
        pendingLines += 1
        return pending.count >= flushAt
    }

    /// Writes what goes without waiting. A destination that failed is tried again a second later, or at once if
    /// `isUrgent`.
    mutating func flush(at nanoseconds: UInt64, isUrgent: Bool = false) {
        guard pending.count > 0 else { return }
        flushAt = pending.count + LogSink.flushThreshold
        if let retryAt, !isUrgent {
            // A clock that was set back must not silence the log.
            guard nanoseconds >= retryAt || nanoseconds + LogSink.retryInterval < retryAt else { return }
        }
        peak = max(peak, pending.count)
        let start = written
        let result = pending.withUnsafeBytes { bytes in
            target.write(UnsafeBufferPointer(rebasing: bytes[start...]), at: nanoseconds)
        }
        count(result)
        makeRoom()
        if let failure = result.failure { return failed(failure, at: nanoseconds) }
        retryAt = nil
        guard isEmpty, let droppedBeforeTrouble else { return }
        self.droppedBeforeTrouble = nil
        let dropped = counters.linesDropped - droppedBeforeTrouble
        report("\(target.description) takes log lines again; \(dropped) were dropped")
    }

    /// Sets what the destination is to do.
    mutating func change(_ body: (inout Target) -> Void) { body(&target) }

    /// Waits for the destination, at most for `milliseconds`; `false` if that is of no use.
    func waitForRoom(milliseconds: Int32) -> Bool { !isEmpty && target.waitForRoom(milliseconds: milliseconds) }

    /// Gives up what could not be written; for the end.
    mutating func dropPending() {
        counters.add(dropped: pendingLines)
        pending.removeAll()
        written = 0
        pendingLines = 0
    }

    private mutating func count(_ result: LogWriteResult) {
        let end = written + result.consumed
        let lines =
            end == pending.count
            ? pendingLines
            : pending.withUnsafeBytes { UnsafeBufferPointer(rebasing: $0[written..<end]).lineCount }
        pendingLines -= lines
        written = end
        counters.add(written: lines - result.linesLost)
        counters.add(dropped: result.linesLost)
    }

    private mutating func makeRoom() {
        if written == pending.count {
            pending.removeAll()
            if peak > LogSink.keptCapacity { pending = ByteWriter(capacity: LogSink.flushThreshold * 2) }
            peak = 0
            written = 0
        } else if written > pending.count / 2 {
            pending.move(from: written, by: -written)
            written = 0
        }
        flushAt = pending.count + LogSink.flushThreshold
    }

    private mutating func failed(_ failure: LogFailure, at nanoseconds: UInt64) {
        retryAt = nanoseconds + LogSink.retryInterval
        guard droppedBeforeTrouble == nil else { return }
        reportTrouble("\(failure); log lines are kept up to \(limit / 1024) KiB, then dropped")
    }

    private mutating func reportTrouble(_ message: String) {
        droppedBeforeTrouble = counters.linesDropped
        report(message)
    }
}
