import Verification

/// As much of LogQL as links need: `{a="b", c="d"} | e="f" | …`.
struct FakeLogQL {
    private var conditions: [(name: String, value: String)] = []

    /// `nil` for anything else.
    init?(_ query: String) {
        // Without regular expressions, which take most of a test's time in a debug build.
        guard query.hasPrefix("{"), let end = query.firstIndex(of: "}") else { return nil }
        let pipeline = query[query.index(after: end)...].split(separator: "|").map(Self.trimmed).filter { !$0.isEmpty }
        for condition in query[..<end].dropFirst().split(separator: ",").map(Self.trimmed) + pipeline {
            guard let equals = condition.firstIndex(of: "=") else { return nil }
            let name = Self.trimmed(condition[..<equals])
            let value = Self.trimmed(condition[condition.index(after: equals)...])
            guard !name.isEmpty, name.utf8.allSatisfy({ (97...122).contains($0) || $0 == UInt8(ascii: "_") }),
                value.utf8.count >= 2, value.hasPrefix("\""), value.hasSuffix("\""),
                !value.dropFirst().dropLast().contains("\"")
            else { return nil }
            conditions.append((String(name), String(value.dropFirst().dropLast())))
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.utf8.first == UInt8(ascii: " ") { text = text.dropFirst() }
        while text.utf8.last == UInt8(ascii: " ") { text = text.dropLast() }
        return text
    }

    func matches(_ labels: [String: String]) -> Bool {
        conditions.allSatisfy { labels[$0.name, default: ""] == $0.value }
    }
}

extension [DataSource] {
    /// A log store first and a trace store second, which lead to each other.
    static var good: [DataSource] {
        [
            DataSource(
                name: "Loki", uid: "loki", type: "loki",
                derivedFields: [
                    DerivedField(name: "Label", matcher: .label, expression: "^trace_id$", datasourceUID: "tempo"),
                    DerivedField(name: "Line", expression: #""trace_id":"([0-9a-f]{32})""#, datasourceUID: "tempo"),
                    DerivedField(name: "Text", expression: " trace_id=([0-9a-f]{32})", datasourceUID: "tempo"),
                ]),
            DataSource(
                name: "Tempo", uid: "tempo", type: "tempo",
                tracesToLogs: TracesToLogs(
                    datasourceUID: "loki", startShift: "-5m", endShift: "5m",
                    tags: [.init("service.name", "service_name")],
                    customQuery: #"{service_namespace="tailspan", ${__tags}} | trace_id="${__trace.traceId}""#)),
        ]
    }
}
