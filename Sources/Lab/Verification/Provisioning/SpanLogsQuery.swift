import Vocabulary

/// The query for a span's lines that Grafana builds from `tracesToLogsV2`, ready to send to the log store.
package struct SpanLogsQuery: Sendable, Equatable {
    /// What a query's variables restrict it to.
    package enum Scope: Sendable, Equatable {
        case trace, service, span
    }

    /// Why there is no query.
    struct Refusal: Error, Equatable {
        var reason: String
    }

    /// LogQL.
    package var expression: String
    package var scope: Scope
    /// Nanoseconds since the Unix epoch; the end is excluded.
    package var range: Range<UInt64>

    package init(expression: String, scope: Scope, range: Range<UInt64>) {
        self.expression = expression
        self.scope = scope
        self.range = range
    }

    /// - Parameter source: the trace store with the setting.
    /// - Throws: what Grafana would do instead of showing a working link.
    init(
        _ setting: TracesToLogs, of source: DataSource, span: SpanRecord, in trace: TraceData
    ) throws(Refusal) {
        let variables = SpanVariables(mapping: setting.tags, of: source, span: span, in: trace)
        let template = setting.customQuery ?? Self.standardQuery(setting)
        let filled = Template(template).fill(variables.value)
        if let name = filled.undefined.first {
            throw Refusal(reason: "\(name) has no value for this span, so Grafana shows no link")
        }
        if let name = filled.empty.first {
            throw Refusal(reason: "\(name) is empty for this span, so Grafana shows no link or one that finds nothing")
        }
        guard !filled.text.isEmpty else { throw Refusal(reason: "the query is empty") }
        expression = filled.text
        scope =
            filled.used.contains("__span.spanId")
            ? .span : filled.used.contains { variables.isOfService($0) } ? .service : .trace
        range = try Self.range(of: span, setting)
    }

    /// The query that Grafana generates if none is configured.
    private static func standardQuery(_ setting: TracesToLogs) -> String {
        func filter(_ id: String, _ label: String) -> String {
            " | label_format log_line_contains_\(label)=`{{ contains \"${__span.\(id)}\" __line__  }}`"
                + " | log_line_contains_\(label)=\"true\" or \(label)=\"${__span.\(id)}\""
        }
        return "{${__tags}}" + (setting.filtersByTraceID ? filter("traceId", LogField.traceID) : "")
            + (setting.filtersBySpanID ? filter("spanId", LogField.spanID) : "")
    }

    /// Grafana counts in whole milliseconds, truncated.
    private static func range(of span: SpanRecord, _ setting: TracesToLogs) throws(Refusal) -> Range<UInt64> {
        func shift(_ text: String, _ name: String) throws(Refusal) -> Int64 {
            guard !text.isEmpty else { return 0 }
            guard let value = GrafanaInterval.milliseconds(text) else {
                throw Refusal(reason: "\(name) '\(text)' is no time, such as -5m")
            }
            return value
        }
        let start = Int64(span.startNS / 1_000_000) + (try shift(setting.startShift, "spanStartTimeShift"))
        let end = Int64(span.endNS / 1_000_000) + (try shift(setting.endShift, "spanEndTimeShift"))
        func nanoseconds(_ milliseconds: Int64) -> UInt64 {
            let (product, overflows) = UInt64(max(0, milliseconds)).multipliedReportingOverflow(by: 1_000_000)
            return overflows ? .max - 1_000_000 : product
        }
        let first = min(nanoseconds(start), .max - 2_000_000)
        return first..<max(nanoseconds(end), first + 1_000_000)
    }
}

/// The variables of a span that a query can use.
struct SpanVariables {
    private static let serviceName = Attribute.serviceName

    private let mapping: [TracesToLogs.Tag]
    private let span: SpanRecord
    private let trace: TraceData
    /// In Grafana's order: the resource's, then the span's; Grafana's own are appended later.
    private let tags: [SpanRecord.Attribute]

    /// - Parameter mapping: the tags of the setting; if empty, Grafana's defaults apply.
    init(mapping: [TracesToLogs.Tag], of source: DataSource, span: SpanRecord, in trace: TraceData) {
        self.mapping = mapping.isEmpty ? Self.usualTags : mapping
        self.span = span
        self.trace = trace
        // Jaeger keeps the service name beside the resource's attributes, not among them.
        let resource = span.resource.filter { source.type != "jaeger" || $0.name != Self.serviceName }
        tags = resource + span.attributes
    }

    func value(_ name: String, _ path: String?) -> String? {
        switch (name, path) {
        case ("__tags", nil): return matchers
        case ("__span", "traceId"?): return span.traceID
        case ("__span", "spanId"?): return span.spanID
        case ("__span", "name"?): return span.name
        case ("__span", "duration"?): return String(span.durationNS / 1000)
        case ("__span", let path?) where path.hasPrefix("tags"):
            // A later tag with the same name overrides an earlier one.
            return Self.key(path.dropFirst(4)).flatMap { key in tags.last { $0.name == key }?.value }
        case ("__trace", "traceId"?): return trace.traceID
        case ("__trace", "name"?): return trace.spans.first.map { "\($0.service): \($0.name)" }
        case ("__trace", "duration"?): return String((trace.endNS - trace.startNS) / 1000)
        default: return nil
        }
    }

    /// Whether a variable distinguishes services.
    func isOfService(_ variable: String) -> Bool {
        if variable == "__tags" { return mapping.contains { $0.key == Self.serviceName } }
        return variable.hasPrefix("__span.tags") && Self.key(variable.dropFirst(11)) == Self.serviceName
    }

    private static let usualTags: [TracesToLogs.Tag] = [
        .init("cluster"), .init("hostname"), .init("namespace"), .init("pod"),
        .init(Attribute.serviceName, LokiShape.serviceName),
        .init(Attribute.serviceNamespace, LokiShape.serviceNamespace),
    ]

    /// `service_name="gateway", …`: the mapped tags of the span, under their label names.
    private var matchers: String {
        let own: [SpanRecord.Attribute] = [
            .init("spanId", span.spanID), .init("traceId", span.traceID), .init("name", span.name),
            .init("duration", String(span.durationNS / 1000)),
        ]
        return (tags + own).compactMap { tag in
            guard let found = mapping.first(where: { $0.key == tag.name }) else { return nil }
            return "\(found.label ?? found.key)=\"\(tag.value)\""
        }.joined(separator: ", ")
    }

    /// The name in `.method` or `["http.method"]`.
    private static func key(_ path: some StringProtocol) -> String? {
        if path.hasPrefix("."), !path.dropFirst().contains(where: { $0 == "." || $0 == "[" }) {
            return String(path.dropFirst())
        }
        for quote in ["\"", "'"] where path.hasPrefix("[" + quote) && path.hasSuffix(quote + "]") {
            return String(path.dropFirst(2).dropLast(2))
        }
        return nil
    }
}

/// Grafana's interval syntax.
enum GrafanaInterval {
    /// Reads `-5m`, `1h`, `1.5s`; a bare number is seconds.
    static func milliseconds(_ text: String) -> Int64? {
        let units: [(String, Double)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000),
            ("M", 2_592_000_000), ("y", 31_536_000_000), ("", 1000),
        ]
        for (unit, milliseconds) in units where text.hasSuffix(unit) {
            guard let number = Double(text.dropLast(unit.count)), number.isFinite, abs(number) < 1e6 else { continue }
            return Int64(number * milliseconds)
        }
        return nil
    }
}
