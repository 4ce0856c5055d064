import Encoding
import OTLP
import PocketStore
import TraceQL

/// The details of a span, shown when it is opened in the waterfall.
struct SpanDetails {
    private let span: StoredSpan
    private let lines: [ConsoleLogLine]
    private let traceStart: UInt64
    private var attributes: [(key: String, value: String)] = []
    private var events: [(name: String, time: UInt64, attributes: [(key: String, value: String)])] = []
    private var message = ""
    /// The maximum number of attributes of a span or an event, and of events and lines shown; and the maximum length of
    /// a value.
    private static let maximumCount = 200
    private static let maximumLength = 16 << 10
    private var leftOut = 0

    init(_ span: StoredSpan, lines: [ConsoleLogLine], traceStart: UInt64) {
        self.span = span
        self.lines = lines
        self.traceStart = traceStart
        // Spans are validated before they are stored; parts damaged since then are not shown.
        try? span.payload.withProtobufReader { (reader) throws(ProtobufError) in try read(reader) }
    }

    private mutating func read(_ reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        while let field = try reader.nextField() {
            switch field {
            case SpanField.Span.attributes where attributes.count < Self.maximumCount:
                attributes.append(try Self.attribute(reader.message()))
            case SpanField.Span.events where events.count < Self.maximumCount:
                events.append(try Self.event(reader.message()))
            case SpanField.Span.attributes, SpanField.Span.events:
                leftOut += 1
                try reader.skip()
            case SpanField.Span.status:
                var status = try reader.message()
                while let field = try status.nextField() {
                    if field == SpanField.Status.message { message = try status.string() } else { try status.skip() }
                }
            default: try reader.skip()
            }
        }
    }

    private static func attribute(_ reader: ProtobufReader) throws(ProtobufError) -> (key: String, value: String) {
        (shortened(try reader.attributeKey()), shortened(try reader.attributeValue().text))
    }

    private static func shortened(_ text: String) -> String {
        text.utf8.count > maximumLength ? String(decoding: text.utf8.prefix(maximumLength), as: UTF8.self) + "…" : text
    }

    private static func event(
        _ reader: ProtobufReader
    ) throws(ProtobufError)
        -> (name: String, time: UInt64, attributes: [(key: String, value: String)])
    {
        var reader = reader
        var event = (name: "", time: 0 as UInt64, attributes: [(key: String, value: String)]())
        while let field = try reader.nextField() {
            switch field {
            case SpanField.Event.name: event.name = try reader.string()
            case SpanField.Event.time: event.time = try reader.fixed64()
            case SpanField.Event.attributes where event.attributes.count < maximumCount:
                event.attributes.append(try attribute(reader.message()))
            default: try reader.skip()
            }
        }
        return event
    }

    var html: HTML {
        let columns = span.columns
        let status = columns.status.name + (message.isEmpty ? "" : ": " + message)
        let parent: HTML =
            columns.parentID == 0
            ? "none"
            : "<a href=\"#span-\(Hex.string(columns.parentID))\"><code>\(Hex.string(columns.parentID))</code></a>"
        let intrinsics: [HTML] = [
            pair("span id", "<code>\(Hex.string(columns.spanID))</code>"), pair("parent", parent),
            pair("kind", "\(columns.kind.name)"), pair("status", "\(status)"),
        ]
        return """
            <div class="details"><dl>\(intrinsics)\(attributes.map { pair($0.key, "\($0.value)") })</dl>
            \(events.map(self.event))\(more)\(logs)</div>
            """
    }

    private func pair(_ key: String, _ value: HTML) -> HTML { "<div><dt>\(key)</dt><dd>\(value)</dd></div>" }

    private func event(
        _ event: (name: String, time: UInt64, attributes: [(key: String, value: String)])
    ) -> HTML {
        """
        <h3>Event \(event.name) after \(TracePage.offset(of: event.time, from: traceStart))</h3>
        <dl>\(event.attributes.map { pair($0.key, "\($0.value)") })</dl>
        """
    }

    private var more: HTML {
        leftOut > 0 ? ConsoleParts.empty("… and \(leftOut) more attributes and events.") : .empty
    }

    private var logs: HTML {
        guard !lines.isEmpty else { return .empty }
        let items = lines.map { line -> HTML in
            """
            <li class="\(ConsoleLogRows.severity(line.level))"><span class="number">\
            \(TracePage.offset(of: line.time, from: traceStart))</span> \(line.level) \
            <span class="message">\(line.message) <small>\(line.details)</small></span></li>
            """
        }
        return "<h3>Log lines of this span</h3><ul>\(items)</ul>"
    }
}
