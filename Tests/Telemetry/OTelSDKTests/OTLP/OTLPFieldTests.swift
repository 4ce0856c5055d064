import Encoding
import Testing

@testable import OTLP

@Suite("The OTLP field numbers")
struct OTLPFieldTests {
    static let fields: [(String, [String: Int])] = [
        ("ExportTraceServiceRequest", ["resource_spans": OTLPField.Request.resources]),
        ("ExportLogsServiceRequest", ["resource_logs": OTLPField.Request.resources]),
        ("ExportTraceServiceResponse", ["partial_success": OTLPField.Response.partialSuccess]),
        ("ExportLogsServiceResponse", ["partial_success": OTLPField.Response.partialSuccess]),
        (
            "ExportTracePartialSuccess",
            [
                "rejected_spans": OTLPField.PartialSuccess.rejected,
                "error_message": OTLPField.PartialSuccess.errorMessage,
            ]
        ),
        (
            "ExportLogsPartialSuccess",
            [
                "rejected_log_records": OTLPField.PartialSuccess.rejected,
                "error_message": OTLPField.PartialSuccess.errorMessage,
            ]
        ),
        (
            "ResourceSpans",
            [
                "resource": OTLPField.ResourceBatch.resource, "scope_spans": OTLPField.ResourceBatch.scopes,
                "schema_url": OTLPField.ResourceBatch.schemaURL,
            ]
        ),
        (
            "ResourceLogs",
            [
                "resource": OTLPField.ResourceBatch.resource, "scope_logs": OTLPField.ResourceBatch.scopes,
                "schema_url": OTLPField.ResourceBatch.schemaURL,
            ]
        ),
        (
            "ScopeSpans",
            [
                "scope": OTLPField.ScopeBatch.scope, "spans": OTLPField.ScopeBatch.items,
                "schema_url": OTLPField.ScopeBatch.schemaURL,
            ]
        ),
        (
            "ScopeLogs",
            [
                "scope": OTLPField.ScopeBatch.scope, "log_records": OTLPField.ScopeBatch.items,
                "schema_url": OTLPField.ScopeBatch.schemaURL,
            ]
        ),
        ("Resource", ["attributes": OTLPField.Resource.attributes]),
        (
            "InstrumentationScope",
            [
                "name": OTLPField.Scope.name, "version": OTLPField.Scope.version,
                "attributes": OTLPField.Scope.attributes,
            ]
        ),
        ("KeyValue", ["key": OTLPField.KeyValue.key, "value": OTLPField.KeyValue.value]),
        (
            "AnyValue",
            [
                "string_value": OTLPField.AnyValue.string, "bool_value": OTLPField.AnyValue.bool,
                "int_value": OTLPField.AnyValue.int, "double_value": OTLPField.AnyValue.double,
                "array_value": OTLPField.AnyValue.array, "kvlist_value": OTLPField.AnyValue.keyValueList,
                "bytes_value": OTLPField.AnyValue.bytes,
            ]
        ),
        ("ArrayValue", ["values": OTLPField.List.values]), ("KeyValueList", ["values": OTLPField.List.values]),
        (
            "Span",
            [
                "trace_id": OTLPField.Span.traceID, "span_id": OTLPField.Span.spanID,
                "trace_state": OTLPField.Span.traceState, "parent_span_id": OTLPField.Span.parentSpanID,
                "name": OTLPField.Span.name, "kind": OTLPField.Span.kind,
                "start_time_unix_nano": OTLPField.Span.startTime, "end_time_unix_nano": OTLPField.Span.endTime,
                "attributes": OTLPField.Span.attributes,
                "dropped_attributes_count": OTLPField.Span.droppedAttributesCount, "events": OTLPField.Span.events,
                "dropped_events_count": OTLPField.Span.droppedEventsCount, "links": OTLPField.Span.links,
                "dropped_links_count": OTLPField.Span.droppedLinksCount, "status": OTLPField.Span.status,
                "flags": OTLPField.Span.flags,
            ]
        ),
        (
            "Span.Event",
            [
                "time_unix_nano": OTLPField.Event.time, "name": OTLPField.Event.name,
                "attributes": OTLPField.Event.attributes,
                "dropped_attributes_count": OTLPField.Event.droppedAttributesCount,
            ]
        ),
        (
            "Span.Link",
            [
                "trace_id": OTLPField.Link.traceID, "span_id": OTLPField.Link.spanID,
                "trace_state": OTLPField.Link.traceState, "attributes": OTLPField.Link.attributes,
                "dropped_attributes_count": OTLPField.Link.droppedAttributesCount, "flags": OTLPField.Link.flags,
            ]
        ),
        (
            "LogRecord",
            [
                "time_unix_nano": OTLPField.LogRecord.time, "severity_number": OTLPField.LogRecord.severityNumber,
                "severity_text": OTLPField.LogRecord.severityText, "body": OTLPField.LogRecord.body,
                "attributes": OTLPField.LogRecord.attributes,
                "dropped_attributes_count": OTLPField.LogRecord.droppedAttributesCount,
                "flags": OTLPField.LogRecord.flags, "trace_id": OTLPField.LogRecord.traceID,
                "span_id": OTLPField.LogRecord.spanID, "observed_time_unix_nano": OTLPField.LogRecord.observedTime,
                "event_name": OTLPField.LogRecord.eventName,
            ]
        ),
    ]

    @Test("The field numbers match those of opentelemetry-proto")
    func fieldNumbersMatchThePublishedProtocol() async throws {
        let answers = try await PythonOTLP.run(Self.fields.map { ["fields", .string($0.0)] })
        for ((message, fields), answer) in zip(Self.fields, answers) {
            for (name, number) in fields {
                #expect(answer[name]?.integer == Int64(number), "\(message).\(name)")
            }
        }
    }
}
