import Encoding
import Logging
import Vocabulary

/// A log line as returned by a log store, with the fields that could be parsed.
package struct LogRecord: Sendable, Equatable {
    /// The format of the line.
    package enum Format: String, Sendable {
        /// One JSON object.
        case json
        /// `timestamp LEVEL service  message  key=value …`.
        case text
        /// The text is only the message: the line came over OTLP, and its fields are structured metadata.
        case otlp
        /// Anything else: only the labels have information about it.
        case plain
    }

    /// Nanoseconds since the Unix epoch, according to the store.
    package var timestampNS: UInt64
    /// Labels and structured metadata, merged.
    package var labels: [String: String]
    package var line: String
    package var format: Format
    /// The line's own fields, in order.
    package var fields: JSONObject

    /// Nanoseconds since the Unix epoch, according to the line (whole microseconds).
    package var ownTimestampNS: UInt64?
    /// In lower case; from the line, otherwise from the labels. The same goes for the following properties.
    package var level: String?
    package var service: String?
    package var traceID: String?
    package var spanID: String?
    package var requestID: String?
    package var sampled: Bool?
    /// The message, or the whole line if it has none.
    package var message: String

    /// Parses `line` as JSON or as the text format; otherwise its format is plain.
    package init(timestampNS: UInt64, labels: [String: String], line: String) {
        self.timestampNS = timestampNS
        self.labels = labels
        self.line = line
        (format, fields) = LogLineParser.parse(line)
        if format == .plain, Self.cameOverOTLP(labels) { format = .otlp }

        let fields = fields
        func text(_ field: String, _ alternatives: String...) -> String? {
            if let value = fields[field]?.plainText, !value.isEmpty { return value }
            return ([field] + alternatives).lazy.compactMap { labels[$0] }.first { !$0.isEmpty }
        }
        ownTimestampNS = fields[LogField.timestamp]?.string.flatMap { RFC3339.parse($0.utf8) }
        // Loki adds `detected_level` to lines without a level.
        level = text(LogField.level, LokiMetadata.severityText, LokiMetadata.detectedLevel)?.lowercased()
        service = text(LogField.service, LokiShape.serviceName)
        traceID = text(LogField.traceID)
        spanID = text(LogField.spanID)
        requestID = text(LogField.requestID)
        sampled = text(LogField.traceSampled).flatMap(Bool.init)
        message = fields[LogField.message]?.plainText ?? line
    }

    /// The value of a field of the line, or of the label with that name.
    package func field(_ name: String) -> String? { fields[name]?.plainText ?? labels[name] }

    /// Stores of OTLP records add these; shippers of files do not.
    private static func cameOverOTLP(_ labels: [String: String]) -> Bool {
        [
            LokiMetadata.severityNumber, LokiMetadata.severityText, LokiMetadata.observedTimestamp,
            LokiMetadata.scopeName,
        ].contains { labels[$0] != nil }
    }

    /// Whether the line begins as JSON but does not end.
    package var isCutOff: Bool { [.plain, .otlp].contains(format) && line.utf8.first == UInt8(ascii: "{") }

    /// Identifies a line apart from its times: the text and, where the text has no fields, the labels.
    package var identity: [String] {
        guard format == .otlp else { return [lineWithoutTime] }
        let times: Set = [LokiMetadata.observedTimestamp, LogField.timestamp]
        return [line] + labels.filter { !times.contains($0.key) }.map { "\($0.key)=\($0.value)" }.sorted()
    }

    /// The line without its own timestamp.
    private var lineWithoutTime: String {
        guard let time = fields[LogField.timestamp]?.string, let range = line.firstRange(of: time) else { return line }
        return String(line[..<range.lowerBound]) + line[range.upperBound...]
    }

    /// Whether its level is one that the services use. Unreadable lines have no level of their own.
    package var hasKnownLevel: Bool {
        guard format != .plain, let level else { return true }
        return Logger.Level(rawValue: level) != nil
    }

    /// `error` and `critical`.
    package var isErrorLevel: Bool { level == "error" || level == "critical" }

    /// `warning` and above.
    package var isWarningLevel: Bool { level == "warning" || isErrorLevel }
}

extension JSONValue {
    /// A string as it is, anything else as JSON; `nil` for null.
    package var plainText: String? {
        switch self {
        case .string(let text): text
        case .null: nil
        default: description
        }
    }
}
