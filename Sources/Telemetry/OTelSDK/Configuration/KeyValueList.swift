import Encoding

/// Comma-separated lists of percent-encoded `key=value` pairs, the format of resource attributes and exporter headers
/// in the environment.
package enum KeyValueList {
    /// Parses a list; `nil` if any part of it is malformed. Empty members are skipped.
    package static func parse(_ text: String) -> [(key: String, value: String)]? {
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
