import Encoding
import Testing

/// The numbers that panels show, from the answers to their queries.
struct ShownFigures: Sendable {
    private let backends: LiveBackends
    private let queries: [ProvisionedQuery]

    init(_ backends: LiveBackends) throws {
        self.backends = backends
        queries = try ProvisionedQueries.ofDashboards()
    }

    private func query(_ place: String) throws -> ProvisionedQuery {
        try #require(queries.first { $0.place.hasSuffix(": " + place) || $0.place.hasSuffix("/" + place) }, "\(place)")
    }

    /// What Loki answers to a panel's query at a second: a value for each series, named by its only label.
    func values(_ place: String, at second: UInt64) async throws -> [String: Double] {
        try await values(of: try query(place).text(), at: second)
    }

    private func values(of text: String, at second: UInt64) async throws -> [String: Double] {
        let url = backends.loki + "/loki/api/v1/query?time=\(second)&query=" + PercentEncoding.encode(text)
        var values: [String: Double] = [:]
        for series in try await backends.get(url)["data"]?["result"]?.array ?? [] {
            let name = series["metric"]?.object?.members.first?.value.string ?? ""
            values[name] = series["value"]?[1]?.string.flatMap(Double.init)
        }
        return values
    }

    /// How many lines there are, of whatever service.
    func total(at second: UInt64) async throws -> Double {
        try await values(of: #"sum(count_over_time({service_namespace="tailspan"} [15m]))"#, at: second)[""] ?? 0
    }

    /// How many requests the executor has sent spans about.
    func spans(at second: UInt64) async throws -> Int {
        try await spans(of: "traces.json: Request rate by service, A", at: second)["executor"] ?? 0
    }

    /// How many spans are behind the rates that Tempo answers to a panel's query, by its only label.
    func spans(of place: String, at second: UInt64) async throws -> [String: Int] {
        let step: UInt64 = 15
        let end = (second / step + 1) * step
        let text = PercentEncoding.encode(try query(place).text())
        let answer = try await backends.get(
            backends.tempo + "/api/metrics/query_range?q=\(text)&start=\(end - 900)&end=\(end)&step=\(step)s")
        var counts: [String: Int] = [:]
        for series in answer["series"]?.array ?? [] {
            let value = series["labels"]?[0]?["value"]
            let name = value?["stringValue"]?.string ?? value?["intValue"].map { $0.string ?? $0.description } ?? ""
            let rates = (series["samples"]?.array ?? []).map { $0["value"]?.double ?? 0 }
            counts[name] = Int((rates.reduce(0, +) * Double(step)).rounded())
        }
        return counts
    }
}
