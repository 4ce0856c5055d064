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

    /// The eight digits of `value`, with the first in the lowest byte. Computed all at once: the nibbles are spread
    /// over eight bytes, and those above nine get the distance from `9` to `a` added.
    @inlinable @inline(__always)
    public static func eightDigits(_ value: UInt32) -> UInt64 {
        var nibbles = UInt64(value)
        nibbles = (nibbles | nibbles &<< 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles &<< 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles &<< 4) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = ((nibbles &+ 0x0606_0606_0606_0606) &>> 4) & 0x0101_0101_0101_0101
        return (nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 39).byteSwapped
    }

    /// The value of eight lower-case digits, the first in the lowest byte of `digits`; `nil` for any other character.
    @inlinable @inline(__always)
    public static func parse(eightDigits digits: UInt64) -> UInt32? {
        // Only letters have this bit, and only digits that write themselves again are digits.
        let letters = (digits &>> 6) & 0x0101_0101_0101_0101
        var value = ((digits & 0x0F0F_0F0F_0F0F_0F0F) &+ letters &* 9).byteSwapped
        value = (value | value &>> 4) & 0x00FF_00FF_00FF_00FF
        value = (value | value &>> 8) & 0x0000_FFFF_0000_FFFF
        let result = UInt32(truncatingIfNeeded: value | value &>> 16)
        return eightDigits(result) == digits ? result : nil
    }

    /// 16 lower-case digits.
    package static func string(_ value: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            write(value, to: buffer, at: 0)
            return 16
        }
    }

    /// Writes 16 lower-case digits.
    package static func write(_ value: UInt64, to buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
        precondition(start >= 0 && start + 16 <= buffer.count)
        guard let base = buffer.baseAddress.map({ UnsafeMutableRawPointer($0 + start) }) else { return }
        base.storeBytes(of: eightDigits(UInt32(truncatingIfNeeded: value &>> 32)).littleEndian, as: UInt64.self)
        base.storeBytes(
            of: eightDigits(UInt32(truncatingIfNeeded: value)).littleEndian, toByteOffset: 8, as: UInt64.self)
    }

    /// Parses the 16 digits at `start`; `nil` for any other character.
    package static func parse(sixteenDigits digits: UnsafeBufferPointer<UInt8>, at start: Int) -> UInt64? {
        precondition(start >= 0 && start + 16 <= digits.count)
        let bytes = UnsafeRawBufferPointer(digits)
        let high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        let low = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self))
        guard let high = parse(eightDigits: high), let low = parse(eightDigits: low) else { return nil }
        return UInt64(high) &<< 32 | UInt64(low)
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
