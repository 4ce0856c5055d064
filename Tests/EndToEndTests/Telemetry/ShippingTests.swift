import HTTP
import OTLP
import ServiceTesting
import Testing
import TraceContext
import Verification
import Vocabulary

@Suite("The telemetry sent over the network")
struct ShippingTests {
    @Test("A trace of sixteen spans is read from Tempo's API")
    func aTraceOfSixteenSpansIsReadFromTempo() async throws {
        try await withTemporaryFolder { folder in
            try await withPocket(data: folder, logs: folder + "/logs") { pocket in
                let environment = [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": pocket.otlp, "OTEL_BSP_SCHEDULE_DELAY": "50", "LOG_STDOUT": "false",
                ]
                try await withFourServices(environment: environment, telemetryIsReal: true) { services in
                    let trace = traceID(1)
                    let answer = try await services.client.createTask(services.url(.gateway), traceID: trace)
                    #expect(answer.status == .created)
                    try await eventually("all spans are stored") { try await pocket.spanCount(trace) >= 16 }
                    let spans = try #require(try await pocket.tempo.trace(id: trace)).spans
                    #expect(spans.count == 16)
                    #expect(Set(spans.map(\.service)) == Set(ServiceRole.allCases.map(\.rawValue)))
                }
            }
        }
    }

    @Test("Nothing is sent without an endpoint or with an empty one")
    func nothingIsSentWithoutAnEndpoint() async throws {
        let backend = try await FakeUpstream { _ in Response() }
        for environment in [
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": ""],
            ["OTEL_EXPORTER_OTLP_ENDPOINT": backend.url, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": ""],
            ["OTEL_EXPORTER_OTLP_ENDPOINT": backend.url, "OTEL_SDK_DISABLED": "true"],
            ["OTEL_EXPORTER_OTLP_ENDPOINT": backend.url, "OTEL_TRACES_EXPORTER": "none"],
        ] {
            let more = ["OTEL_BSP_SCHEDULE_DELAY": "10", "OTEL_BLRP_SCHEDULE_DELAY": "10", "LOG_STDOUT": "false"]
            try await withFourServices(environment: environment.merging(more) { $1 }, telemetryIsReal: true) {
                services in
                #expect(try await services.client.createTask(services.url(.gateway)).status == .created)
                // Stopping sends whatever waits.
                try await services.drain()
            }
            #expect(backend.asked.isEmpty, "\(environment)")
        }
        await backend.stop()
    }

    @Test("The general endpoint receives spans alone, since log lines are read from files")
    func theGeneralEndpointReceivesSpansAlone() async throws {
        let backend = try await FakeUpstream { _ in Response(headers: ["content-type": "application/x-protobuf"]) }
        let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": backend.url, "LOG_STDOUT": "false"]
        try await withFourServices(environment: environment, telemetryIsReal: true) { services in
            #expect(try await services.client.createTask(services.url(.gateway)).status == .created)
            try await services.drain()
        }
        #expect(Set(backend.asked) == ["POST /v1/traces"])
        let spans = try backend.requests.map { try OTLPDecoder.traces(protobuf: $0.body) }
            .flatMap(\.resourceSpans).flatMap(\.spans)
        #expect(spans.count == 16)
        await backend.stop()
    }

    @Test("Log records go to their own endpoint, with the ids of their trace")
    func logRecordsGoToTheirOwnEndpoint() async throws {
        let backend = try await FakeUpstream { _ in Response(headers: ["content-type": "application/x-protobuf"]) }
        let environment = ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": backend.url + "/v1/logs", "LOG_STDOUT": "false"]
        let trace = traceID(2)
        try await withFourServices(environment: environment, telemetryIsReal: true) { services in
            #expect(try await services.client.createTask(services.url(.gateway), traceID: trace).status == .created)
            try await services.drain()
        }
        #expect(Set(backend.asked) == ["POST /v1/logs"])
        let logs = try backend.requests.map { try OTLPDecoder.logs(protobuf: $0.body) }.flatMap(\.resourceLogs)
        for role in ServiceRole.allCases {
            let groups = logs.filter { $0.resource.string("service.name") == role.rawValue }
            let records = groups.flatMap(\.records)
            // What Loki makes labels of.
            #expect(groups.allSatisfy { $0.resource.string("job") == "tailspan" }, "\(role)")
            #expect(groups.allSatisfy { $0.resource.string("service") == role.rawValue }, "\(role)")
            #expect(records.allSatisfy { $0.attributes["level"] == .string($0.severityText) }, "\(role)")
            #expect(records.contains { $0.traceID?.description == trace && $0.spanID != nil }, "\(role)")
            #expect(records.contains { $0.traceID == nil && $0.body == .string("listening") }, "\(role)")
        }
        await backend.stop()
    }
}
