import Verification

/// As much of LogQL as links need: `{a="b", c="d"} | e="f" | …`.
struct FakeLogQL {
    private var conditions: [(name: String, value: String)] = []

    /// `nil` for anything else.
    init?(_ query: String) {
        guard let parts = query.wholeMatch(of: /\{(.*?)\}(.*)/) else { return nil }
        let pipeline = parts.2.split(separator: "|").filter { !$0.allSatisfy(\.isWhitespace) }
        for condition in parts.1.split(separator: ",") + pipeline {
            guard let match = condition.wholeMatch(of: /\s*([a-z_]+)\s*=\s*"([^"]*)"\s*/) else { return nil }
            conditions.append((String(match.1), String(match.2)))
        }
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
