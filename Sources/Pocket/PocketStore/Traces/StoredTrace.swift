import Encoding
import OTLP
import QuerySupport
import SQLite
import TraceContext
import TraceQL

/// The indexed columns of a span. Times are nanoseconds since the Unix epoch.
package struct SpanColumns: Sendable {
    package var traceID: TraceID
    package var spanID: UInt64
    /// 0 for a root.
    package var parentID: UInt64
    package var start: UInt64
    package var duration: UInt64
    package var status: TraceQL.Status
    package var kind: TraceQL.Kind
    package var name: String

    package var end: UInt64 { start &+ duration }

    /// The columns that ``init(_:)`` reads, in its order; the context and the payload may follow.
    package static let list = "trace_high, trace_low, span_id, parent_id, start, duration, status, kind, name"
    package static let count: Int32 = 9

    package init(_ row: borrowing Database.Row) {
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

/// A span as stored.
package struct StoredSpan: Sendable {
    package var columns: SpanColumns
    package var context: StoredContext
    /// OTLP's `Span`.
    package var payload: [UInt8]

    /// How the span's end relates to its start.
    package enum Ending: Sendable {
        case regular
        /// Absent or 0, which protobuf does not distinguish: the span was not over yet, or its end was lost.
        case missing
        case beforeStart
    }

    package var ending: Ending {
        if columns.duration > 0 { return .regular }
        // Spans are validated before they are stored; an end damaged since then counts as missing.
        let end = try? payload.withProtobufReader { (reader) throws(ProtobufError) -> UInt64 in
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
package final class StoredContext: Sendable {
    package let service: String
    package let resource: [UInt8]
    let scope: [UInt8]
    /// The resource's attributes and the scope's name, version and attributes, by TraceQL field.
    package let values: [TraceQL.Field: TraceQL.Value]

    /// Its approximate size in bytes: the attributes as received, and their parsed values.
    var size: Int { 512 + 8 * (resource.count + scope.count) }

    init(service: String, resource: [UInt8], scope: [UInt8]) {
        self.service = service
        self.resource = resource
        self.scope = scope
        var values: [TraceQL.Field: TraceQL.Value] = [:]
        // Contexts are validated before they are stored; fields damaged since then count as missing.
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

    /// Passes each field of the submessage `wanted` to `body`, which reads or skips it.
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

/// The contexts that one query has read: there are few, and many spans share one. If a sender creates one for each
/// span, the cache is cleared when it has grown too large.
package final class StoredContexts {
    private var known: [Int64: StoredContext] = [:]
    private var size = 0

    package init() {}
    private static let maximumSize = 8 << 20

    package func context(_ id: Int64, in database: Database) throws -> StoredContext {
        if let context = known[id] { return context }
        let context = try database.first(
            "SELECT service, resource, scope FROM trace_contexts WHERE id = ?", .integer(id)
        ) { StoredContext(service: $0.text(0), resource: $0.blob(1), scope: $0.blob(2)) }
        let result = context ?? StoredContext(service: "", resource: [], scope: [])
        if size > Self.maximumSize {
            known = [:]
            size = 0
        }
        known[id] = result
        size += result.size
        return result
    }
}

/// All spans of one trace, in order of arrival.
package struct StoredTrace: Sendable {
    package let id: TraceID
    package var spans: [StoredSpan]

    /// The maximum number of spans read of one trace: a larger trace is a mistake, and must not fill the memory.
    static let maximumSpans = 100_000
    /// The maximum number of bytes, likewise.
    private static let maximumBytes = 40 << 20
    /// The approximate size of a span besides its own bytes.
    private static let sizeOfSpan = 160

    package static func read(
        _ id: TraceID, from database: Database, _ budget: QueryBudget, contexts: StoredContexts
    ) throws
        -> StoredTrace?
    {
        var spans: [StoredSpan] = []
        var met: Set<Int64> = []
        var size = 0
        try database.forEachRow(
            dynamic: """
                SELECT \(SpanColumns.list), context, payload FROM spans
                WHERE trace_low = ? AND trace_high = ? ORDER BY id LIMIT \(maximumSpans)
                """,
            [.integer(Int64(bitPattern: id.low)), .integer(Int64(bitPattern: id.high))]
        ) { row in
            try budget.charge(16)
            let id = row.int64(SpanColumns.count)
            let context = try contexts.context(id, in: database)
            if met.insert(id).inserted { size += context.size }
            size += Self.sizeOfSpan + row.withBytes(SpanColumns.count + 1) { $0.count }
            guard size <= maximumBytes else { return false }
            spans.append(
                StoredSpan(columns: SpanColumns(row), context: context, payload: row.blob(SpanColumns.count + 1)))
            return true
        }
        try budget.hold(size)
        return spans.isEmpty ? nil : StoredTrace(id: id, spans: spans)
    }

    /// The spans of one resource, by scope.
    struct Batch {
        var resource: [UInt8]
        var scopes: [(scope: [UInt8], spans: [[UInt8]])]

        /// The size of the resource and the scopes in bytes.
        var size: Int { scopes.reduce(resource.count + 16) { $0 + $1.scope.count + 16 } }
    }

    /// The spans grouped as in OTLP, in the order in which each resource and scope first occurs.
    var batches: [Batch] {
        var batches: [Batch] = []
        // Looks up contexts by identity first, because many spans share one; only new ones are compared by their bytes.
        var known: [ObjectIdentifier: (batch: Int, scope: Int)] = [:]
        var resources: [[UInt8]: Int] = [:]
        var scopes: [[UInt8]: [Int: Int]] = [:]
        for span in spans {
            let context = span.context
            if let place = known[ObjectIdentifier(context)] {
                batches[place.batch].scopes[place.scope].spans.append(span.payload)
                continue
            }
            let batch = resources[context.resource] ?? batches.endIndex
            if batch == batches.endIndex {
                resources[context.resource] = batch
                batches.append(Batch(resource: context.resource, scopes: []))
            }
            let scope = scopes[context.scope]?[batch] ?? batches[batch].scopes.endIndex
            if scope == batches[batch].scopes.endIndex {
                scopes[context.scope, default: [:]][batch] = scope
                batches[batch].scopes.append((context.scope, []))
            }
            known[ObjectIdentifier(context)] = (batch, scope)
            batches[batch].scopes[scope].spans.append(span.payload)
        }
        return batches
    }

    /// Writes the array of the trace's `ResourceSpans`.
    /// - Throws: once the budget is spent.
    package func write(to json: inout JSONWriter, _ budget: QueryBudget) throws {
        try json.array { json in
            for batch in batches { try json.resourceSpans(batch.resource, batch.scopes, budget) }
        }
    }
}
