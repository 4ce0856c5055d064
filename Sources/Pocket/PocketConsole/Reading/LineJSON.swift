import Encoding
import LogQL
import PocketStore
import QuerySupport
import TraceContext
import Vocabulary

/// A log line as the reading API answers it.
struct LineJSON {
    private let line: StoredLine
    private var fields: LineFieldList
    /// The line as a stage of the query has rewritten it.
    private let rewritten: String?

    /// The maximum length in bytes of a field's value and of the message.
    private static let maximumValue = 4096
    /// The maximum length in bytes of the raw line; the longest lines that are stored have four times as many.
    private static let maximumLine = 64 << 10

    /// - Parameter processed: the line as it came out of a query's pipeline.
    init(_ line: StoredLine, _ processed: ProcessedLine?, _ budget: QueryBudget) throws {
        self.line = line
        rewritten = processed?.rewritten
        fields = try LineFieldList(line, budget)
        for label in processed?.labels.parsed ?? [] where fields[label.name] == nil {
            fields.add(label.name, label.value)
        }
    }

    /// Identifies the line: its time, its stream and its content.
    static func key(of line: StoredLine) -> String {
        var content = ContentHash()
        content.combine(line.metadataBytes)
        content.combine(line.text)
        return "\(line.time)-\(line.stream.id)-\(Hex.string(content.value))"
    }

    /// Writes the line, and charges what it takes.
    /// - Parameter start: the start of the trace that the line is shown with, for its offset.
    func write(to json: inout JSONWriter, offsetFrom start: UInt64? = nil, _ budget: QueryBudget) throws {
        let size = json.output.count
        json.object { json in
            json.member("time", String(line.time))
            json.member("level", line.level)
            json.member("service", fields[LogField.service] ?? fields[LokiShape.serviceName] ?? "")
            json.member("message", Self.cut(rewritten ?? fields[LogField.message] ?? text, Self.maximumValue))
            json.optional("trace", fields[LogField.traceID].flatMap { TraceID($0) }?.description)
            json.optional("span", fields[LogField.spanID].flatMap { SpanID($0) }?.description)
            json.name("fields")
            json.array { json in
                for field in fields.fields {
                    json.array {
                        $0.value(field.name)
                        $0.value(Self.cut(field.value, Self.maximumValue))
                    }
                }
            }
            json.member("line", Self.cut(rewritten ?? text, Self.maximumLine))
            json.member("key", Self.key(of: line))
            if let start { json.member("offset", line.time.minus(Int64(clamping: start))) }
        }
        try budget.hold(json.output.count - size)
    }

    private var text: String {
        // One byte more shows that it was cut.
        String(decoding: UnsafeBufferPointer(rebasing: line.text.prefix(Self.maximumLine + 1)), as: UTF8.self)
    }

    /// The text, or its beginning with `…` if it is longer than `limit` bytes.
    static func cut(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return text[..<end] + "…"
    }
}
