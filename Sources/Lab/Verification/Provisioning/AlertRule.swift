import Encoding

/// The parts of a Grafana alert rule that are filled in when the alert fires.
package struct AlertRule: Sendable, Equatable {
    package var title: String
    /// Templates, sorted by name.
    package var annotations: [(name: String, text: String)]
    package var labels: [(name: String, text: String)]
    /// The names of its queries and expressions.
    package var queries: [String]
    /// The text of its queries and expressions: it names all labels that a result can have.
    package var expressions: String

    /// The identifiers in ``expressions``: labels and others.
    var words: Set<String> {
        Set(
            expressions.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map { String($0) })
    }

    package init(
        title: String, annotations: [(name: String, text: String)] = [], labels: [(name: String, text: String)] = [],
        queries: [String] = ["A"], expressions: String = ""
    ) {
        self.title = title
        self.annotations = annotations
        self.labels = labels
        self.queries = queries
        self.expressions = expressions
    }

    /// Reads a rule from an expanded alerting file, or from the answer to `GET /api/v1/provisioning/alert-rules`; both
    /// use the same field names.
    init(_ json: JSONValue) {
        func texts(_ name: String) -> [(name: String, text: String)] {
            (json[name]?.object?.members ?? []).map { ($0.name, $0.value.plainText ?? "") }
        }
        let data = json["data"]?.array ?? []
        self.init(
            title: json["title"]?.plainText ?? "", annotations: texts("annotations"), labels: texts("labels"),
            queries: data.compactMap { $0["refId"]?.plainText },
            expressions: data.compactMap { $0["model"]?["expr"]?.string ?? $0["model"]?["query"]?.string }.joined(
                separator: "\n"))
    }

    package static func == (left: AlertRule, right: AlertRule) -> Bool {
        func isSame(_ one: [(name: String, text: String)], _ other: [(name: String, text: String)]) -> Bool {
            one.map { [$0.name, $0.text] } == other.map { [$0.name, $0.text] }
        }
        return left.title == right.title && left.queries == right.queries && left.expressions == right.expressions
            && isSame(left.annotations, right.annotations) && isSame(left.labels, right.labels)
    }
}
