import Encoding
import Vocabulary

/// Reads the two log line formats of the services.
package enum LogLineParser {
    package static func parse(_ line: String) -> (LogRecord.Format, JSONObject) {
        if line.utf8.first == UInt8(ascii: "{") {
            // A line that only looks like JSON is still a valid line.
            let value = try? JSONValue(parsing: line)
            if let object = value?.object { return (.json, object) }
        }
        if let object = parseText(line) { return (.text, object) }
        return (.plain, JSONObject())
    }

    /// `2026-11-20T16:32:01.123456Z INFO  gateway  message  trace_id=… key="a value"`.
    private static func parseText(_ line: String) -> JSONObject? {
        let bytes = Array(line.utf8)[...]
        guard let (timestamp, afterTimestamp) = word(bytes), RFC3339.parse(timestamp) != nil,
            let (level, afterLevel) = word(afterTimestamp), isLevel(level),
            let (service, rest) = word(afterLevel)
        else { return nil }
        var members: [(name: String, value: JSONValue)] = [
            (LogField.timestamp, text(timestamp)), (LogField.level, .string(string(level).lowercased())),
            (LogField.service, text(service)),
        ]
        let (message, pairs) = split(rest)
        members.append((LogField.message, text(message)))
        return JSONObject(members + pairs)
    }

    /// The message and the pairs after it. A message may contain two spaces itself, so the message ends at the first
    /// place after which everything is pairs.
    private static func split(
        _ bytes: ArraySlice<UInt8>
    ) -> (message: ArraySlice<UInt8>, pairs: [(name: String, value: JSONValue)]) {
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            if bytes[index] == space, bytes[index + 1] == space, let pairs = parsePairs(bytes[(index + 2)...]) {
                return (bytes[..<index], pairs)
            }
            index += 1
        }
        return (bytes, [])
    }

    /// logfmt; `nil` unless the whole text is pairs.
    private static func parsePairs(_ bytes: ArraySlice<UInt8>) -> [(name: String, value: JSONValue)]? {
        var rest = bytes
        var pairs: [(name: String, value: JSONValue)] = []
        while !rest.isEmpty {
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")), equals > rest.startIndex,
                !rest[..<equals].contains(where: { $0 <= space || $0 == UInt8(ascii: "\"") })
            else { return nil }
            let name = string(rest[..<equals])
            rest = rest[(equals + 1)...]
            guard let (value, next) = parseValue(rest) else { return nil }
            pairs.append((name, .string(value)))
            guard next.isEmpty || next.first == space else { return nil }
            rest = next.dropFirst()
        }
        return pairs.isEmpty ? nil : pairs
    }

    private static func parseValue(_ bytes: ArraySlice<UInt8>) -> (String, ArraySlice<UInt8>)? {
        guard bytes.first == UInt8(ascii: "\"") else {
            let end = bytes.firstIndex(of: space) ?? bytes.endIndex
            return (string(bytes[..<end]), bytes[end...])
        }
        var index = bytes.startIndex + 1
        while index < bytes.endIndex, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < bytes.endIndex else { return nil }
        // A quoted value uses JSON string escapes; anything else ends the attempt.
        guard let value = try? JSONValue(parsing: Array(bytes[...index])).string else { return nil }
        return (value, bytes[(index + 1)...])
    }

    private static let space = UInt8(ascii: " ")

    private static func word(_ bytes: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        guard let end = bytes.firstIndex(of: space), end > bytes.startIndex else { return nil }
        return (bytes[..<end], bytes[end...].drop { $0 == space })
    }

    /// Whether it may be a level; a separate rule rejects unknown ones.
    private static func isLevel(_ bytes: ArraySlice<UInt8>) -> Bool {
        let word = bytes.prefix { $0 != UInt8(ascii: "-") }
        return ["TRACE", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL"].contains(string(word))
    }

    private static func string(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
    private static func text(_ bytes: ArraySlice<UInt8>) -> JSONValue { .string(string(bytes)) }
}
