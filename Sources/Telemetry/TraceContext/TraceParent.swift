import Encoding

/// The value of the `traceparent` field (W3C Trace Context Level 2, "Traceparent Header").
public enum TraceParent {
    /// The length of a version 00 value, and the minimum for later versions.
    private static let length = 55

    /// Parses a value, with optional surrounding white space; `nil` if it is invalid and a new trace must start.
    ///
    /// Version 00 has exactly 55 characters. For later versions the first 55 characters are parsed, and a dash must
    /// follow if there is more. Two fields joined with a comma are invalid in every version. The result is marked as
    /// remote.
    public static func parse(_ text: String) -> SpanContext? {
        var text = text
        return text.withUTF8 { parse($0) }
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> SpanContext? {
        var (start, end) = (0, bytes.count)
        while start < end, isSpace(bytes[start]) { start += 1 }
        while start < end, isSpace(bytes[end - 1]) { end -= 1 }
        let dash = UInt8(ascii: "-")
        guard end - start >= length, bytes[start + 2] == dash, bytes[start + 35] == dash, bytes[start + 52] == dash,
            let version = hex(bytes, start, 2), version != 0xFF,
            end - start == length || (version > 0 && bytes[start + length] == dash),
            let high = Hex.parse(sixteenDigits: bytes, at: start + 3),
            let low = Hex.parse(sixteenDigits: bytes, at: start + 19), high | low != 0,
            let spanID = Hex.parse(sixteenDigits: bytes, at: start + 36), spanID != 0,
            let flags = hex(bytes, start + 53, 2)
        else { return nil }
        return SpanContext(
            traceID: TraceID(high: high, low: low), spanID: SpanID(value: spanID),
            traceFlags: TraceFlags(rawValue: UInt8(flags)).intersection(.known), isRemote: true)
    }

    /// Formats a version 00 value. Flags without a defined meaning are sent as zero, as the standard requires.
    public static func format(_ context: SpanContext) -> String {
        String(unsafeUninitializedCapacity: length) { buffer in
            buffer[0] = UInt8(ascii: "0")
            buffer[1] = UInt8(ascii: "0")
            buffer[2] = UInt8(ascii: "-")
            Hex.write(context.traceID.high, to: buffer, at: 3)
            Hex.write(context.traceID.low, to: buffer, at: 19)
            buffer[35] = UInt8(ascii: "-")
            Hex.write(context.spanID.value, to: buffer, at: 36)
            buffer[52] = UInt8(ascii: "-")
            buffer[53] = UInt8(ascii: "0")
            buffer[54] = Hex.digit(context.traceFlags.intersection(.known).rawValue)
            return length
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func hex(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) -> UInt64? {
        var result: UInt64 = 0
        for index in start..<start + count {
            guard let digit = Hex.value(bytes[index]) else { return nil }
            result = result << 4 | UInt64(digit)
        }
        return result
    }
}
