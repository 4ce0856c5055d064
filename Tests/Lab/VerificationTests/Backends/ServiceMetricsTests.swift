import HTTP
import Testing
import Vocabulary

@testable import Verification

@Suite("The counters of the services") struct ServiceMetricsTests {
    @Test func theCountersAreSummed() {
        let counters = ServiceCounters(
            metrics: """
                # HELP otel_sdk_exporter_span_exported_total spans
                otel_sdk_exporter_span_exported_total{a="x, \\"y\\" } {",b="\\\\"} 40 1795192321000
                otel_sdk_exporter_span_exported_total{a="z",error_type=""} 2.0
                otel_sdk_exporter_span_exported_total{a="x",error_type="timeout"} 7
                otel_sdk_processor_span_queue_size 3
                http_server_request_duration_seconds_bucket{le="+Inf"} 9
                http_server_request_duration_seconds_count{http_route="/v1/tasks"} 5 # {trace_id="ab"} 0.1
                http_server_request_duration_seconds_count 1e1
                http_server_request_duration_seconds_sum 5.5
                not a sample
                broken{ 5

                """)
        #expect(counters == ServiceCounters(spansExported: 42, requestsServed: 15, spansWaiting: 3))
    }

    @Test func missingMetricsHaveNoCount() {
        #expect(ServiceCounters(metrics: "") == ServiceCounters(spansExported: nil, requestsServed: 0))
    }

    @Test func theDifferenceIsTakenCounterByCounter() {
        let before = ServiceCounters(spansExported: nil, requestsServed: 4)
        let after = ServiceCounters(spansExported: 6, requestsServed: 9)
        #expect(after.delta(since: before) == CountDelta(spansExported: 6, requestsServed: 5))
        #expect(before.delta(since: after) == CountDelta(spansExported: nil, requestsServed: -5))
    }

    @Test func theServiceThatRefusesIsNamed() async {
        let client = MetricsClient(
            urls: [.tasks: "http://t"], transport: FakeTransport { _ in .init(.notFound, "404 page not found") })
        let error = await #expect(throws: BackendError.self) { try await client.read() }
        #expect(error?.description == "tasks at http://t: answered 404: 404 page not found")
    }
}
