import Encoding

/// The bounded buffer of one destination, which keeps lines until they can be written.
///
/// If the destination accepts nothing (a full disk, a pipe without a reader), lines are kept up to a limit. After that,
/// new lines are dropped and counted. A failure is reported once, and its end once everything kept has been written.
struct LogSink<Target: LogTarget & ~Copyable>: ~Copyable {
    /// The number of bytes that justify a separate write.
    private static var flushThreshold: Int { 64 << 10 }
    /// A buffer larger than this is freed once it is empty.
    private static var keptCapacity: Int { 256 << 10 }
    /// How long to wait before a failed destination is retried, in nanoseconds.
    private static var retryInterval: UInt64 { 1_000_000_000 }

    let counters = LogSinkCounters()
    private var target: Target
    private let limit: Int
    private let report: @Sendable (String) -> Void

    private var pending = ByteWriter(capacity: LogSink.flushThreshold * 2)
    /// The number of bytes of `pending` already written, and of lines still to be written.
    private var written = 0
    private var pendingLines = 0
    private var peak = 0
    private var flushAt = LogSink.flushThreshold

    /// The number of lines dropped before the last reported failure began; `nil` if there is none.
    private var droppedBeforeTrouble: Int?
    private var retryAt: UInt64?

    init(_ target: consuming Target, limit: Int, report: @escaping @Sendable (String) -> Void) {
        self.target = target
        self.limit = limit
        self.report = report
    }

    var isEmpty: Bool { pending.count == 0 }

    /// Opens the destination early, so that errors show at start.
    mutating func prepare(at nanoseconds: UInt64) {
        if let failure = target.prepare(at: nanoseconds) { failed(failure, at: nanoseconds) }
    }

    /// Adds a line; returns `true` if enough is buffered for a write.
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

    /// Writes as much as possible without waiting. A failed destination is retried after a second, or at once if
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

    /// Changes the settings of the destination.
    mutating func change(_ body: (inout Target) -> Void) { body(&target) }

    /// Waits until the destination accepts data, at most for `milliseconds`; `false` if waiting is pointless.
    func waitForRoom(milliseconds: Int32) -> Bool { !isEmpty && target.waitForRoom(milliseconds: milliseconds) }

    /// Drops what could not be written, at the end of the process.
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
