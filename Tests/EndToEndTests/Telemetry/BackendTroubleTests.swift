import HTTP
import ServiceTesting
import Synchronization
import Testing
import Vocabulary

/// How a trace backend can fail.
enum BackendTrouble: String, CaseIterable, CustomTestStringConvertible {
    case refuses, slow, answers500

    var testDescription: String { rawValue }

    /// Whether the backend may take the same spans later: then they are kept, and only the queue's bound loses any.
    var mayPass: Bool { self != .answers500 }

    /// The `error.type` under which the exporter counts what it could not send.
    var errorType: String {
        switch self {
        case .refuses: "connect_failed"
        case .slow: "timeout"
        case .answers500: "500"
        }
    }

    func answer(_ request: Request) async throws -> Response? {
        if self == .slow { try await Task.sleep(for: .seconds(10)) }
        return Response(status: .internalServerError)
    }
}

@Suite("A trace backend in trouble")
struct BackendTroubleTests {
    /// The outcomes of requests that are to succeed, to be refused, and to fail.
    private func outcomes(_ services: FourServices) async throws -> [Int] {
        var statuses: [Int] = []
        for number in 0..<12 {
            let guild = number % 4 == 1 ? "g-none" : "g-1"
            let amount: Int64 = number % 4 == 2 ? 2_000_000_000_000 : 5
            let query = number % 4 == 3 ? "?mode=async" : ""
            statuses.append(
                try await services.client.createTask(
                    services.url(.gateway), query: query, guild: guild, amount: amount
                ).status.code)
        }
        return statuses
    }

    @Test(
        "A failing backend changes no request, its losses are counted, and stopping takes no longer",
        arguments: BackendTrouble.allCases)
    func aFailingBackendChangesNoRequest(_ trouble: BackendTrouble) async throws {
        let backend = try await FakeUpstream { try await trouble.answer($0) }
        let url = trouble == .refuses ? "http://127.0.0.1:1" : backend.url
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_TIMEOUT": "150",
            "OTEL_BSP_SCHEDULE_DELAY": "20", "OTEL_BSP_EXPORT_TIMEOUT": "400", "OTEL_BSP_MAX_QUEUE_SIZE": "16",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "8", "LOG_STDOUT": "false",
        ]
        try await withFourServices(environment: environment, telemetryIsReal: true) { services in
            #expect(try await outcomes(services) == Array(repeating: [201, 404, 402, 202], count: 3).flatMap { $0 })
            for role in ServiceRole.allCases {
                try await eventually("the loss of \(role)'s spans is accounted for") {
                    let samples = try await services.metrics(role)
                    let started = samples.sum("otel_sdk_span_started_total")
                    let failed = samples.sum("otel_sdk_exporter_span_exported_total") { $0["error_type"] != nil }
                    let held = samples.sum("otel_sdk_processor_span_queue_size")
                    let tried = samples.sum("otel_sdk_exporter_operation_duration_seconds_count")
                    let dropped = samples.sum("otel_sdk_processor_span_processed_total") {
                        $0["error_type"] == "queue_full"
                    }
                    guard started > 0, tried > 0, started == failed + held + dropped else { return false }
                    return trouble.mayPass ? failed == 0 && held > 0 : failed > 0 && held == 0
                }
                let samples = try await services.metrics(role)
                let name = "otel_sdk_exporter_span_exported_total"
                #expect(samples.sum(name) { $0["error_type"] == nil } == 0)
                let told = trouble.mayPass ? "otel_sdk_exporter_operation_duration_seconds_count" : name
                #expect(samples.labels("error_type", of: told) == [trouble.errorType], "\(role)")
            }
            // With spans that still wait.
            #expect(try await outcomes(services).prefix(4) == [201, 404, 402, 202])
            let isDone = Atomic(false)
            let stopping = Task {
                try await services.drain()
                isDone.store(true, ordering: .relaxed)
            }
            try await eventually(within: .seconds(9), "the services have stopped") { isDone.load(ordering: .relaxed) }
            try await stopping.value
        }
        await backend.stop()
    }
}
