import Contracts
import PocketStack
import Testing

@testable import Verification

/// The queries that spans lead to.
@Suite struct TracesToLogsTests {
    private static let span = SpanRecord(
        traceID: "4bf92f3577b34da6a3ce929d0e0e4736", spanID: "00f067aa0ba902b7", service: "tasks",
        name: "POST /v1/tasks", kind: .server, startNS: 1_795_192_321_123_000_000, endNS: 1_795_192_321_200_000_000,
        attributes: [.init("http.response.status_code", "201")],
        resource: [.init("service.name", "tasks"), .init("service.namespace", "tailspan")])

    @Test(arguments: [
        (
            "tempo",
            #"{service_namespace="tailspan", service_name="tasks"} | trace_id="4bf92f3577b34da6a3ce929d0e0e4736""#,
            SpanLogsQuery.Scope.service
        ),
        (
            "jaeger", #"{service_namespace="tailspan"} | trace_id="4bf92f3577b34da6a3ce929d0e0e4736""#,
            SpanLogsQuery.Scope.trace
        ),
    ])
    func areWhatTheLabelsAnswer(_ uid: String, _ expression: String, _ scope: SpanLogsQuery.Scope) throws {
        let sources = try ProvisionedSources.read()
        let source = try #require(sources.first { $0.uid == uid })
        let query = try SpanLogsQuery(
            try #require(source.tracesToLogs), of: source, span: Self.span,
            in: TraceData(traceID: Self.span.traceID, spans: [Self.span]))
        #expect(query.expression == expression)
        #expect(query.scope == scope)
        let minutes: UInt64 = 5 * 60_000_000_000
        #expect(query.range == Self.span.startNS - minutes..<Self.span.endNS + minutes)
        #expect(throws: Never.self) { try LogQLParser.parse(query.expression) }
    }
}
