import Encoding
import HTTP
import Testing

@testable import Verification

/// The alert rules of Loki and of Grafana.
enum AlertFiles {
    static let loki = "loki/rules/fake/tailspan.yaml"
    static let grafana = "grafana/provisioning/alerting/tailspan.yaml"
    static let notifications = "grafana/provisioning/alerting/notifications.yaml"

    static func lokiRules() throws -> [JSONValue] { try rules(Repository.yaml(loki)) }

    /// As Grafana has them once it has read the file.
    static func grafanaRules() throws -> [JSONValue] {
        try rules(GrafanaInterpolation.expand(Repository.yaml(grafana), [:]))
    }

    /// The names of Loki's rules with their expressions: what an incident's `alerts` name.
    static func expressions() throws -> [(name: String, expression: String)] {
        try lokiRules().map { (try #require($0["alert"]?.string), try #require($0["expr"]?.string)) }
    }

    private static func rules(_ file: JSONValue) throws -> [JSONValue] {
        let groups = try #require(file["groups"]?.array)
        return try groups.flatMap { group in try #require(group["rules"]?.array) }
    }

    /// The query of a rule of Grafana, and the threshold on it.
    static func condition(_ rule: JSONValue) throws -> (expression: String, threshold: Double) {
        let data = try #require(rule["data"]?.array)
        let query = try #require(data.first { $0["datasourceUid"]?.string == "loki" })
        let threshold = try #require(data.first { $0["datasourceUid"]?.string == "__expr__" }?["model"])
        let evaluator = threshold["conditions"]?[0]?["evaluator"]
        #expect(threshold["type"]?.string == "threshold")
        #expect(threshold["expression"]?.string == query["refId"]?.string)
        #expect(evaluator?["type"]?.string == "gt")
        return (try #require(query["model"]?["expr"]?.string), try #require(evaluator?["params"]?[0]?.double))
    }

    /// The state that the link of an annotation opens in Explore, for an alert with these labels.
    static func explored(_ url: String, service: String) throws -> JSONValue {
        let filled = url.replacing("{{ $labels.service }}", with: service)
            .replacing(#"{{ reReplaceAll "/$" "" (externalURL) }}"#, with: "http://127.0.0.1:3000")
        #expect(!filled.contains("{{"), "\(filled)")
        let parts = filled.split(separator: "?", maxSplits: 1).map { String($0) }
        #expect(parts.first == "http://127.0.0.1:3000/explore")
        let parameters = QueryParameters(query: parts.last ?? "")
        #expect(parameters["schemaVersion"] == "1")
        #expect(parameters["orgId"] == "1")
        let panes = try JSONValue(parsing: try #require(parameters["panes"]))
        return try #require(panes.object?.members.first?.value)
    }
}
