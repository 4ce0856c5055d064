/// Hexadecimal in the form of trace context: lower case only.
public enum Hex {
    /// The digit of a value below 16.
    @inlinable @inline(__always)
    public static func digit(_ value: UInt8) -> UInt8 { value < 10 ? value &+ 48 : value &+ 87 }

    /// The value of a lower-case digit; `nil` for any other character.
    @inlinable @inline(__always)
    public static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit &- 48
        case 97...102: digit &- 87
        default: nil
        }
    }

    /// 16 lower-case digits.
    package static func string(_ value: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for index in 0..<16 { buffer[index] = digit(UInt8(truncatingIfNeeded: value >> (60 - 4 * index)) & 0xF) }
            return 16
        }
    }

    /// The lower-case digits of `bytes`.
    package static func string(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            var index = 0
            for byte in bytes {
                buffer[index] = digit(byte >> 4)
                buffer[index + 1] = digit(byte & 0xF)
                index += 2
            }
            return index
        }
    }

    /// Parses up to 16 lower-case digits; `nil` for no digits, more than 16, or any other character.
    package static func parse(_ digits: some Collection<UInt8>) -> UInt64? {
        guard !digits.isEmpty, digits.count <= 16 else { return nil }
        var result: UInt64 = 0
        for digit in digits {
            guard let value = value(digit) else { return nil }
            result = result << 4 | UInt64(value)
        }
        return result
    }
}
