import LogQL
import Testing

@testable import Verification

/// The queries behind the links of spans.
@Suite("The links from traces to logs") struct TracesToLogsTests {
    /// `load` sends the first span of every trace and writes no lines.
    @Test(arguments: ["tempo", "jaeger"], ["load", "gateway", "tasks", "executor", "payments"])
    func theQueriesFindTheLinesOfTheWholeTrace(_ uid: String, _ service: String) throws {
        let span = SpanRecord(
            traceID: "4bf92f3577b34da6a3ce929d0e0e4736", spanID: "00f067aa0ba902b7", service: service,
            name: "POST /v1/tasks", kind: .server, startNS: 1_795_192_321_123_000_000,
            endNS: 1_795_192_321_200_000_000, attributes: [.init("http.response.status_code", "201")],
            resource: [.init("service.name", service), .init("service.namespace", "tailspan")])
        let sources = try ProvisionedSources.read()
        let source = try #require(sources.first { $0.uid == uid })
        let query = try SpanLogsQuery(
            try #require(source.tracesToLogs), of: source, span: span,
            in: TraceData(traceID: span.traceID, spans: [span]))
        #expect(
            query.expression == #"{service_namespace="tailspan"} | trace_id="4bf92f3577b34da6a3ce929d0e0e4736""#)
        #expect(query.scope == .trace)
        let minutes: UInt64 = 5 * 60_000_000_000
        #expect(query.range == span.startNS - minutes..<span.endNS + minutes)
        #expect(throws: Never.self) { try LogQLParser.parse(query.expression) }
    }
}
