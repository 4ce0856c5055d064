import Encoding
import OTel
import SQLite

/// What is looked up about a span. Times are nanoseconds since the Unix epoch.
struct SpanColumns: Sendable {
    var traceID: TraceID
    var spanID: UInt64
    /// 0 for a root.
    var parentID: UInt64
    var start: UInt64
    var duration: UInt64
    var status: TraceQL.Status
    var kind: TraceQL.Kind
    var name: String

    var end: UInt64 { start &+ duration }

    /// The columns that ``init(_:)`` reads, in its order; the context and the payload may follow.
    static let list = "trace_high, trace_low, span_id, parent_id, start, duration, status, kind, name"
    static let count: Int32 = 9

    init(_ row: borrowing Database.Row) {
        traceID = TraceID(high: UInt64(bitPattern: row.int64(0)), low: UInt64(bitPattern: row.int64(1)))
        spanID = UInt64(bitPattern: row.int64(2))
        parentID = UInt64(bitPattern: row.int64(3))
        start = UInt64(clamping: row.int64(4))
        duration = UInt64(clamping: row.int64(5))
        status = TraceQL.Status(rawValue: Int(row.int64(6))) ?? .unset
        kind = TraceQL.Kind(rawValue: Int(row.int64(7))) ?? .unspecified
        name = row.text(8)
    }
}

/// A span as it is stored.
struct StoredSpan: Sendable {
    var columns: SpanColumns
    var context: StoredContext
    /// OTLP's `Span`.
    var payload: [UInt8]

    /// How the span's end stands to its start.
    enum Ending: Sendable {
        case regular
        /// None was sent, or 0, which protobuf does not tell apart: the span was not over yet, or its end got lost.
        case missing
        case beforeStart
    }

    var ending: Ending {
        if columns.duration > 0 { return .regular }
        // What is stored was checked when it came; were it damaged since, it counts as missing.
        let end = try? payload.withProtobufReader { (reader) throws(ProtobufError) in
            var reader = reader
            var end: UInt64 = 0
            while let field = try reader.nextField() {
                if field == SpanField.Span.endTime { end = try reader.fixed64() } else { try reader.skip() }
            }
            return end
        }
        guard let end, end > 0 else { return .missing }
        return end < columns.start ? .beforeStart : .regular
    }
}

/// The resource and scope of spans.
final class StoredContext: Sendable {
    let service: String
    let resource: [UInt8]
    let scope: [UInt8]
    /// The resource's attributes, the scope's name, version and attributes, by the fields that ask for them.
    let values: [TraceQL.Field: TraceQL.Value]

    init(service: String, resource: [UInt8], scope: [UInt8]) {
        self.service = service
        self.resource = resource
        self.scope = scope
        var values: [TraceQL.Field: TraceQL.Value] = [:]
        // What is stored was checked when it came; were it damaged since, fields that cannot be read count as missing.
        try? resource.withProtobufReader { (reader) throws(ProtobufError) in
            try Self.read(reader, SpanField.ResourceSpans.resource) { (field, reader) throws(ProtobufError) in
                guard field == SpanField.Resource.attributes else { return try reader.skip() }
                let attribute = try reader.message()
                values[.attribute(.resource, try attribute.attributeKey())] = try attribute.attributeValue()
            }
        }
        try? scope.withProtobufReader { (reader) throws(ProtobufError) in
            try Self.read(reader, SpanField.ScopeSpans.scope) { (field, reader) throws(ProtobufError) in
                switch field {
                case SpanField.Scope.name: values[.intrinsic(.instrumentationName)] = .string(try reader.string())
                case SpanField.Scope.version:
                    values[.intrinsic(.instrumentationVersion)] = .string(try reader.string())
                case SpanField.Scope.attributes:
                    let attribute = try reader.message()
                    values[.attribute(.instrumentation, try attribute.attributeKey())] = try attribute.attributeValue()
                default: try reader.skip()
                }
            }
        }
        self.values = values
    }

    /// Hands each field of the submessage `wanted` to `body`, which reads or skips it.
    private static func read(
        _ reader: ProtobufReader, _ wanted: Int, _ body: (Int, inout ProtobufReader) throws(ProtobufError) -> Void
    ) throws(ProtobufError) {
        var reader = reader
        while let field = try reader.nextField() {
            guard field == wanted else {
                try reader.skip()
                continue
            }
            var message = try reader.message()
            while let field = try message.nextField() { try body(field, &message) }
        }
    }
}

/// The contexts that one query has met: there are few, and many spans share one.
final class StoredContexts {
    private var known: [Int64: StoredContext] = [:]

    func context(_ id: Int64, in database: Database) throws -> StoredContext {
        if let context = known[id] { return context }
        let context = try database.first(
            "SELECT service, resource, scope FROM trace_contexts WHERE id = ?", .integer(id)
        ) { StoredContext(service: $0.text(0), resource: $0.blob(1), scope: $0.blob(2)) }
        let result = context ?? StoredContext(service: "", resource: [], scope: [])
        known[id] = result
        return result
    }
}

/// All spans of one trace, in the order of their arrival.
package struct StoredTrace: Sendable {
    let id: TraceID
    var spans: [StoredSpan]

    /// More spans of one trace are not read: a trace that large is a mistake, and must not fill the memory.
    static let maximumSpans = 100_000

    static func read(
        _ id: TraceID, from database: Database, _ deadline: QueryDeadline, contexts: StoredContexts
    ) throws
        -> StoredTrace?
    {
        var spans: [StoredSpan] = []
        try database.forEachRow(
            dynamic: """
                SELECT \(SpanColumns.list), context, payload FROM spans
                WHERE trace_low = ? AND trace_high = ? ORDER BY id LIMIT \(maximumSpans)
                """,
            [.integer(Int64(bitPattern: id.low)), .integer(Int64(bitPattern: id.high))]
        ) { row in
            if spans.count % 256 == 255 { try deadline.check() }
            spans.append(
                StoredSpan(
                    columns: SpanColumns(row),
                    context: try contexts.context(row.int64(SpanColumns.count), in: database),
                    payload: row.blob(SpanColumns.count + 1)))
            return true
        }
        return spans.isEmpty ? nil : StoredTrace(id: id, spans: spans)
    }

    /// The spans of one resource, by scope.
    private struct Batch {
        var resource: [UInt8]
        var scopes: [(scope: [UInt8], spans: [[UInt8]])]
    }

    /// The spans grouped as OTLP groups them, in the order in which each resource and scope was first seen.
    private var batches: [Batch] {
        var batches: [Batch] = []
        for span in spans {
            let batch = batches.firstIndex { $0.resource == span.context.resource } ?? batches.endIndex
            if batch == batches.endIndex { batches.append(Batch(resource: span.context.resource, scopes: [])) }
            if let scope = batches[batch].scopes.firstIndex(where: { $0.scope == span.context.scope }) {
                batches[batch].scopes[scope].spans.append(span.payload)
            } else {
                batches[batch].scopes.append((span.context.scope, [span.payload]))
            }
        }
        return batches
    }

    /// Writes the array of the trace's `ResourceSpans`.
    func write(to json: inout JSONWriter) throws {
        try json.array { json in
            for batch in batches { try json.resourceSpans(batch.resource, batch.scopes) }
        }
    }

    /// The trace as OTLP's `TracesData`, which is also Tempo's `Trace`. Like Tempo's it always has a resource, a scope and
    /// a status, if empty ones: Grafana looks into them unasked.
    func protobuf() -> [UInt8] {
        var output = ByteWriter(capacity: spans.reduce(1024) { $0 + $1.payload.count + 8 })
        for batch in batches {
            let resource = batch.resource.withField(SpanField.ResourceSpans.resource)
            let batchScopes = batch.scopes.map { scope in
                (
                    scope: scope.scope.withField(SpanField.ScopeSpans.scope),
                    spans: scope.spans.map { $0.withField(SpanField.Span.status) }
                )
            }
            let scopes = batchScopes.map { scope in
                scope.spans.reduce(scope.scope.count) { $0 + ByteWriter.protobufSize($1.count) }
            }
            let size = scopes.reduce(resource.count) { $0 + ByteWriter.protobufSize($1) }
            output.appendProtobuf(field: SpanField.Request.resourceSpans, size: size)
            output.append(contentsOf: resource)
            for (scope, size) in zip(batchScopes, scopes) {
                output.appendProtobuf(field: SpanField.ResourceSpans.scopeSpans, size: size)
                output.append(contentsOf: scope.scope)
                for span in scope.spans {
                    output.appendProtobuf(field: SpanField.ScopeSpans.spans, size: span.count)
                    output.append(contentsOf: span)
                }
            }
        }
        return output.bytes
    }
}

extension [UInt8] {
    /// The message with the submessage `field`, an empty one if it has none.
    fileprivate func withField(_ field: Int) -> [UInt8] {
        // What is stored was checked when it came; were it damaged since, it stays as it is.
        let isThere = try? withProtobufReader { (reader) throws(ProtobufError) in
            var reader = reader
            while let number = try reader.nextField() {
                if number == field { return true }
                try reader.skip()
            }
            return false
        }
        return isThere == false ? self + [UInt8(field << 3 | 2), 0] : self
    }
}

extension ByteWriter {
    /// The tag of a length-delimited field below 16 and the length of what follows.
    mutating func appendProtobuf(field: Int, size: Int) {
        append(UInt8(field << 3 | 2))
        appendProtobuf(varint: UInt64(size))
    }

    mutating func appendProtobuf(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// How many bytes a field below 16 takes whose content takes `size`.
    static func protobufSize(_ size: Int) -> Int {
        1 + max(1, (70 - UInt64(size).leadingZeroBitCount) / 7) + size
    }
}
