import Testing

@testable import Verification

/// The links that Grafana makes of a line's fields.
@Suite("The derived fields of Loki") struct DerivedFieldTests {
    private let matchers: [DerivedFieldMatcher]

    init() throws {
        let sources = try ProvisionedSources.read()
        matchers = try #require(sources.first { $0.uid == "loki" }).derivedFields.map { try DerivedFieldMatcher($0) }
    }

    private static let id = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let lines = [
        #"{"level":"info","service":"tasks","message":"task settled","trace_id":"\#(id)","span_id":"00f067aa0ba902b7"}"#,
        "2026-11-20T12:12:01.123000Z info tasks: task settled  trace_id=\(id) span_id=00f067aa0ba902b7",
        "task settled",
    ]

    /// The id is structured metadata in every format: JSON, text, and the message of a log record.
    @Test(arguments: lines) func everyLineHasOneTraceLink(_ line: String) {
        let labels = ["service": "tasks", "service_name": "tasks", "level": "info", "trace_id": Self.id]
        let record = LogRecord(timestampNS: 1, labels: labels, line: line)
        #expect(matchers.compactMap { $0.value(in: record) } == [Self.id])
    }

    /// A second link, or a link to something that is no trace, is worse than no link.
    @Test(arguments: lines) func aLineWithoutATraceHasNoLink(_ line: String) {
        let others = [
            "job", "service", "service_name", "service_namespace", "level", "span_id", "request_id", "task_id",
            "parent_trace_id", "trace_id_2", "xtrace_id", "detected_level",
        ]
        let labels = Dictionary(uniqueKeysWithValues: others.map { ($0, String(repeating: "d00f", count: 8)) })
        let record = LogRecord(timestampNS: 1, labels: labels, line: line)
        #expect(matchers.compactMap { $0.value(in: record) } == [])
    }

    @Test func theLinkPassesTheTraceIDToTempo() {
        #expect(matchers.map(\.field.datasourceUID) == ["tempo"])
        #expect(matchers.map(\.field.url) == ["${__value.raw}"])
    }
}
