import Encoding
import Foundation
import HTTP
import PocketStack
import Testing

/// The queries of all panels, annotations and links: read by the parsers, and asked of what really runs.
@Suite(.serialized) struct DashboardQueryTests {
    @Test func logQLAndTraceQLAreWellFormed() throws {
        let queries = try ProvisionedQueries.ofDashboards()
        for query in queries {
            let text = query.text()
            switch query.language {
            case .logQL: #expect(throws: Never.self, "\(query.place): \(text)") { try LogQLParser.parse(text) }
            case .traceQL where query.form != .trace:
                #expect(throws: Never.self, "\(query.place): \(text)") { try TraceQL.parse(text) }
            default: break
            }
        }
        #expect(queries.count { $0.language == .logQL } > 25)
        #expect(queries.count { $0.language == .traceQL } > 25)
        #expect(queries.contains { $0.place.contains("slower than this") }, "links were not read")
    }

    @Test func promQLIsWellFormed() throws {
        let promtool = try #require(Tool.promtool, "there is no promtool: run `make test-tools`")
        let queries = try ProvisionedQueries.ofDashboards().filter { $0.language == .promQL }
        #expect(queries.count > 20)
        let rules = queries.enumerated().map { number, query -> JSONValue in
            ["record": .string("query:\(number)"), "expr": .string(query.text())]
        }
        let file: JSONValue = ["groups": [["name": "dashboards", "rules": .array(rules)]]]
        let path = NSTemporaryDirectory() + "tailspan-rules-\(UInt32.random(in: 0 ... .max)).json"
        try file.description.write(toFile: path, atomically: true, encoding: .utf8)
        defer { unlink(path) }
        let result = try Tool.run(promtool, ["check", "rules", path])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("\(queries.count) rules found"), "\(result.output)")
    }

    /// Each query with what a panel needs of its answer: rows, and in them the labels of legends, links and templates.
    @Test func everyQueryFindsItsRows() async throws {
        let queries = try ProvisionedQueries.ofDashboards()
        try await withLiveBackends { backends in
            let traffic = SampleTraffic(backends: backends)
            _ = try await traffic.send()
            // The rate of a counter takes two looks at it, with something between them.
            try await Task.sleep(for: .seconds(backends.prometheus == nil ? 0 : 2))
            let trace = try await traffic.send()
            let execution = QueryExecution(backends: backends, values: [:])
            let ofTrace = QueryExecution(backends: backends, values: ["trace_id": trace])
            let end = ContinuousClock.now + .seconds(45)
            for query in queries {
                if let reason = Self.unanswerable(query, backends) {
                    #expect(!reason.isEmpty)
                    continue
                }
                var complaint: String?
                repeat {
                    complaint = await (query.form == .trace ? ofTrace : execution).complaint(about: query)
                    if complaint != nil { try await Task.sleep(for: .milliseconds(200)) }
                } while complaint != nil && ContinuousClock.now < end
                if let complaint { Issue.record("\(query.place): \(complaint)") }
            }
            try await Self.findLinesOfOneTrace(trace, queries, backends)
        }
    }

    /// Why a query cannot have rows here; `nil` for one that must.
    private static func unanswerable(_ query: ProvisionedQuery, _ backends: LiveBackends) -> String? {
        if query.written.contains("tailspan_faults_active") {
            return "the services say how many faults are active only where faults can be switched on"
        }
        if query.place.contains(", link ") { return "what it asks for is known only when somebody clicks" }
        if query.language == .promQL, backends.prometheus == nil { return "there is no Prometheus" }
        if !backends.executorIsSmall, query.written.contains("resend_count") { return "no call had to be repeated" }
        return nil
    }

    /// The panel's whole purpose: an id, its beginning, and an id as Tempo shortens it all lead to the trace's lines.
    private static func findLinesOfOneTrace(
        _ trace: String, _ queries: [ProvisionedQuery], _ backends: LiveBackends
    ) async throws {
        let query = try #require(queries.first { $0.place.contains("Logs by trace id") && $0.language == .logQL })
        let shortened = String(trace.drop { $0 == "0" })
        for id in [trace, String(trace.prefix(12)), shortened] {
            let text = query.text(["trace_id": id])
            let url =
                backends.loki + "/loki/api/v1/query_range?query=" + PercentEncoding.encode(text)
                + "&since=15m&limit=500"
            let streams = try await backends.get(url)["data"]?["result"]?.array ?? []
            #expect(!streams.isEmpty, "\(text)")
            #expect(Set(streams.compactMap { $0["stream"]?["trace_id"]?.string }) == [trace], "\(text)")
        }
    }
}
