/// Percent-encoding (RFC 3986, section 2.1).
public enum PercentEncoding {
    /// Decodes a query component: `+` becomes a space, malformed escapes are kept, and bytes that are not UTF-8 are
    /// replaced.
    public static func decode(_ text: some Collection<UInt8>, plusIsSpace: Bool = true) -> String {
        if !text.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) {
            return String(decoding: text, as: UTF8.self)
        }
        return String(decoding: bytes(text, plusIsSpace: plusIsSpace).decoded, as: UTF8.self)
    }

    /// Decodes a text; `nil` if a `%` is not followed by two hex digits or the bytes are not UTF-8. `+` is kept.
    public static func decodeStrictly(_ text: some StringProtocol) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        let (decoded, isWellFormed) = bytes(text.utf8, plusIsSpace: false)
        return isWellFormed ? String(validating: decoded, as: UTF8.self) : nil
    }

    /// Encodes everything except the unreserved characters.
    public static func encode(_ text: String) -> String { encode(text, where: isUnreserved) }

    /// Encodes every byte for which `isAllowed` returns `false`. `%` is always encoded.
    public static func encode(_ text: String, where isAllowed: (UInt8) -> Bool) -> String {
        if text.utf8.allSatisfy({ $0 != UInt8(ascii: "%") && isAllowed($0) }) { return text }
        let digits: StaticString = "0123456789ABCDEF"
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if byte != UInt8(ascii: "%"), isAllowed(byte) {
                result.append(byte)
            } else {
                result.append(UInt8(ascii: "%"))
                result.append(digits.utf8Start[Int(byte >> 4)])
                result.append(digits.utf8Start[Int(byte & 15)])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func bytes(
        _ text: some Collection<UInt8>, plusIsSpace: Bool
    ) -> (decoded: [UInt8], isWellFormed: Bool) {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var isWellFormed = true
        var index = text.startIndex
        while index != text.endIndex {
            let byte = text[index]
            index = text.index(after: index)
            if byte == UInt8(ascii: "%") {
                if let (value, next) = escape(in: text, at: index) {
                    result.append(value)
                    index = next
                    continue
                }
                isWellFormed = false
            }
            result.append(byte == UInt8(ascii: "+") && plusIsSpace ? 0x20 : byte)
        }
        return (result, isWellFormed)
    }

    private static func escape<Text: Collection<UInt8>>(in text: Text, at index: Text.Index) -> (UInt8, Text.Index)? {
        guard index != text.endIndex, let high = digit(text[index]) else { return nil }
        let second = text.index(after: index)
        guard second != text.endIndex, let low = digit(text[second]) else { return nil }
        return (high << 4 | low, text.index(after: second))
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
