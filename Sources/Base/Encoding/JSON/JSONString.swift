extension ByteWriter {
    /// Appends a JSON string with its quotes. `"`, `\` and control characters are escaped; everything else is
    /// unchanged.
    package mutating func append(json text: String) {
        guard text.utf8.withContiguousStorageIfAvailable({ append(json: $0) }) == nil else { return }
        var text = text
        text.withUTF8 { append(json: $0) }
    }

    /// Appends a JSON string from UTF-8 bytes.
    package mutating func append(json bytes: UnsafeBufferPointer<UInt8>) {
        let length = bytes.count
        // Room for both quotes, so that most strings need one check.
        reserve(length &+ 2)
        let target = UnsafeMutableRawPointer(base + used)
        target.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
        let copied = bytes.baseAddress.map { Self.copyUpToEscape($0, length, to: target + 1) } ?? 0
        guard copied == length else {
            used &+= 1 &+ copied
            return appendEscaped(UnsafeBufferPointer(rebasing: bytes[copied...]))
        }
        target.storeBytes(of: UInt8(ascii: "\""), toByteOffset: length &+ 1, as: UInt8.self)
        used &+= length &+ 2
    }

    /// Appends bytes of which the first must be escaped, and the closing quote.
    @inline(never)
    private mutating func appendEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        var rest = bytes
        while let first = rest.first {
            append(escapeOf: first)
            rest = UnsafeBufferPointer(rebasing: rest[1...])
            guard let source = rest.baseAddress else { break }
            reserve(rest.count)
            let copied = Self.copyUpToEscape(source, rest.count, to: UnsafeMutableRawPointer(base + used))
            used &+= copied
            rest = UnsafeBufferPointer(rebasing: rest[copied...])
        }
        append(UInt8(ascii: "\""))
    }

    /// Copies `length` bytes up to the first `"`, `\` or control character, and returns their number. Copies eight or
    /// four bytes at a time while it scans, because most strings are too short for `memcpy` to pay off. The last bytes
    /// may be copied twice, which is faster than one by one.
    @inline(__always)
    private static func copyUpToEscape(
        _ start: UnsafePointer<UInt8>, _ length: Int, to target: UnsafeMutableRawPointer
    ) -> Int {
        let source = UnsafeRawPointer(start)
        var index = 0
        if length >= 8 {
            repeat {
                let word = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if word.hasByteToEscape { break }
                target.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
                index &+= 8
                if index &+ 8 > length, index < length { index = length &- 8 }
            } while index < length
            if index >= length { return length }
        } else if length >= 4 {
            let first = source.loadUnaligned(as: UInt32.self)
            let last = source.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self)
            if !(UInt64(first) | UInt64(last) &<< 32).hasByteToEscape {
                target.storeBytes(of: first, as: UInt32.self)
                target.storeBytes(of: last, toByteOffset: length &- 4, as: UInt32.self)
                return length
            }
        }
        while index < length {
            let byte = start[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            index &+= 1
        }
        return index
    }

    private mutating func append(escapeOf byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(literal: "\\\"")
        case UInt8(ascii: "\\"): append(literal: "\\\\")
        case 0x0A: append(literal: "\\n")
        case 0x0D: append(literal: "\\r")
        case 0x09: append(literal: "\\t")
        default:
            append(literal: "\\u00")
            append(Hex.digit(byte >> 4))
            append(Hex.digit(byte & 0xF))
        }
    }
}

extension UInt64 {
    /// Whether one of the eight bytes is below 0x20, `"` or `\`. Subtracting a bound borrows from a byte's highest bit
    /// if the byte was smaller; bytes that already had this bit set are ignored.
    @inline(__always)
    fileprivate var hasByteToEscape: Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = self ^ (ones &* 0x22)
        let backslash = self ^ (ones &* 0x5C)
        let control = (self &- ones &* 0x20) & ~self
        return (control | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)) & (ones &* 0x80) != 0
    }
}
