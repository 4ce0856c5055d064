import HTTP
import Testing
import Vocabulary

@Suite("The metrics that services expose")
struct ExpositionTests {
    @Test("The promtool check accepts the metrics of every service after requests of every outcome")
    func promtoolAcceptsTheMetricsOfEveryService() async throws {
        try await withTemporaryFolder { folder in
            try await withFourServices(environment: ["LOG_DIR": folder + "/logs", "LOG_STDOUT": "false"]) { services in
                let gateway = services.url(.gateway)
                #expect(try await services.client.createTask(gateway).status == .created)
                #expect(try await services.client.createTask(gateway, guild: "g-none").status == .notFound)
                #expect(try await services.client.createTask(gateway, query: "?mode=async").status == .accepted)
                #expect(try await services.client.get(gateway + "/nowhere").status == .notFound)
                for role in ServiceRole.allCases {
                    let answer = try await services.client.get(services.url(role) + "/metrics")
                    #expect(answer.headers["content-type"]?.hasPrefix("text/plain") == true)
                    let complaints = try await withLoop {
                        try await Promtool.complaints(answer.text, in: folder, on: $0)
                    }
                    #expect(complaints == "", "\(role)")
                }
            }
        }
    }

    @Test("OpenMetrics exemplars name existing traces")
    func exemplarsNameExistingTraces() async throws {
        try await withFourServices { services in
            let traces = (0..<5).map { traceID($0) }
            for trace in traces {
                let answer = try await services.client.createTask(services.url(.gateway), traceID: trace)
                #expect(answer.status == .created)
            }
            for role in ServiceRole.allCases {
                let answer = try await services.client.get(
                    services.url(role) + "/metrics", headers: ["accept": "application/openmetrics-text;version=1.0.0"])
                #expect(answer.headers["content-type"]?.hasPrefix("application/openmetrics-text") == true)
                #expect(answer.text.hasSuffix("# EOF\n"))
                let ids = answer.text.split(separator: "# {trace_id=\"").dropFirst().map { String($0.prefix(32)) }
                #expect(!ids.isEmpty && Set(ids).isSubset(of: traces), "\(role): \(ids)")
                #expect(
                    answer.text.split(separator: "\n").contains {
                        $0.hasPrefix("http_server_request_duration_seconds_bucket{") && $0.contains("# {trace_id=")
                    }, "\(role)")
            }
        }
    }
}
