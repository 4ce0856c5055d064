import Encoding
import OTLP
import TraceContext

/// Does to log records what the Collector does by compose/collector/collector.yaml, as far as its statements go.
struct CollectorLines {
    struct Unsupported: Error, CustomStringConvertible { var description: String }

    private let processors: [JSONValue]

    init() throws {
        let file = try Repository.yaml("compose/collector/collector.yaml")
        let names = file[path: "service.pipelines.logs.processors"]?.textItems ?? []
        processors = names.compactMap { file["processors"]?[$0] }
    }

    func process(_ logs: OTLPResourceLogs) throws -> OTLPResourceLogs {
        var logs = logs
        for processor in processors {
            for attribute in processor["attributes"]?.array ?? [] { try apply(attribute, &logs.resource) }
            for group in processor["log_statements"]?.array ?? [] {
                guard group["context"]?.string == "log" else { throw Unsupported(description: "\(group)") }
                for statement in group["statements"]?.textItems ?? [] {
                    for index in logs.records.indices { try Self.apply(statement, &logs.records[index]) }
                }
            }
        }
        return logs
    }

    /// An action of the `resource` processor.
    private func apply(_ action: JSONValue, _ attributes: inout [OTLPKeyValue]) throws {
        let key = action["key"]?.string ?? ""
        let value =
            action["value"]?.string.map { OTLPValue.string($0) }
            ?? attributes.first { $0.key == action["from_attribute"]?.string }?.value
        guard let value else { return }
        switch action["action"]?.string {
        case "insert": if attributes.contains(where: { $0.key == key }) { return }
        case "upsert": attributes.removeAll { $0.key == key }
        default: throw Unsupported(description: "\(action)")
        }
        attributes.append(OTLPKeyValue(key: key, value: value))
    }

    // MARK: OTTL

    /// `set(log.attributes["…"], value)`, perhaps `where …`. Nothing is set where the value is nil.
    private static func apply(_ statement: String, _ record: inout OTLPLogRecord) throws {
        let form = /set\(log\.attributes\["([a-z_]+)"\], (.+?)\)(?: where (.+))?/
        guard let match = statement.wholeMatch(of: form) else { throw Unsupported(description: statement) }
        if let condition = match.3, try !holds(String(condition), record) { return }
        guard let value = try value(String(match.2), record) else { return }
        record.attributes.removeAll { $0.key == match.1 }
        record.attributes.append(OTLPKeyValue(key: String(match.1), value: value))
    }

    private static func value(_ expression: String, _ record: OTLPLogRecord) throws -> OTLPValue? {
        if let match = expression.wholeMatch(of: /log\.attributes\["([a-z_.]+)"\]/) {
            return record.attributes.first { $0.key == match.1 }?.value
        }
        switch expression {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "nil": return nil
        case #"ConvertCase(log.severity_text, "lower")"#: return .string(record.severityText.lowercased())
        case "log.flags": return .int(Int64(record.flags))
        case "log.trace_id.string":
            // An id that is none has sixteen bytes all the same.
            return .string(record.traceID?.description ?? String(repeating: "0", count: 32))
        default:
            if let text = expression.wholeMatch(of: /"([0-9a-z]*)"/) { return .string(String(text.1)) }
            guard let number = Int64(expression) else { throw Unsupported(description: expression) }
            return .int(number)
        }
    }

    private static func holds(_ condition: String, _ record: OTLPLogRecord) throws -> Bool {
        try condition.split(separator: " or ").contains { alternative in
            try alternative.split(separator: " and ").allSatisfy { comparison in
                guard let match = comparison.wholeMatch(of: /(.+) (==|!=) (.+)/) else {
                    throw Unsupported(description: condition)
                }
                return try (value(String(match.1), record) == value(String(match.3), record)) == (match.2 == "==")
            }
        }
    }
}
