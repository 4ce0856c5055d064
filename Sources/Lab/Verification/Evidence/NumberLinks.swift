/// The metrics that links from traces lead to.
struct NumberLinks {
    private let links: ProvisionedLinks

    init(_ links: ProvisionedLinks) { self.links = links }

    /// The metrics of Grafana's service map.
    static let ofServiceMap: Set<String> = [
        "traces_service_graph_request_total", "traces_service_graph_request_failed_total",
    ]

    /// Whether Tempo derives the metric from spans; the services do not expose such metrics.
    static func isMadeByTempo(_ name: String) -> Bool {
        guard name.hasPrefix("traces_spanmetrics_") || name.hasPrefix("traces_service_graph_request_") else {
            return false
        }
        let ends = [
            "calls_total", "latency_bucket", "latency_count", "latency_sum", "size_total", "request_total",
            "request_failed_total", "server_seconds_bucket", "server_seconds_count", "server_seconds_sum",
            "client_seconds_bucket", "client_seconds_count", "client_seconds_sum", "messaging_system_seconds_bucket",
            "messaging_system_seconds_count", "messaging_system_seconds_sum",
        ]
        return ends.contains { name.hasSuffix("_" + $0) }
    }

    /// All metrics that links query from a metrics store.
    func metrics(in source: DataSource) -> Set<String> {
        var result: Set<String> = []
        for store in links.dataSources where store.isTraceStore {
            if let setting = store.tracesToMetrics, leads(setting.datasourceUID, to: source) {
                for query in setting.queries { result.formUnion(Self.metrics(in: query.text ?? "")) }
            }
            if let uid = store.serviceMapUID, leads(uid, to: source) { result.formUnion(Self.ofServiceMap) }
        }
        return result
    }

    private func leads(_ uid: String, to source: DataSource) -> Bool { links.dataSources.find(uid)?.uid == source.uid }

    /// The metrics in a PromQL query that have a selector or a range: `name{…}`, `name[…]`.
    static func metrics(in query: String) -> Set<String> {
        var result: Set<String> = []
        var name = ""
        var quote: Character?
        var isInSelector = false
        for character in query {
            if let open = quote {
                if character == open { quote = nil }
                continue
            }
            switch character {
            case "\"", "'", "`": quote = character
            case "{" where !isInSelector:
                isInSelector = true
                if !name.isEmpty { result.insert(name) }
            case "}": isInSelector = false
            case "[" where !isInSelector && !name.isEmpty: result.insert(name)
            default: break
            }
            let isPart = character.isASCII && (character.isLetter || character.isNumber || "_:".contains(character))
            name = isPart && !isInSelector ? name + String(character) : ""
        }
        return result
    }
}
