import Encoding
import HTTP
import Testing

/// One query of a provisioned file.
struct ProvisionedQuery: Sendable, CustomTestStringConvertible {
    enum Language: Sendable { case logQL, traceQL, promQL }

    /// How Grafana asks it.
    enum Form: Sendable {
        /// Over the time range: lines, or numbers for each step.
        case range
        /// Once, at the range's end.
        case instant
        /// A TraceQL search.
        case search
        /// A trace by its id.
        case trace
    }

    var language: Language
    var form: Form
    /// As it is written, with Grafana's variables.
    var written: String
    /// The file and the place in it, such as `grafana/dashboards/traces.json: Error spans, A`.
    var place: String
    /// How many exemplars, traces or lines it asks for.
    var limit: Int?
    /// Whether it asks for the one trace that is chosen.
    var needsTrace = false
    /// Whether the panel shows exemplars: single requests beside the numbers of many, each with its trace.
    var showsExemplars = false
    /// The names of labels that the panel makes use of: in legends and links.
    var labels: Set<String> = []
    /// Variables as Grafana fills them in while nothing is chosen.
    var values: [String: String] = [:]

    /// The query as it reaches the data source.
    func text(_ values: [String: String] = [:]) -> String {
        GrafanaText(written).filled(self.values.merging(values) { $1 })
    }

    var testDescription: String { place }
}

/// Every LogQL, TraceQL and PromQL expression of the dashboards, and of pages that promise their queries to work.
enum ProvisionedQueries {
    static let dashboardFolder = "grafana/dashboards"

    /// Those of all dashboards: of panels, variables, annotations and links.
    static func ofDashboards() throws -> [ProvisionedQuery] {
        try Repository.files(under: dashboardFolder, endingIn: ".json").flatMap { path in
            inDashboard(try Repository.json(path), path)
        }
    }

    /// Those of a dashboard.
    static func inDashboard(_ dashboard: JSONValue, _ path: String) -> [ProvisionedQuery] {
        let variables = dashboard["templating"]?["list"]?.array ?? []
        let values = emptyChoices(variables)
        var result: [ProvisionedQuery] = []
        for panel in panels(of: dashboard) {
            let title = panel["title"]?.string ?? "a panel without title"
            let labels = labelsUsed(by: panel)
            for target in panel["targets"]?.array ?? [] {
                let source = target["datasource"]?["uid"]?.string ?? panel["datasource"]?["uid"]?.string
                let place = "\(path): \(title), \(target["refId"]?.string ?? "?")"
                guard var query = query(target, source, place) else { continue }
                query.showsExemplars =
                    target["exemplar"]?.bool == true || (target["exemplars"]?.integer ?? 0) > 0
                query.labels = labels.union(legendLabels(target["legendFormat"]?.string ?? ""))
                result.append(query)
            }
            result += linked(from: panel, "\(path): \(title)")
        }
        for annotation in dashboard["annotations"]?["list"]?.array ?? [] {
            let place = "\(path): annotation \(annotation["name"]?.string ?? "?")"
            if let query = query(annotation, annotation["datasource"]?["uid"]?.string, place) { result.append(query) }
        }
        for variable in variables where variable["type"]?.string == "query" {
            let place = "\(path): variable \(variable["name"]?.string ?? "?")"
            let asked = variable["query"]
            // Loki's variable queries hold a selector.
            let text = asked?["stream"]?.string ?? asked?["expr"]?.string ?? asked?.string ?? ""
            let target: JSONValue = ["expr": .string(text), "query": .string(text), "queryType": "traceql"]
            if let query = query(target, variable["datasource"]?["uid"]?.string, place) { result.append(query) }
        }
        for index in result.indices { result[index].values = values }
        return result
    }

    /// Those of a page of documentation: what stands in blocks of code marked `logql`, `traceql` or `promql`. They may name
    /// `$trace_id`, the trace of a request that succeeded.
    static func inDocumentation(_ path: String) throws -> [ProvisionedQuery] {
        let blocks = try Repository.text(path).matches(of: /\n```(logql|traceql|promql)\n((?s).*?)\n```/)
        return blocks.enumerated().map { number, block in
            let text = String(block.2)
            let language: ProvisionedQuery.Language =
                block.1 == "logql" ? .logQL : block.1 == "traceql" ? .traceQL : .promQL
            let isMetric = text.contains(/\|\s*(rate|[a-z]+_over_time)\s*\(/)
            return ProvisionedQuery(
                language: language, form: language == .traceQL && !isMetric ? .search : .range, written: text,
                place: "\(path): query \(number + 1)", needsTrace: text.contains("$trace_id"))
        }
    }

    /// The query that a panel's target or an annotation holds; `nil` if it holds none.
    static func query(_ target: JSONValue, _ source: String?, _ place: String) -> ProvisionedQuery? {
        let limit = (target["limit"] ?? target["maxLines"])?.integer.map { Int($0) }
        switch source {
        case "loki", "prometheus":
            guard let text = target["expr"]?.string else { return nil }
            let isInstant = target["queryType"]?.string == "instant" || target["instant"]?.bool == true
            return ProvisionedQuery(
                language: source == "loki" ? .logQL : .promQL, form: isInstant ? .instant : .range, written: text,
                place: place, limit: limit, needsTrace: text.contains("!~`${trace"))
        case "tempo":
            // A service map Grafana asks of Prometheus, with what the panel adds to the metrics' names.
            if target["queryType"]?.string == "serviceMap" {
                let selector = target["serviceMapQuery"]?.string ?? ""
                return ProvisionedQuery(
                    language: .promQL, form: .instant,
                    written: "rate(traces_service_graph_request_total\(selector)[$__range])", place: place)
            }
            guard target["queryType"]?.string == "traceql", let text = target["query"]?.string else { return nil }
            let isTrace = GrafanaText(text).filled(["trace_id": "", "trace": ""]).isEmpty
            let isMetric = target["metricsQueryType"] != nil
            let isInstant = target["metricsQueryType"]?.string == "instant"
            return ProvisionedQuery(
                language: .traceQL,
                form: isTrace ? .trace : !isMetric ? .search : isInstant ? .instant : .range,
                written: text, place: place, limit: limit, needsTrace: isTrace)
        default: return nil
        }
    }

    /// All panels of a dashboard, those inside collapsed rows too.
    static func panels(of dashboard: JSONValue) -> [JSONValue] {
        (dashboard["panels"]?.array ?? []).flatMap { [$0] + ($0["panels"]?.array ?? []) }
    }

    /// The variables' values while nothing is chosen.
    private static func emptyChoices(_ variables: [JSONValue]) -> [String: String] {
        var values: [String: String] = [:]
        for variable in variables {
            guard let name = variable["name"]?.string else { continue }
            values[name] =
                variable["includeAll"]?.bool == true
                // Without a value for all of them, Grafana fills in each that can be chosen.
                ? variable["allValue"]?.string ?? variable["query"]?.string?.replacing(",", with: "|")
                : variable["current"]?["value"]?.string
        }
        return values
    }

    /// The queries of links into Explore.
    private static func linked(from panel: JSONValue, _ place: String) -> [ProvisionedQuery] {
        links(of: panel).flatMap { link -> [ProvisionedQuery] in
            let panes = panes(of: link["url"]?.string ?? "")?.object?.members ?? []
            return panes.flatMap { $0.value["queries"]?.array ?? [] }.compactMap { target in
                let place = "\(place), link \(link["title"]?.string ?? "?")"
                guard var query = query(target, target["datasource"]?["uid"]?.string, place) else { return nil }
                query.written = GrafanaText(query.written).filled(exampleOfLink)
                return query
            }
        }
    }

    /// What a link to Explore opens; `nil` for any other link.
    static func panes(of url: String) -> JSONValue? {
        guard url.hasPrefix("/explore?"), let panes = QueryParameters(query: String(url.dropFirst(9)))["panes"] else {
            return nil
        }
        // A link that is not JSON opens nothing.
        return try? JSONValue(parsing: panes)
    }

    /// What a link gets to know when somebody clicks it.
    static let exampleOfLink = [
        "__field.labels.service": "gateway", "__value.raw": "0.25", "__from": "1", "__to": "2",
        "__data.fields.traceIdHidden": "0af7651916cd43dd8448eb211c80319c",
    ]

    /// All links of a panel: in its corner, on its values, on its columns.
    static func links(of panel: JSONValue) -> [JSONValue] {
        let overrides = (panel["fieldConfig"]?["overrides"]?.array ?? []).flatMap { $0["properties"]?.array ?? [] }
        return (panel["links"]?.array ?? []) + (panel["fieldConfig"]?["defaults"]?["links"]?.array ?? [])
            + overrides.filter { $0["id"]?.string == "links" }.flatMap { $0["value"]?.array ?? [] }
    }

    private static func labelsUsed(by panel: JSONValue) -> Set<String> {
        let names = links(of: panel).flatMap { link in
            GrafanaText((link["url"]?.string ?? "") + (link["title"]?.string ?? "")).names
        }
        return Set(names.filter { $0.hasPrefix("__field.labels.") }.map { String($0.dropFirst(15)) })
    }

    /// The labels of a legend such as `{{service}}: {{error_type}}`.
    private static func legendLabels(_ legend: String) -> Set<String> {
        Set(legend.split(separator: "{{").dropFirst().compactMap { $0.split(separator: "}}").first.map { String($0) } })
    }
}
