import Encoding

/// Writes `2026-11-20T16:32:01.123456Z`. Most lines share their second with the previous line, so everything but the
/// microseconds is cached.
struct TimestampCache: ~Copyable {
    private var second = UInt64.max
    private var prefix = ByteWriter(capacity: 32)

    /// The length of a timestamp up to and including the dot.
    private static let prefixLength = 20

    mutating func append(_ nanosecondsSinceEpoch: UInt64, to output: inout ByteWriter) {
        let second = nanosecondsSinceEpoch / 1_000_000_000
        if second != self.second {
            prefix.removeAll()
            RFC3339.append(nanosecondsSinceEpoch: second * 1_000_000_000, to: &prefix)
            prefix.truncate(to: TimestampCache.prefixLength)
            self.second = second
        }
        prefix.withUnsafeBytes { output.append(contentsOf: $0) }
        let microseconds = (nanosecondsSinceEpoch - second * 1_000_000_000) / 1000
        let (milliseconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1000)
        Self.append(milliseconds, to: &output)
        Self.append(rest, to: &output)
        output.append(UInt8(ascii: "Z"))
    }
    /// Appends three digits.
    private static func append(_ thousandths: UInt64, to output: inout ByteWriter) {
        output.append(UInt8(truncatingIfNeeded: thousandths / 100) + 48)
        output.append(UInt8(truncatingIfNeeded: thousandths / 10 % 10) + 48)
        output.append(UInt8(truncatingIfNeeded: thousandths % 10) + 48)
    }
}
