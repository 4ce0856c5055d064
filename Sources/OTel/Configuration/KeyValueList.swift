import Encoding

/// Lists of `key=value` pairs separated by commas, percent-encoded, as resource attributes and exporter headers are
/// written in the environment.
enum KeyValueList {
    /// Reads a list; `nil` if any part of it is malformed. Empty members are passed over.
    static func parse(_ text: String) -> [(key: String, value: String)]? {
        var result: [(key: String, value: String)] = []
        for member in text.split(separator: ",") {
            let trimmed = member.trimmingOptionalWhitespace()
            if trimmed.isEmpty { continue }
            guard let equals = trimmed.utf8.firstIndex(of: UInt8(ascii: "=")),
                let key = PercentEncoding.decodeStrictly(trimmed[..<equals].trimmingOptionalWhitespace()), !key.isEmpty,
                let value = PercentEncoding.decodeStrictly(
                    trimmed[trimmed.utf8.index(after: equals)...].trimmingOptionalWhitespace())
            else { return nil }
            result.append((key, value))
        }
        return result
    }
}

/// Names as HTTP has them (RFC 9110, "token").
enum Token {
    /// Whether `name` is a token.
    static func isValid(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(isTokenCharacter)
    }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
