import RegularExpressions
import Vocabulary

/// The level that Loki detects for every line and shows as `detected_level`.
package enum LevelDetection {
    /// Labels that hold a level, by precedence.
    private static let names = [
        "level", "LEVEL", "Level", "log.level", "severity", "SEVERITY", "Severity", "SeverityText", "lvl", "LVL",
        "Lvl", LokiMetadata.severityText, "Severity_Text", "SEVERITY_TEXT",
    ]
    /// The same as bytes, in lower case and without duplicates, for the many fields of a line.
    private static let nameBytes = names.map { Array($0.utf8) }
    private static let lowercasedNames = Set(names.map { Array($0.lowercased().utf8) })
    private static let nameLengths = 3...13

    /// The level in a stream's labels or a line's metadata, as written.
    package static func level(of labels: [Label]) -> String? {
        for name in names { if let value = labels[name] { return value } }
        return nil
    }

    /// The level of a line whose stream and metadata have none.
    package static func level(metadata: [Label], line: String) -> String {
        if let number = metadata[LokiMetadata.severityNumber] { return level(severityNumber: Int(number)) }
        var text = line
        let found = text.withUTF8 { bytes in
            bytes.first { $0 > 0x20 } == UInt8(ascii: "{") ? levelInJSON(bytes) : levelInPairs(bytes)
        }
        switch found?.lowercased() {
        case "trace", "trc": return "trace"
        case "debug", "dbg": return "debug"
        case "info", "inf", "information": return "info"
        case "warn", "wrn", "warning": return "warn"
        case "error", "err": return "error"
        case "critical": return "critical"
        case "fatal": return "fatal"
        default: return levelInWords(line)
        }
    }

    /// OpenTelemetry Logs Data Model, "SeverityNumber".
    private static func level(severityNumber: Int?) -> String {
        switch severityNumber {
        case .none: "info"
        case .some(1...4): "trace"
        case .some(5...8): "debug"
        case .some(9...12): "info"
        case .some(13...16): "warn"
        case .some(17...20): "error"
        case .some(21...24): "fatal"
        default: "unknown"
        }
    }

    private static func levelInJSON(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        var result: String?
        var scanner = JSONScanner(bytes)
        let reader = scanner
        do {
            try scanner.members { name, _, value in
                guard case .string(let range, let hasEscapes) = value, nameLengths.contains(name.count),
                    nameBytes.contains(where: { bytes[name].elementsEqual($0) })
                else { return true }
                result = reader.text(range, hasEscapes: hasEscapes)
                return false
            }
        } catch {
            // Invalid JSON: a level found before the error counts, otherwise the words of the line decide.
        }
        return result
    }

    private static func levelInPairs(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        var result: String?
        LineParsers.pairs(bytes) { key, value, _ in
            guard nameLengths.contains(key.count),
                lowercasedNames.contains(bytes[key].map { (65...90).contains($0) ? $0 | 0x20 : $0 })
            else { return true }
            result = String(decoding: bytes[value], as: UTF8.self)
            return false
        }
        return result
    }

    private static func levelInWords(_ line: String) -> String {
        let words: [(level: String, signs: [String])] = [
            ("info", ["info", "INFO"]),
            ("error", ["err:", "ERR:", "[err]", "[ERR]", "[error]", "[ERROR]"]),
            ("warn", ["warn:", "WARN:", "[warn]", "[WARN]", "warning", "WARNING"]),
            ("critical", ["critical:", "CRITICAL:", "[critical]", "[CRITICAL]"]),
            ("debug", ["debug", "DEBUG"]),
        ]
        var text = line
        return text.withUTF8 { bytes in
            words.first { $0.signs.contains { bytes.contains(text: Array($0.utf8)) } }?.level ?? "unknown"
        }
    }
}
