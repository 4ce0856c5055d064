/// The labels of a series in text form, without braces: `code="200",method="GET"`, sorted by name.
struct SeriesLabels: Hashable, Sendable, Comparable {
    let text: String

    /// The series for everything beyond the cardinality limit (Metrics SDK, "Overflow attribute").
    static let overflow = SeriesLabels([("otel.metric.overflow", "true")])

    /// Creates labels from attributes. Names that become equal are merged into one label, with values joined by `;`.
    init(_ dimensions: [(String, String)]) {
        var labels: [(name: String, value: String)] = []
        for (key, value) in dimensions.sorted(by: { $0.0 < $1.0 }) {
            let name = MetricName.sanitized(key, allowsColon: false)
            if let index = labels.firstIndex(where: { $0.name == name }) {
                labels[index].value += ";" + value
            } else {
                labels.append((name, value))
            }
        }
        labels.sort { $0.name < $1.name }
        text = labels.map { $0.name + "=\"" + Self.escaped($0.value) + "\"" }.joined(separator: ",")
    }

    static func < (left: SeriesLabels, right: SeriesLabels) -> Bool { left.text < right.text }

    /// Escapes a label value; with `quotes` set to `false`, the help text of the text format.
    static func escaped(_ value: String, quotes: Bool = true) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return value }
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
