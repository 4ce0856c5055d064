import Contracts
import HTTP
import PocketStack
import Testing
import Verification
import Vocabulary
import Workload

@Suite("Traces read as soon as they are answered")
struct TraceReadingTests {
    @Test("Every trace is complete, root included, when it is read as soon as its request is answered")
    func everyTraceReadAtOnceIsComplete() async throws {
        try await withTemporaryFolder { folder in
            try await withPocket(data: folder, logs: folder + "/logs") { pocket in
                // Spans are kept back, so that the first looks find a part of each trace at most.
                let environment = [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": pocket.otlp, "OTEL_BSP_SCHEDULE_DELAY": "1500",
                    "LOG_DIR": folder + "/logs", "LOG_STDOUT": "false",
                ]
                try await withFourServices(environment: environment, telemetryIsReal: true) { services in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<25 {
                            group.addTask { try await Self.sendAndRead(number, services, pocket) }
                        }
                        try await group.waitForAll()
                    }
                }
            }
        }
    }

    private static func sendAndRead(_ number: Int, _ services: FourServices, _ pocket: LivePocket) async throws {
        let isAsync = number % 5 == 4
        let answer = try await services.client.createTask(
            services.url(.gateway), query: isAsync ? "?mode=async" : "")
        #expect(answer.status == (isAsync ? .accepted : .created))
        let id = try #require(answer.headers["x-trace-id"])
        let loki = LokiClient(baseURL: "http://127.0.0.1:\(pocket.stack.ports.loki)", transport: pocket.client)
        let reader = TraceReader(tempo: pocket.tempo, loki: loki, clock: .monotonic(services.loop))
        let looks = Looks()
        let reading = try await reader.read(id) { looks.add($0) }
        let spans = try #require(reading.trace).spans
        #expect(reading.isComplete, "\(reading.missing)")
        #expect(reading.gaps == TraceGaps())
        let kind: RequestKind = isAsync ? .async : .sync
        let expected = ExpectedEdges.root(of: kind, .sha256).all.reduce(0) { $0 + $1.count }
        #expect(spans.count >= expected, "\(spans.map(\.name))")
        #expect(spans.count { $0.parentSpanID == nil } == 1, "the root")
        #expect(Set(reading.lines.compactMap(\.service)) == Set(ServiceRole.allCases.map(\.rawValue)))
        #expect(looks.sizes.first == 0, "the first look found spans: nothing was waited for")
        let prefix = String(id.prefix(8))
        let finder = TraceFinder(tempo: pocket.tempo, loki: loki, clock: .monotonic(services.loop))
        #expect(try await finder.traceID(prefix) == id)
    }

    /// How many spans each look found. Used by one task.
    private final class Looks {
        private(set) var sizes: [Int] = []
        func add(_ reading: TraceReading) { sizes.append(reading.trace?.spans.count ?? 0) }
    }
}
