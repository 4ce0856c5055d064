import CommandLine
import Contracts
import Encoding
import Verification

/// How log lines and what belongs to them look in every command.
struct LogLineStyle: Sendable {
    let palette: NamePalette

    /// The services' colours.
    static let usual = LogLineStyle(palette: NamePalette(first: ServiceRole.allCases.map(\.rawValue)))

    func service(_ name: String) -> Style { palette.style(for: name) }

    func level(_ level: String) -> Style {
        switch level {
        case "trace", "debug": .dim
        case "notice": .color(.cyan)
        case "warning", "warn": .color(.yellow)
        case "error": .color(.red)
        case "critical", "fatal": .color(.red).bold
        default: .color(.green)
        }
    }

    /// `16:32:01.123  gateway   INFO     the message  status=201 duration_ms=12.3  trace=4bf92f35`, time in UTC.
    func render(_ record: LogRecord) -> StyledText {
        let name = record.service ?? ""
        var text = time(record)
        text.append("  ")
        text += StyledText(name, service(name)).padded(to: 8)
        text.append("  ")
        text += levelName(record.level).padded(to: 8)
        text.append(" ")
        text += message(record)
        for (index, field) in fields(record).enumerated() {
            text.append((index == 0 ? "  " : " ") + field.name + "=", .dim)
            text.append(field.value, field.name == LogField.error ? .color(.red) : .plain)
        }
        if let trace = record.traceID { text.append("  trace=" + trace.prefix(8), .dim) }
        return text
    }

    /// The time of day, in UTC, to the millisecond.
    func time(_ record: LogRecord) -> StyledText {
        let time = RFC3339.string(nanosecondsSinceEpoch: record.ownTimestampNS ?? record.timestampNS)
        return StyledText(String(time.dropFirst(11).dropLast().prefix(12)), .dim)
    }

    func levelName(_ name: String?) -> StyledText {
        guard let name else { return "-" }
        return StyledText(name.uppercased(), level(name))
    }

    /// The message; bold where it tells of an error.
    func message(_ record: LogRecord) -> StyledText {
        StyledText(printable(record.message), record.isErrorLevel ? .bold : .plain)
    }

    /// The line's own fields, as text to read: those that every line has are left out, an error is told in one.
    func fields(_ record: LogRecord) -> [(name: String, value: String)] {
        record.fields.members.compactMap { member in
            guard !Self.commonFields.contains(member.name) else { return nil }
            if member.name == LogField.error, let error = member.value.object {
                let parts = [error["type"]?.plainText, error["message"]?.plainText].compactMap { $0 }
                return (member.name, Self.quoted(parts.joined(separator: ": ")))
            }
            if case .double(let value) = member.value, value.magnitude < 1e15 {
                return (member.name, Self.trimmed(value))
            }
            return member.value.plainText.map { (member.name, Self.quoted($0)) }
        }
    }

    private static let commonFields: Set<String> = [
        LogField.timestamp, LogField.level, LogField.service, LogField.message, LogField.traceID, LogField.spanID,
        LogField.traceSampled, LogField.requestID, LogField.version, LogField.environment, LogField.region,
    ]

    /// At most three digits after the point: a duration of a log line is not read to the nanosecond.
    private static func trimmed(_ value: Double) -> String {
        var text = Duration.fixed(value, 3)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    private static func quoted(_ text: String) -> String {
        let text = printable(text)
        return text.contains(" ") || text.isEmpty ? "\"\(text)\"" : text
    }
}

/// `text` on one line, with control characters (which could do anything to a terminal) replaced.
func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) else {
        return text
    }
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\n": result += "\\n"
        case "\t": result += " "
        case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): result += "\u{FFFD}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}
