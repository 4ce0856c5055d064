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
        // Room for both quotes, so that most strings need one check.
        reserve(bytes.count &+ 2)
        base[used] = UInt8(ascii: "\"")
        used &+= 1
        let start = appendUpToEscape(bytes)
        if start < bytes.count { appendEscaped(UnsafeBufferPointer(rebasing: bytes[start...])) }
        append(UInt8(ascii: "\""))
    }

    /// Appends bytes of which the first must be escaped.
    @inline(never)
    private mutating func appendEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        var start = 0
        while start < bytes.count {
            append(escapeOf: bytes[start])
            start += 1
            start += appendUpToEscape(UnsafeBufferPointer(rebasing: bytes[start...]))
        }
    }

    /// Appends `bytes` up to the first `"`, `\` or control character, and returns their number. Copies eight bytes at a
    /// time while it scans, because most strings are too short for `memcpy` to pay off.
    @inline(__always)
    private mutating func appendUpToEscape(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard let source = bytes.baseAddress.map({ UnsafeRawPointer($0) }) else { return 0 }
        let length = bytes.count
        reserve(length)
        let target = UnsafeMutableRawPointer(base + used)
        var index = 0
        if length >= 8 {
            while index &+ 8 <= length {
                let word = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if word.hasByteToEscape { break }
                target.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
                index &+= 8
            }
            if index &+ 8 > length, index < length {
                // The last eight bytes. Some are copied twice, which is faster than one by one.
                let word = source.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
                if !word.hasByteToEscape {
                    target.storeBytes(of: word, toByteOffset: length &- 8, as: UInt64.self)
                    index = length
                }
            }
        } else if length >= 4 {
            // Two halves, which overlap if there are fewer than eight bytes.
            let first = source.loadUnaligned(as: UInt32.self)
            let last = source.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self)
            if !(UInt64(first) | UInt64(last) &<< 32).hasByteToEscape {
                target.storeBytes(of: first, as: UInt32.self)
                target.storeBytes(of: last, toByteOffset: length &- 4, as: UInt32.self)
                index = length
            }
        }
        while index < length {
            let byte = source.load(fromByteOffset: index, as: UInt8.self)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            index &+= 1
        }
        used &+= index
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
