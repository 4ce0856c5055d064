import Glibc

/// A destination that a sink writes to.
protocol LogTarget: ~Copyable {
    /// Its name in messages.
    var description: String { get }

    /// Prepares for writing, so that errors show early.
    mutating func prepare(at nanoseconds: UInt64) -> LogFailure?

    /// Waits until more can be written, at most for `milliseconds`; `false` if waiting is pointless.
    func waitForRoom(milliseconds: Int32) -> Bool

    /// Writes as much of `lines` as possible without waiting. `lines` ends with a newline. It starts within a line if
    /// the last write ended within one.
    mutating func write(_ lines: UnsafeBufferPointer<UInt8>, at nanoseconds: UInt64) -> LogWriteResult
}

/// The result of a write.
struct LogWriteResult {
    /// The number of bytes processed.
    var consumed = 0
    /// The number of lines among them that were dropped.
    var linesLost = 0
    /// Why the write stopped; `nil` if everything was written or the reader has no room at the moment.
    var failure: LogFailure?
}

/// Why lines cannot be written.
struct LogFailure: Error, Equatable, CustomStringConvertible {
    /// The operation that failed, such as `open`.
    var operation: String
    var path: String
    var errno: Int32

    var description: String { "cannot \(operation) \(path): \(String(cString: strerror(errno)))" }
}

extension UnsafeBufferPointer<UInt8> {
    /// The length of the first line with its newline; the whole length if there is none.
    var firstLineLength: Int { (firstIndex(of: UInt8(ascii: "\n")) ?? count - 1) + 1 }

    /// The length of the whole lines that fit in `room` bytes.
    func wholeLines(fitting room: Int) -> Int {
        if room >= count { return count }
        guard room > 0 else { return 0 }
        return (self[..<room].lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
    }

    var lineCount: Int { reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 } }
}
