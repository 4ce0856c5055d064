import Encoding

/// The id of a trace: 16 bytes, not all zero (W3C Trace Context, "trace-id"). Written as 32 lower-case hex digits.
public struct TraceID: Hashable, Sendable, LosslessStringConvertible {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian; random for Level 2's random flag.
    public let low: UInt64

    /// Creates an id from its halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Parses 32 lower-case hex digits; `nil` for anything else, including the all-zero id.
    public init?(_ text: String) {
        var text = text
        let id: TraceID? = text.withUTF8 { digits in
            guard digits.count == 32, let high = Hex.parse(digits[..<16]), let low = Hex.parse(digits[16...]) else {
                return nil
            }
            return TraceID(high: high, low: low)
        }
        guard let id, id.isValid else { return nil }
        self = id
    }

    /// Whether the id is not all zero.
    public var isValid: Bool { high | low != 0 }

    /// 32 lower-case hex digits.
    public var description: String { Hex.string(high) + Hex.string(low) }
}

/// The id of a span: 8 bytes, not all zero (W3C Trace Context, "parent-id"). Written as 16 lower-case hex digits.
public struct SpanID: Hashable, Sendable, LosslessStringConvertible {
    /// The bytes, big-endian.
    public let value: UInt64

    /// Creates an id.
    public init(value: UInt64) { self.value = value }

    /// Parses 16 lower-case hex digits; `nil` for anything else, including the all-zero id.
    public init?(_ text: String) {
        guard text.utf8.count == 16, let value = Hex.parse(Array(text.utf8)), value != 0 else { return nil }
        self.value = value
    }

    /// Whether the id is not all zero.
    public var isValid: Bool { value != 0 }

    /// 16 lower-case hex digits.
    public var description: String { Hex.string(value) }
}

/// The flags of a trace context (W3C Trace Context Level 2, "trace-flags").
public struct TraceFlags: OptionSet, Hashable, Sendable {
    /// The byte on the wire.
    public let rawValue: UInt8
    /// Creates flags from the byte on the wire.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The caller may have recorded the trace.
    public static let sampled = TraceFlags(rawValue: 1)
    /// The rightmost seven bytes of the trace id are random.
    public static let random = TraceFlags(rawValue: 2)
    /// All flags with a defined meaning.
    static let known: TraceFlags = [.sampled, .random]
}
