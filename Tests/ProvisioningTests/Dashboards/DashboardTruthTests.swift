import Encoding
import Foundation
import HTTP
import ServiceTesting
import Testing
import Vocabulary
import Workload

@testable import Supervision

/// The figures of the Logs Explorer and of Services (RED) are compared with the services' own log files, since a query
/// that succeeds may count the wrong thing.
@Suite("The figures of the log panels", .serialized) struct DashboardTruthTests {
    @Test func figuresEqualThoseInTheLogFiles() async throws {
        let queries = try ProvisionedQueries.ofDashboards()
        try await withLiveBackends(needsPrometheus: false) { backends in
            // Of programs that were not started here, the files are elsewhere.
            guard let folder = backends.layout?.logFolder else { return }
            try await Self.send(backends)
            let lines = try await Self.linesOnceAllAreThere(in: folder, backends)
            // A minute that ends a little after the last line, and the one that ends five seconds before, in the midst of the
            // load: what is drawn.
            let now = try #require(lines.map(\.time).max()) + 1_000_000_000
            let minute = lines.filter { $0.time > now - 60_000_000_000 }
            let earlier = lines.filter { $0.time > now - 65_000_000_000 && $0.time <= now - 5_000_000_000 }
            #expect(earlier.count { ($0.status ?? 0) >= 500 } > 3 && earlier.count { $0.level == "warning" } > 3)
            for (place, expected) in Self.figures(lines, minute, earlier) {
                let query = try #require(queries.first { $0.place.hasSuffix(place) }, "\(place)")
                let url =
                    backends.loki + "/loki/api/v1/query?query=" + PercentEncoding.encode(query.text())
                    + "&time=\(now)"
                var found: [String: Double] = [:]
                for series in try await backends.get(url)["data"]?["result"]?.array ?? [] {
                    let labels = series["metric"]?.object?.members.compactMap(\.value.string) ?? []
                    found[labels.joined(separator: ",")] = series["value"]?[1]?.string.flatMap { Double($0) }
                }
                #expect(Set(found.keys) == Set(expected.keys), "\(place): \(found), and \(expected) in the files")
                for (name, value) in expected {
                    let difference = abs((found[name] ?? .infinity) - value)
                    #expect(difference <= 1e-9 * max(1, value), "\(place), \(name): \(found[name] ?? -1), not \(value)")
                }
            }
        }
    }

    private struct Line {
        var time: UInt64
        var service, level: String
        var operation: String?
        var status: Int64?
        var milliseconds: Double?
        var isRequest: Bool

        init?(_ text: Substring) throws {
            let json = try JSONValue(parsing: Array(text.utf8))
            let level = json["level"]?.string ?? ""
            operation = json["operation"]?.string
            let isProbe = operation?.contains(/^(GET|HEAD) \/(healthz|readyz|metrics)$/) == true
            // What no shipper sends.
            if ["trace", "debug"].contains(level) || (isProbe && ["info", "notice"].contains(level)) { return nil }
            self.level = level
            time = try #require(RFC3339.parse(Array((json["timestamp"]?.string ?? "").utf8)))
            service = json["service"]?.string ?? ""
            status = json["status"]?.integer
            milliseconds = json["duration_ms"]?.double
            isRequest = json["message"]?.string == "request completed"
        }

        var isError: Bool { level == "error" || level == "critical" }
        var isRefusal: Bool { (400..<500).contains(status ?? 0) }
        var isFailure: Bool { (status ?? 0) >= 500 }
    }

    /// Each panel with what it must show.
    private static func figures(
        _ all: [Line], _ minute: [Line], _ earlier: [Line]
    ) -> [(place: String, expected: [String: Double])] {
        let requests = earlier.filter(\.isRequest)
        let gateway = requests.filter { $0.service == "gateway" }
        func share(_ condition: (Line) -> Bool) -> [String: Double] {
            ["": Double(gateway.count(where: condition)) / Double(gateway.count)]
        }
        func operations(_ lines: [Line]) -> [String: Double] {
            count(lines.filter { $0.operation != nil }) { $0.operation! + "," + $0.service }
        }
        func p95(_ lines: [Line]) -> [String: Double] {
            Dictionary(grouping: lines, by: \.service)
                .mapValues { quantile(0.95, $0.compactMap(\.milliseconds)) / 1000 }
        }
        return [
            ("Log Volume by Service, A", count(minute, by: \.service).mapValues { $0 / 60 }),
            ("Error Rate, A", count(minute, where: \.isError, by: \.service)),
            ("Log Level Distribution, A", count(all, by: \.level)),
            ("Top Services by Log Volume, A", count(all, by: \.service)),
            ("Error Hotspots, A", operations(all.filter(\.isError))),
            ("Error Hotspots, B", operations(all.filter { $0.level == "warning" && $0.isRefusal })),
            ("Gateway rate, A", ["": Double(gateway.count) / 60]),
            ("Gateway 5xx, A", share(\.isFailure)),
            ("Gateway 4xx, A", share(\.isRefusal)),
            ("Gateway p95, A", p95(gateway)),
            ("Requests by service, from logs, A", count(requests, by: \.service).mapValues { $0 / 60 }),
            ("Duration by service (p95), from logs, A", p95(requests)),
            ("Failed requests (5xx), from logs, A", count(requests, where: \.isFailure, by: \.service)),
            ("Refused requests (4xx), from logs, A", count(requests, where: \.isRefusal, by: \.service)),
        ]
    }

    /// How many fulfil the condition, also where none does.
    private static func count(
        _ lines: [Line], where condition: (Line) -> Bool = { _ in true }, by name: (Line) -> String
    ) -> [String: Double] {
        Dictionary(grouping: lines, by: name).mapValues { Double($0.count(where: condition)) }
    }

    /// As Loki has it: between the two nearest.
    private static func quantile(_ share: Double, _ values: [Double]) -> Double {
        let sorted = values.sorted()
        let rank = share * Double(sorted.count - 1)
        let (below, above) = (sorted[Int(rank)], sorted[min(Int(rank) + 1, sorted.count - 1)])
        return below + (above - below) * (rank - rank.rounded(.down))
    }

    /// The usual load, of which some requests meet an executor that fails.
    private static func send(_ backends: LiveBackends) async throws {
        let plan = try LoadPlan(seed: 11, rate: 60, limit: .requests(480))
        _ = await LoadRunner(plan: plan, clock: .monotonic(backends.loop)) { request in
            var headers = request.headers
            if request.body.count.isMultiple(of: 5) { headers["baggage"] = "tailspan.fault=executor%3Aerror" }
            let response = try await backends.client.execute(
                HTTPClient.Request(
                    method: .post, url: backends.gateway + request.uri, headers: headers, body: request.body),
                timeout: .seconds(30))
            return LoadAnswer(status: response.status, traceID: response.headers[Header.traceID])
        }.run()
    }

    /// Those of the files, once the services write no more and Loki has as many.
    private static func linesOnceAllAreThere(in folder: String, _ backends: LiveBackends) async throws -> [Line] {
        let all = PercentEncoding.encode(#"sum(count_over_time({service_namespace="tailspan"}[15m]))"#)
        try await eventually(within: .seconds(30), "every line in Loki") {
            let before = try read(folder).count
            // Queued tasks are carried out when their callers have long been answered.
            await pause(microseconds: 700_000)
            let answer = try await backends.get(backends.loki + "/loki/api/v1/query?query=" + all)
            let found = answer["data"]?["result"]?[0]?["value"]?[1]?.string.flatMap { Int($0) }
            return try read(folder).count == before && found == before
        }
        return try read(folder)
    }

    private static func read(_ folder: String) throws -> [Line] {
        try ServiceRole.allCases.flatMap { role in
            try String(contentsOfFile: "\(folder)/\(role.rawValue)/\(role.rawValue).log", encoding: .utf8)
                .split(separator: "\n").compactMap { try Line($0) }
        }
    }
}
