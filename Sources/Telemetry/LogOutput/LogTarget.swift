import Glibc

/// What a sink writes to.
protocol LogTarget: ~Copyable {
    /// Says in a message what it is.
    var description: String { get }

    /// Gets ready to write, so that what is wrong shows early.
    mutating func prepare(at nanoseconds: UInt64) -> LogFailure?

    /// Waits until more can be written, at most for `milliseconds`; `false` if that is of no use.
    func waitForRoom(milliseconds: Int32) -> Bool

    /// Writes as much of `lines` as goes without waiting. They end with a newline; they begin within a line if the last
    /// write ended within one.
    mutating func write(_ lines: UnsafeBufferPointer<UInt8>, at nanoseconds: UInt64) -> LogWriteResult
}

/// How far a write got.
struct LogWriteResult {
    /// How many bytes are done with.
    var consumed = 0
    /// How many lines among them were given up.
    var linesLost = 0
    /// What stopped it; `nil` if all was written, or if the reader has no room at the moment.
    var failure: LogFailure?
}

/// Why lines cannot be written.
struct LogFailure: Error, Equatable, CustomStringConvertible {
    /// What was tried, such as `open`.
    var operation: String
    var path: String
    var errno: Int32

    var description: String { "cannot \(operation) \(path): \(String(cString: strerror(errno)))" }
}

extension UnsafeBufferPointer<UInt8> {
    /// The length of the first line with its newline; of all, if there is none.
    var firstLineLength: Int { (firstIndex(of: UInt8(ascii: "\n")) ?? count - 1) + 1 }

    /// The length of as many whole lines as fit in `room` bytes.
    func wholeLines(fitting room: Int) -> Int {
        if room >= count { return count }
        guard room > 0 else { return 0 }
        return (self[..<room].lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
    }

    var lineCount: Int { reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 } }
}
