import Encoding
import ServiceTesting

/// Asks a query as Grafana does, and says what is missing in the answer.
struct QueryExecution: Sendable {
    let backends: LiveBackends
    /// What is filled in beside Grafana's own variables, such as a trace id.
    let values: [String: String]

    /// One row of an answer: its labels, or the attributes of a span.
    typealias Row = [String: String]

    /// Asks until the answer is as it should be.
    /// - Returns: what is wrong with the last answer before `end`; `nil` if nothing is.
    func complaint(about query: ProvisionedQuery, until end: ContinuousClock.Instant) async throws -> String? {
        while let complaint = await complaint(about: query) {
            guard !complaint.isFinal, ContinuousClock.now < end else { return complaint.text }
            await pause(microseconds: 200_000)
        }
        return nil
    }

    private struct Complaint {
        var text: String
        /// Whether another answer cannot be expected.
        var isFinal = false
    }

    private func complaint(about query: ProvisionedQuery) async -> Complaint? {
        let text = query.text(values)
        do {
            let rows = try await rows(of: query, text)
            guard !rows.isEmpty else { return Complaint(text: "no rows: \(text)") }
            let wanted = query.labels.union(Self.wantedColumns(of: query, text))
            let missing = wanted.filter { name in
                !rows.contains { $0[name].map { !$0.isEmpty && $0 != "nil" } ?? false }
            }
            guard missing.isEmpty else {
                return Complaint(text: "no row has \(missing.sorted().joined(separator: ", ")): \(text)")
            }
            let lacksExemplars = query.showsExemplars ? try await !hasExemplars(query, text) : false
            return lacksExemplars ? Complaint(text: "no exemplar has a trace: \(text)") : nil
        } catch let error as LiveBackends.Refused {
            return Complaint(text: "\(error): \(text)", isFinal: error.isFinal)
        } catch {
            return Complaint(text: "\(error): \(text)")
        }
    }

    /// The rows of the answer.
    func rows(of query: ProvisionedQuery) async throws -> [Row] { try await rows(of: query, query.text(values)) }

    private func rows(of query: ProvisionedQuery, _ text: String) async throws -> [Row] {
        let end = WallClock.system.now() / 1_000_000_000 + 1
        let encoded = PercentEncoding.encode(text)
        let range = "start=\(end - 900)&end=\(end)"
        switch (query.language, query.form) {
        case (.logQL, .instant):
            return try await metrics(backends.loki + "/loki/api/v1/query?query=\(encoded)&time=\(end)")
        case (.logQL, _):
            return try await metrics(
                backends.loki + "/loki/api/v1/query_range?query=\(encoded)&\(range)&step=30&limit=\(query.limit ?? 100)"
            )
        case (.promQL, let form):
            let (url, now) = (backends.prometheus ?? "", try await backends.prometheusTime())
            return try await metrics(
                url
                    + (form == .instant
                        ? "/api/v1/query?query=\(encoded)&time=\(now)"
                        : "/api/v1/query_range?query=\(encoded)&start=\(now - 60)&end=\(now)&step=1"))
        case (.traceQL, .search):
            let answer = try await backends.get(
                backends.tempo + "/api/search?q=\(encoded)&\(range)&spss=20&limit=\(query.limit ?? 20)")
            return (answer["traces"]?.array ?? []).flatMap { $0["spanSets"]?.array ?? [] }
                .flatMap { $0["spans"]?.array ?? [] }.map { span in
                    var row = Self.row(span["attributes"])
                    row["name"] = span["name"]?.string ?? row["name"]
                    return row
                }
        case (.traceQL, .trace):
            let answer = try await backends.get(backends.tempo + "/api/traces/\(encoded)")
            return (answer["batches"]?.array ?? answer["trace"]?["resourceSpans"]?.array ?? []).map { _ in [:] }
        case (.traceQL, let form):
            let path = form == .instant ? "/api/metrics/query" : "/api/metrics/query_range"
            let answer = try await backends.get(
                backends.tempo + "\(path)?q=\(encoded)&\(range)" + (form == .instant ? "" : "&step=30s"))
            return (answer["series"]?.array ?? []).map { Self.row($0["labels"]) }
        }
    }

    /// Whether an exemplar leads to a trace.
    private func hasExemplars(_ query: ProvisionedQuery, _ text: String) async throws -> Bool {
        let end = WallClock.system.now() / 1_000_000_000 + 1
        let encoded = PercentEncoding.encode(text)
        if query.language == .promQL {
            // Exemplars bear the services' time.
            let now = try await backends.prometheusTime()
            let answer = try await backends.get(
                (backends.prometheus ?? "")
                    + "/api/v1/query_exemplars?query=\(encoded)&start=\(min(now, end) - 900)&end=\(max(now, end))")
            let exemplars = (answer["data"]?.array ?? []).flatMap { $0["exemplars"]?.array ?? [] }
            return exemplars.contains { $0["labels"]?["trace_id"]?.string?.count == 32 }
        }
        let answer = try await backends.get(
            backends.tempo + "/api/metrics/query_range?q=\(encoded)&start=\(end - 900)&end=\(end)&step=30s&exemplars=50"
        )
        let exemplars = (answer["series"]?.array ?? []).flatMap { $0["exemplars"]?.array ?? [] }
        return exemplars.contains { Self.row($0["labels"])["trace:id"]?.isEmpty == false }
    }

    /// The answer of Loki or Prometheus.
    private func metrics(_ url: String) async throws -> [Row] {
        (try await backends.get(url)["data"]?["result"]?.array ?? []).map { series in
            var row: Row = [:]
            for member in (series["metric"] ?? series["stream"])?.object?.members ?? [] {
                row[member.name] = member.value.string
            }
            return row
        }
    }

    /// OTLP's key-value pairs.
    private static func row(_ pairs: JSONValue?) -> Row {
        var row: Row = [:]
        for pair in pairs?.array ?? [] {
            guard let key = pair["key"]?.string, let value = pair["value"]?.object?.members.first?.value else {
                continue
            }
            row[key] = value.string ?? value.description
        }
        return row
    }

    /// What a query itself names: the fields of its template, the attributes that it groups by or selects.
    private static func wantedColumns(of query: ProvisionedQuery, _ text: String) -> Set<String> {
        switch query.language {
        case .promQL: return []
        case .logQL:
            if let kept = text.firstMatch(of: /\| keep ([a-z_, ]+)/) {
                return Set(kept.1.split(separator: ",").map(trimmed))
            }
            return Set(text.matches(of: /\{\{\.([a-z_]+)\}\}/).map { String($0.1) })
        case .traceQL:
            let groups = text.matches(of: /by \(([^)]*)\)/).flatMap { $0.1.split(separator: ",") }
            let selected = text.matches(of: /select\(([^)]*)\)/).flatMap { $0.1.split(separator: ",") }
            // A search names attributes without their scope.
            return Set(groups.map(trimmed) + selected.map { trimmed($0).replacing(/^(span|resource)\./, with: "") })
        }
    }

    private static func trimmed(_ text: Substring) -> String { text.filter { $0 != " " } }
}
