/// Percent-encoding (RFC 3986, section 2.1) of texts.
package enum PercentEncoding {
    /// Decodes; a `%` that two hex digits do not follow stays as it is, and bytes that are not UTF-8 become U+FFFD.
    static func decode(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        return String(decoding: bytes(text).decoded, as: UTF8.self)
    }

    /// Decodes; `nil` if a `%` is not followed by two hex digits or the bytes are not UTF-8.
    package static func decodeStrictly(_ text: some StringProtocol) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        let (decoded, isWellFormed) = bytes(text)
        return isWellFormed ? String(validating: decoded, as: UTF8.self) : nil
    }

    /// Encodes every byte for which `isAllowed` does not hold. `%` is always encoded.
    static func encode(_ text: String, where isAllowed: (UInt8) -> Bool) -> String {
        if text.utf8.allSatisfy({ $0 != UInt8(ascii: "%") && isAllowed($0) }) { return text }
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            if byte != UInt8(ascii: "%"), isAllowed(byte) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func bytes(_ text: some StringProtocol) -> (decoded: [UInt8], isWellFormed: Bool) {
        let source = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(source.count)
        var isWellFormed = true
        var index = 0
        while index < source.count {
            if source[index] == UInt8(ascii: "%") {
                if index + 2 < source.count, let high = digit(source[index + 1]), let low = digit(source[index + 2]) {
                    result.append(high << 4 | low)
                    index += 3
                    continue
                }
                isWellFormed = false
            }
            result.append(source[index])
            index += 1
        }
        return (result, isWellFormed)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
