import OTelSDK
import ServiceTesting
import Testing
import TraceContext
import Vocabulary

@Suite("The stop under load")
struct DrainTests {
    @Test("Every accepted request is answered and has its sixteen spans")
    func everyAcceptedRequestIsAnsweredAndTraced() async throws {
        try await withFourServices { services in
            let stopping = AsyncStream<Void>.makeStream()
            async let load = UntilRefused().run(services.client, services.url(.gateway), workers: 6) {
                stopping.continuation.finish()
            }
            for await _ in stopping.stream {}
            try await services.drain()
            let result = await load
            #expect(result.failures.isEmpty, "\(result.failures)")
            let spans = Dictionary(grouping: services.spans.spans) { $0.context.traceID.description }
            #expect(Set(result.settled) == Set(spans.keys))
            for trace in result.settled { #expect(spans[trace]?.count == 16) }
            #expect(services.logs.entries.count { $0.message == "drained" } == 4)
        }
    }
}
