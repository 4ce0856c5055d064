import Encoding
import Logging
import Vocabulary

/// Encodes a line, including its newline, for either format. All destinations share one encoder.
struct LogLineEncoder: ~Copyable {
    private let format: LogConfiguration.Format
    private let json: JSONLineEncoder
    private let text: TextLineEncoder
    /// What stands before the timestamp of a line of JSON.
    private let start = Array("{\"\(LogField.timestamp)\":\"".utf8)
    private var timestamps = TimestampCache()

    init(format: LogConfiguration.Format, identity: LogIdentity, source: Bool) {
        self.format = format
        json = JSONLineEncoder(identity: identity, writesSource: source)
        text = TextLineEncoder(identity: identity, writesSource: source)
    }

    /// Appends the line of `event`. The event's fields win over `loggerFields` with the same name.
    mutating func encode(
        _ event: LentEvent, _ loggerFields: Logger.Metadata, _ origin: LogLine.Origin,
        _ overrides: LogLine.Overrides? = nil, at nanosecondsSinceEpoch: UInt64, to output: inout ByteWriter
    ) {
        let nanosecondsSinceEpoch = nanosecondsSinceEpoch + (overrides?.delay ?? 0)
        switch format {
        case .json:
            output.append(contentsOf: start)
            timestamps.append(nanosecondsSinceEpoch, to: &output)
            json.encode(event, loggerFields, origin, overrides, to: &output)
        case .text:
            timestamps.append(nanosecondsSinceEpoch, to: &output)
            text.encode(event, loggerFields, origin, overrides, to: &output)
        }
        output.append(UInt8(ascii: "\n"))
    }
}

extension ByteWriter {
    /// A trace id as 32 hex digits.
    mutating func append(hex high: UInt64, _ low: UInt64) {
        append(hex: high)
        append(hex: low)
    }

    /// Appends a number as JSON. Most are short decimals, such as a duration in milliseconds, and are written without
    /// creating a `String`. Values that JSON cannot represent become strings.
    mutating func append(logNumber value: Double) {
        guard value.isFinite else {
            append(UInt8(ascii: "\""))
            append(value.description)
            return append(UInt8(ascii: "\""))
        }
        let scaled = value * 1000
        guard scaled.magnitude < 1e15, let thousandths = Int64(exactly: scaled), Double(thousandths) / 1000 == value,
            value != 0 || value.sign == .plus
        else { return append(value.description) }
        if thousandths < 0 { append(UInt8(ascii: "-")) }
        let (whole, fraction) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1000)
        append(logInteger: whole)
        guard fraction != 0 else { return }
        append(UInt8(ascii: "."))
        append(UInt8(truncatingIfNeeded: fraction / 100) + 48)
        if fraction % 100 != 0 { append(UInt8(truncatingIfNeeded: fraction / 10 % 10) + 48) }
        if fraction % 10 != 0 { append(UInt8(truncatingIfNeeded: fraction % 10) + 48) }
    }

    /// A decimal integer.
    mutating func append(logInteger value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(logInteger: value.magnitude)
    }

    private mutating func append(logInteger value: UInt64) {
        if value < 10 { return append(UInt8(truncatingIfNeeded: value) + 48) }
        var digits = (UInt64(0), UInt64(0), UInt64(0))
        withUnsafeMutableBytes(of: &digits) { digits in
            var rest = value
            var start = digits.count
            repeat {
                start -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                digits[start] = UInt8(truncatingIfNeeded: digit) + 48
                rest = quotient
            } while rest > 0
            append(
                contentsOf: UnsafeBufferPointer(
                    rebasing: UnsafeRawBufferPointer(digits).assumingMemoryBound(to: UInt8.self)[start...]))
        }
    }
}
