import Encoding
import Incidents
import PocketStack
import Testing
import Verification

@testable import FileSystem

/// What is left of an incident that was played: what its stores answer, and what the runner wrote down.
struct IncidentEvidence: Sendable {
    let record: RunRecord
    /// What became of each request.
    let requests: [JSONValue]
    let pocket: LivePocket

    var loki: LokiClient {
        LokiClient(baseURL: "http://127.0.0.1:\(pocket.stack.ports.loki)", transport: pocket.client)
    }

    /// Opens what was left in a run's folder.
    static func with(
        _ folder: String, _ body: @Sendable (IncidentEvidence) async throws -> Void
    ) async throws {
        let record = try RunRecord(
            parsing: Array(try #require(Files.text(folder + "/run.json")).utf8), file: "run.json")
        let requests = try #require(Files.text(folder + "/requests.ndjson")).split(separator: "\n").map {
            try JSONValue(parsing: String($0))
        }
        let empty = folder + "/no-logs"
        try Files.makeFolder(empty)
        try await withPocket(data: folder + "/data", logs: empty) { pocket in
            try await body(IncidentEvidence(record: record, requests: requests, pocket: pocket))
        }
    }

    /// How many traces a search finds that began in the run.
    func traces(_ traceQL: String) async throws -> Double { try await pocket.tempo.count(traceQL, in: record.window) }

    /// The sum of what a LogQL metric query gives at the end of the run.
    func value(_ logQL: String) async throws -> Double { try await loki.value(logQL, at: record.window.upperBound) }

    /// The lines of the run that a LogQL query finds.
    func lines(_ logQL: String) async throws -> [LogRecord] { try await loki.lines(logQL, in: record.window) }

    /// By how much a metric rose.
    func metric(_ selector: String) throws -> Double { record.metrics.sum(try MetricSelector(selector)) ?? 0 }

    /// What a query of a page finds, in whichever language it is.
    func found(_ language: String, _ query: String) async throws -> Double {
        guard language == "logql" else { return try await traces(query) }
        return query.hasPrefix("{") ? Double(try await lines(query).count) : try await value(query)
    }

    /// Requests of a kind that came in a part of the scenario, in seconds.
    func requests(of kind: String, in seconds: Range<Int64>) -> [JSONValue] {
        requests.filter {
            $0["kind"]?.string == kind && ($0["at_ms"]?.integer).map { seconds.contains($0 / 1000) } ?? false
        }
    }

    /// When requests came that went otherwise than planned, in milliseconds of the scenario.
    var failureTimes: [Int64] { requests.filter { $0["as_planned"] == false }.compactMap { $0["at_ms"]?.integer } }

    /// The alerts whose expression is true at some moment of the run or of the minute after it.
    func firingAlerts(_ rules: [(name: String, expression: String)]) async throws -> Set<String> {
        var firing: Set<String> = []
        let second: UInt64 = 1_000_000_000
        for (name, expression) in rules {
            // Each looks back a minute or more.
            for time in stride(
                from: record.window.lowerBound, to: record.window.upperBound + 60 * second, by: 6 * Int(second))
            {
                guard try await loki.value(expression, at: time) > 0 else { continue }
                firing.insert(name)
                break
            }
        }
        return firing
    }
}
