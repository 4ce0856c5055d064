import Vocabulary

/// A metric with conditions on its labels: `http_server_request_duration_seconds_count{service="gateway"}`. The label
/// `service` selects the service whose `/metrics` is read; the others are the metric's own.
package struct MetricSelector: Sendable, Equatable, CustomStringConvertible {
    package struct Condition: Sendable, Equatable {
        package var label: String
        package var isEqual: Bool
        package var value: String
    }

    package var name: String
    package var conditions: [Condition]

    /// A text that is not a selector.
    package struct Misfit: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    package static let serviceLabel = LogField.service

    package init(_ text: String) throws(Misfit) {
        let problem = Misfit(
            description: "expected a metric such as tailspan_faults_injected_total{service=\"payments\"}, not '\(text)'"
        )
        let trimmed = text.filter { !$0.isNewline }
        let name = trimmed.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        guard let first = name.first, !first.isNumber else { throw problem }
        self.name = String(name)
        conditions = []
        var rest = trimmed.dropFirst(name.count)
        guard !rest.isEmpty else { return }
        guard rest.popFirst() == "{" else { throw problem }
        while true {
            rest = rest.drop(while: \.isWhitespace)
            if rest.first == "}" { break }
            let label = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            rest = rest.dropFirst(label.count).drop(while: \.isWhitespace)
            let isEqual = rest.first == "="
            rest = rest.dropFirst(isEqual ? 1 : rest.hasPrefix("!=") ? 2 : 0).drop(while: \.isWhitespace)
            guard !label.isEmpty, rest.popFirst() == "\"", let end = rest.firstIndex(of: "\"") else { throw problem }
            conditions.append(
                Condition(label: String(label), isEqual: isEqual, value: String(rest[..<end])))
            rest = rest[rest.index(after: end)...].drop(while: \.isWhitespace)
            if rest.first == "," { rest.removeFirst() } else if rest.first != "}" { throw problem }
        }
        guard rest.dropFirst().allSatisfy(\.isWhitespace) else { throw problem }
        if let condition = conditions.first(where: { $0.label == Self.serviceLabel && $0.isEqual }),
            ServiceRole(rawValue: condition.value) == nil
        {
            throw Misfit(description: "no service '\(condition.value)' whose metrics could be asked for")
        }
    }

    package func selects(_ name: String, _ labels: [String: String], of service: String) -> Bool {
        guard name == self.name else { return false }
        return conditions.allSatisfy { condition in
            let value = condition.label == Self.serviceLabel ? service : labels[condition.label, default: ""]
            return (value == condition.value) == condition.isEqual
        }
    }

    package var description: String {
        guard !conditions.isEmpty else { return name }
        return name + "{"
            + conditions.map { "\($0.label)\($0.isEqual ? "=" : "!=")\"\($0.value)\"" }.joined(separator: ",") + "}"
    }
}
