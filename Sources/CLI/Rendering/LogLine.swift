import Encoding
import Terminal
import Verification
import Vocabulary

/// The look of log lines in all commands.
package struct LogLineStyle: Sendable {
    let palette: NamePalette

    /// The services' colours.
    package static let usual = LogLineStyle(palette: NamePalette(first: ServiceRole.allCases.map(\.rawValue)))

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
    package func render(_ record: LogRecord) -> StyledText {
        let name = record.service ?? ""
        var text = time(record)
        text.append("  ")
        text += StyledText(name, service(name)).padded(to: 8)
        text.append("  ")
        text += levelName(record.level).padded(to: 8)
        text.append(" ")
        text += message(record)
        let fields = fields(record)
        if !fields.isEmpty { text.append("  ") }
        text += fields.joined { StyledText($0, .dim) }
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

    /// The message; bold if it reports an error.
    func message(_ record: LogRecord) -> StyledText {
        StyledText(record.message, record.isErrorLevel ? .bold : .plain)
    }

    /// The line's own fields as readable text, most important first. Fields that every line has are left out, and an
    /// error is reduced to one field.
    func fields(_ record: LogRecord) -> LogLineFields { LogLineFields(record) }
}

/// The fields of a log line, for people.
struct LogLineFields: Sendable {
    private let fields: [(name: String, value: String)]

    var isEmpty: Bool { fields.isEmpty }

    /// The displayed value of the first field with that name.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    init(_ record: LogRecord) {
        let shown = record.fields.members.compactMap { member -> (name: String, value: String)? in
            guard !Self.common.contains(member.name) else { return nil }
            if member.name == LogField.error, let error = member.value.object {
                let parts = [error[ErrorPart.type]?.plainText, error[ErrorPart.message]?.plainText].compactMap { $0 }
                return (member.name, Self.quoted(parts.joined(separator: ": ")))
            }
            if case .double(let value) = member.value, value.magnitude < 1e15 {
                return (member.name, Self.trimmed(value))
            }
            return member.value.plainText.map { (member.name, Self.quoted($0)) }
        }
        fields = shown.enumerated().sorted { (Self.rank($0), $0.offset) < (Self.rank($1), $1.offset) }.map(\.element)
    }

    /// `name=value name="a value"`, an error in red.
    func joined(_ name: (String) -> StyledText) -> StyledText {
        var text = StyledText()
        for (index, field) in fields.enumerated() {
            text += name((index == 0 ? "" : " ") + field.name + "=")
            text.append(field.value, field.name == LogField.error ? .color(.red) : .plain)
        }
        return text
    }

    /// `name=value name="a value"` in one style.
    func joined(_ style: Style) -> StyledText {
        StyledText(fields.map { $0.name + "=" + $0.value }.joined(separator: " "), style)
    }

    private static let common: Set<String> = [
        LogField.timestamp, LogField.level, LogField.service, LogField.message, LogField.traceID, LogField.spanID,
        LogField.traceSampled, LogField.requestID, LogField.version, LogField.environment, LogField.region,
    ]

    /// What went wrong, in which task and whose; then anything else; the least informative fields last.
    private static let order: [String: Int] = {
        let first = [
            LogField.error, LogField.status, LogField.taskID, LogField.operation, LogField.guildID, LogField.amount,
            LogField.channelID, LogField.workload, LogField.durationMS,
        ]
        let last = [LogField.executorID, LogField.memoryBytes, LogField.component]
        return Dictionary(uniqueKeysWithValues: first.enumerated().map { ($1, $0) })
            .merging(last.enumerated().map { ($1, 200 + $0) }) { own, _ in own }
    }()

    private static func rank(_ field: (offset: Int, element: (name: String, value: String))) -> Int {
        order[field.element.name] ?? 100
    }

    /// At most three decimal places: nobody needs a log line's duration to the nanosecond.
    private static func trimmed(_ value: Double) -> String {
        var text = Duration.fixed(value, 3)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    private static func quoted(_ text: String) -> String {
        text.contains(" ") || text.isEmpty ? "\"\(text)\"" : text
    }
}
