import Encoding
import OTLP
import QuerySupport

/// Writes stored OTLP messages in protobuf's JSON mapping, as Tempo answers: ids in base64, 64-bit numbers as strings,
/// enums by name, defaults omitted.
extension JSONWriter {
    /// A `ResourceSpans` from the stored bytes of its resource, and `scopes`, each with the stored bytes of the scope
    /// and of its spans.
    mutating func resourceSpans(
        _ resource: [UInt8], _ scopes: [(scope: [UInt8], spans: [[UInt8]])], _ budget: QueryBudget
    ) throws {
        try object { (json) throws in
            let schemaURL = try json.named(
                "resource", in: resource, field: SpanField.ResourceSpans.resource,
                schemaURL: SpanField.ResourceSpans.schemaURL
            ) { (json, reader) throws(ProtobufError) in try json.resource(reader) }
            json.name("scopeSpans")
            try json.array { (json) throws in
                for scope in scopes { try json.scopeSpans(scope.scope, scope.spans, budget) }
            }
            if !schemaURL.isEmpty { json.member("schemaUrl", schemaURL) }
        }
    }

    private mutating func scopeSpans(_ scope: [UInt8], _ spans: [[UInt8]], _ budget: QueryBudget) throws {
        try object { (json) throws in
            let schemaURL = try json.named(
                "scope", in: scope, field: SpanField.ScopeSpans.scope, schemaURL: SpanField.ScopeSpans.schemaURL
            ) { (json, reader) throws(ProtobufError) in try json.scope(reader) }
            json.name("spans")
            try json.array { (json) throws in
                for span in spans {
                    let start = json.output.count
                    // Charged before it is written: the JSON of a field may be many times as large.
                    try budget.charge(1 + span.count)
                    try span.withProtobufReader { (reader) throws(ProtobufError) in try json.span(reader) }
                    try budget.hold(json.output.count - start)
                }
            }
            if !schemaURL.isEmpty { json.member("schemaUrl", schemaURL) }
        }
    }

    /// Writes the submessage in `field` of `bytes` as the member `name`, as an empty object if it is missing. Returns
    /// the schema URL next to it.
    private mutating func named(
        _ name: String, in bytes: [UInt8], field wanted: Int, schemaURL: Int,
        _ body: (inout JSONWriter, ProtobufReader) throws(ProtobufError) -> Void
    ) throws(ProtobufError) -> String {
        self.name(name)
        var schema = ""
        try object { (json) throws(ProtobufError) in
            try bytes.withProtobufReader { (reader) throws(ProtobufError) in
                var reader = reader
                while let field = try reader.nextField() {
                    switch field {
                    case wanted: try body(&json, reader.message())
                    case schemaURL: schema = try reader.string()
                    default: try reader.skip()
                    }
                }
            }
        }
        return schema
    }

    private mutating func resource(_ reader: ProtobufReader) throws(ProtobufError) {
        var fields = MessageFields()
        try fields.read(reader, attributes: SpanField.Resource.attributes)
        try attributes(fields)
        try count("droppedAttributesCount", fields[SpanField.Resource.droppedAttributesCount])
    }

    private mutating func scope(_ reader: ProtobufReader) throws(ProtobufError) {
        var fields = MessageFields()
        try fields.read(reader, attributes: SpanField.Scope.attributes)
        try text("name", fields[SpanField.Scope.name])
        try text("version", fields[SpanField.Scope.version])
        try attributes(fields)
        try count("droppedAttributesCount", fields[SpanField.Scope.droppedAttributesCount])
    }

    private mutating func span(_ reader: ProtobufReader) throws(ProtobufError) {
        typealias Span = SpanField.Span
        try object { (json) throws(ProtobufError) in
            var fields = MessageFields()
            try fields.read(reader, attributes: Span.attributes, lists: [Span.events, Span.links])
            try json.id("traceId", fields[Span.traceID])
            try json.id("spanId", fields[Span.spanID])
            try json.text("traceState", fields[Span.traceState])
            try json.id("parentSpanId", fields[Span.parentSpanID])
            try json.flags(fields[Span.flags])
            try json.text("name", fields[Span.name])
            try json.name("kind", fields[Span.kind], Self.kinds)
            try json.time("startTimeUnixNano", fields[Span.startTime])
            try json.time("endTimeUnixNano", fields[Span.endTime])
            try json.attributes(fields)
            try json.count("droppedAttributesCount", fields[Span.droppedAttributesCount])
            try json.list("events", fields.lists[Span.events]) { (json, reader) throws(ProtobufError) in
                try json.event(reader)
            }
            try json.count("droppedEventsCount", fields[Span.droppedEventsCount])
            try json.list("links", fields.lists[Span.links]) { (json, reader) throws(ProtobufError) in
                try json.link(reader)
            }
            try json.count("droppedLinksCount", fields[Span.droppedLinksCount])
            json.name("status")
            try json.object { (json) throws(ProtobufError) in
                guard var status = fields[Span.status] else { return }
                var fields = MessageFields()
                try fields.read(status.message())
                try json.text("message", fields[SpanField.Status.message])
                try json.name("code", fields[SpanField.Status.code], Self.statusCodes)
            }
        }
    }

    private static let kinds = [
        "", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER",
    ]
    private static let statusCodes = ["", "STATUS_CODE_OK", "STATUS_CODE_ERROR"]

    private mutating func event(_ reader: ProtobufReader) throws(ProtobufError) {
        var fields = MessageFields()
        try fields.read(reader, attributes: SpanField.Event.attributes)
        try time("timeUnixNano", fields[SpanField.Event.time])
        try text("name", fields[SpanField.Event.name])
        try attributes(fields)
        try count("droppedAttributesCount", fields[SpanField.Event.droppedAttributesCount])
    }

    private mutating func link(_ reader: ProtobufReader) throws(ProtobufError) {
        var fields = MessageFields()
        try fields.read(reader, attributes: SpanField.Link.attributes)
        try id("traceId", fields[SpanField.Link.traceID])
        try id("spanId", fields[SpanField.Link.spanID])
        try text("traceState", fields[SpanField.Link.traceState])
        try attributes(fields)
        try count("droppedAttributesCount", fields[SpanField.Link.droppedAttributesCount])
        try flags(fields[SpanField.Link.flags])
    }
}
