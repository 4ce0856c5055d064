import Encoding
import Foundation
import LogQL
import ServiceTesting
import TestTools
import Testing
import TraceQL
import Vocabulary

/// The queries of all panels, annotations, links and the cookbook, parsed and run against real backends.
@Suite("The queries of the dashboards", .serialized) struct DashboardQueryTests {
    @Test func everyLogQLAndTraceQLQueryIsWellFormed() throws {
        let queries = try Self.all()
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

    @Test func everyPromQLQueryIsWellFormed() throws {
        let promtool = try TestTool.require(TestTool.promtool, "promtool")
        let queries = try Self.all().filter { $0.language == .promQL }
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

    /// Each query returns what its panel needs: rows with the labels of legends, links and templates.
    @Test func everyQueryFindsItsRows() async throws {
        let queries = try Self.all()
        try await withLiveBackends { backends in
            let traffic = SampleTraffic(backends: backends)
            _ = try await traffic.send()
            // The rate of a counter takes two looks at it, with something between them.
            if let prometheus = backends.prometheus {
                let seen = PercentEncoding.encode("count by (service) (http_server_request_duration_seconds_count)")
                try await eventually(within: .seconds(30), "Prometheus has looked at all services") {
                    let answer = try await backends.get(prometheus + "/api/v1/query?query=" + seen)
                    return answer["data"]?["result"]?.array?.count == ServiceRole.allCases.count
                }
            }
            let trace = try await traffic.send()
            let withoutChoice = QueryExecution(backends: backends, values: [:])
            let ofTrace = QueryExecution(backends: backends, values: ["trace_id": trace, "trace": trace])
            let end = ContinuousClock.now + .seconds(45)
            for query in queries {
                if let reason = Self.unanswerable(query, backends) {
                    #expect(!reason.isEmpty)
                    continue
                }
                let execution = query.needsTrace ? ofTrace : withoutChoice
                let complaint = try await execution.complaint(about: query, until: end)
                if let complaint { Issue.record("\(query.place): \(complaint)") }
            }
            try await Self.findLinesOfOneTrace(trace, queries, backends)
            try await Self.findWhatIsChosen(queries, backends)
        }
    }

    /// Those of the dashboards, and those that the cookbook promises to work.
    private static func all() throws -> [ProvisionedQuery] {
        let cookbook = try ProvisionedQueries.inDocumentation("docs/cookbook.md")
        try #require(cookbook.count > 15)
        return try ProvisionedQueries.ofDashboards() + cookbook
    }

    /// Why a query cannot have rows here; `nil` for one that must.
    private static func unanswerable(_ query: ProvisionedQuery, _ backends: LiveBackends) -> String? {
        if query.written.contains("tailspan_faults_active") {
            return "the services say how many faults are active only where faults can be switched on"
        }
        if query.written.contains("traces_service_graph_") || query.written.contains("traces_spanmetrics_") {
            return "Tempo makes these of spans and writes them to Prometheus: the pocket stack does not"
        }
        if query.place.contains(", link ") { return "what it asks for is known only when somebody clicks" }
        if query.language == .promQL, backends.prometheus == nil { return "there is no Prometheus" }
        if query.written.contains("duration > 250ms") { return "nothing that healthy services do takes so long" }
        if !backends.takesFaults, query.written.contains("resend_count") { return "no call had to be repeated" }
        return nil
    }

    /// The panel's whole purpose: an id, its beginning, and an id as Tempo shortens it all lead to the trace's lines.
    private static func findLinesOfOneTrace(
        _ trace: String, _ queries: [ProvisionedQuery], _ backends: LiveBackends
    ) async throws {
        let query = try #require(queries.first { $0.place.contains("Logs by Trace ID") && $0.language == .logQL })
        let shortened = String(trace.drop { $0 == "0" })
        for id in [trace, String(trace.prefix(12)), shortened] {
            let text = query.text(["trace": id])
            let url =
                backends.loki + "/loki/api/v1/query_range?query=" + PercentEncoding.encode(text)
                + "&since=15m&limit=500"
            let streams = try await backends.get(url)["data"]?["result"]?.array ?? []
            #expect(!streams.isEmpty, "\(text)")
            #expect(Set(streams.compactMap { $0["stream"]?["trace_id"]?.string }) == [trace], "\(text)")
        }
    }

    /// A choice above a dashboard narrows what its panels show, in each of the languages. Several values are filled in as
    /// Grafana does: in the form of an alternative.
    private static func findWhatIsChosen(_ queries: [ProvisionedQuery], _ backends: LiveBackends) async throws {
        let choices: [(place: String, variable: String, value: String, column: String, expected: Set<String>)] = [
            ("Log Volume by Service, A", "service", "gateway|tasks", "service", ["gateway", "tasks"]),
            ("Request rate by service, A", "service", "gateway|tasks", "resource.service.name", ["gateway", "tasks"]),
            ("services-red.json: Request rate, A", "service", "gateway|tasks", "service", ["gateway", "tasks"]),
            ("Log Level Distribution, A", "level", "error|warning", "level", ["error", "warning"]),
            ("Recent Logs, A", "guild", "g-2", "guild_id", ["g-2"]),
        ]
        for choice in choices {
            let query = try #require(queries.first { $0.place.hasSuffix(choice.place) }, "\(choice.place)")
            if query.language == .promQL, backends.prometheus == nil { continue }
            let execution = QueryExecution(backends: backends, values: [choice.variable: choice.value])
            // A rate needs two samples of each series: Prometheus may not have taken the second yet.
            try await eventually("\(choice.place): \(choice.expected.sorted())") {
                Set(try await execution.rows(of: query).map { $0[choice.column] ?? "" }) == choice.expected
            }
        }
    }
}
