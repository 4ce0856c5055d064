import Encoding
import OTLP
import QuerySupport
import TraceContext
import TraceQL

/// What depends on the whole trace.
package struct TraceFacts: Sendable {
    /// The service of the root span; empty while the root has not been received.
    var rootService = ""
    package var rootName = ""
    /// The entry point of the received spans: the root or, while it is missing, the first span whose parent is missing.
    package var entry: (service: String, name: String) = ("", "")
    /// Nanoseconds since the Unix epoch.
    package var start: UInt64 = 0
    var end: UInt64 = 0
    /// The number of children of each span.
    var childCounts: [UInt64: Int] = [:]

    package var duration: UInt64 { end > start ? end - start : 0 }

    package init(_ spans: [StoredSpan]) {
        start = spans.map(\.columns.start).min() ?? 0
        end = spans.map(\.columns.end).max() ?? 0
        let known = Set(spans.map(\.columns.spanID))
        let first = spans.filter { !known.contains($0.columns.parentID) }.min { $0.columns.start < $1.columns.start }
        entry = (first?.context.service ?? "", first?.columns.name ?? "")
        if let root = spans.filter({ $0.columns.parentID == 0 }).min(by: { $0.columns.start < $1.columns.start }) {
            rootService = root.context.service
            rootName = root.columns.name
            entry = (rootService, rootName)
        }
        for span in spans where span.columns.parentID != 0 { childCounts[span.columns.parentID, default: 0] += 1 }
    }
}

/// Reads TraceQL fields of a span from its columns, its context and its bytes.
package struct SpanFields {
    let columns: SpanColumns
    let context: StoredContext
    let payload: UnsafeBufferPointer<UInt8>
    /// `nil` if the whole trace has not been read: fields that depend on it are then missing.
    let trace: TraceFacts?

    package init(
        columns: SpanColumns, context: StoredContext, payload: UnsafeBufferPointer<UInt8>, trace: TraceFacts?
    ) {
        self.columns = columns
        self.context = context
        self.payload = payload
        self.trace = trace
    }

    /// - Throws: once the budget is spent: finding an attribute scans the whole span.
    package func values(of fields: [TraceQL.Field], _ budget: QueryBudget) throws -> [TraceQL.Value] {
        try fields.map { field in
            if field.isInPayload { try budget.charge(1 + payload.count / 32) } else { try budget.charge() }
            // Spans are validated before they are stored; a part damaged since then counts as missing.
            return (try? value(of: field)) ?? .missing
        }
    }

    private func value(of field: TraceQL.Field) throws(ProtobufError) -> TraceQL.Value {
        switch field {
        case .intrinsic(let intrinsic): return try value(of: intrinsic)
        case .attribute(.resource, _), .attribute(.instrumentation, _): return context.values[field] ?? .missing
        case .attribute(.span, let name): return try attribute(name)
        case .attribute(.any, let name):
            let own = try attribute(name)
            return own == .missing ? context.values[.attribute(.resource, name)] ?? .missing : own
        case .attribute(.event, let name):
            return try collect(SpanField.Span.events) { (event) throws(ProtobufError) in
                try Self.attribute(name, of: event, SpanField.Event.attributes)
            }
        case .attribute(.link, let name):
            return try collect(SpanField.Span.links) { (link) throws(ProtobufError) in
                try Self.attribute(name, of: link, SpanField.Link.attributes)
            }
        }
    }

    private func value(of intrinsic: TraceQL.Intrinsic) throws(ProtobufError) -> TraceQL.Value {
        switch intrinsic {
        case .name: return .string(columns.name)
        case .status: return .status(columns.status)
        case .kind: return .kind(columns.kind)
        case .duration: return .duration(Int64(clamping: columns.duration))
        case .traceID: return .string(columns.traceID.description)
        case .spanID: return .string(Hex.string(columns.spanID))
        case .parentID: return columns.parentID == 0 ? .missing : .string(Hex.string(columns.parentID))
        case .statusMessage: return .string(try statusMessage())
        case .traceDuration: return trace.map { .duration(Int64(clamping: $0.duration)) } ?? .missing
        case .rootName: return trace.map { .string($0.rootName) } ?? .missing
        case .rootServiceName: return trace.map { .string($0.rootService) } ?? .missing
        case .childCount: return trace.map { .integer(Int64($0.childCounts[columns.spanID] ?? 0)) } ?? .missing
        case .instrumentationName, .instrumentationVersion: return context.values[.intrinsic(intrinsic)] ?? .missing
        case .eventName:
            return try collect(SpanField.Span.events) { (event) throws(ProtobufError) in
                .string(try Self.last(SpanField.Event.name, of: event)?.string() ?? "")
            }
        case .eventTimeSinceStart:
            return try collect(SpanField.Span.events) { (event) throws(ProtobufError) in
                let time = try Self.last(SpanField.Event.time, of: event)?.fixed64() ?? 0
                return .duration(Int64(clamping: time).minus(Int64(clamping: columns.start)))
            }
        case .linkTraceID:
            return try collect(SpanField.Span.links) { (link) throws(ProtobufError) in
                .string(Hex.string(Array(try Self.last(SpanField.Link.traceID, of: link)?.bytesView() ?? .empty)))
            }
        case .linkSpanID:
            return try collect(SpanField.Span.links) { (link) throws(ProtobufError) in
                .string(Hex.string(Array(try Self.last(SpanField.Link.spanID, of: link)?.bytesView() ?? .empty)))
            }
        }
    }

    private func attribute(_ name: String) throws(ProtobufError) -> TraceQL.Value {
        try Self.attribute(name, of: ProtobufReader(payload), SpanField.Span.attributes)
    }

    private func statusMessage() throws(ProtobufError) -> String {
        guard let status = try Self.last(SpanField.Span.status, of: ProtobufReader(payload))?.message() else {
            return ""
        }
        return try Self.last(SpanField.Status.message, of: status)?.string() ?? ""
    }

    /// The values of all submessages in `field`: missing if there are none, a single value, or a list.
    private func collect(
        _ field: Int, _ read: (ProtobufReader) throws(ProtobufError) -> TraceQL.Value
    ) throws(ProtobufError) -> TraceQL.Value {
        var reader = ProtobufReader(payload)
        var values: [TraceQL.Value] = []
        while let number = try reader.nextField() {
            guard number == field else {
                try reader.skip()
                continue
            }
            let value = try read(reader.message())
            if value != .missing { values.append(value) }
        }
        return values.count > 1 ? .list(values) : values.first ?? .missing
    }

    private static func attribute(
        _ name: String, of reader: ProtobufReader, _ attributes: Int
    ) throws(ProtobufError)
        -> TraceQL.Value
    {
        var reader = reader
        while let field = try reader.nextField() {
            guard field == attributes else {
                try reader.skip()
                continue
            }
            let attribute = try reader.message()
            if try attribute.hasKey(name) { return try attribute.attributeValue() }
        }
        return .missing
    }

    /// A reader at the last occurrence of `field`.
    private static func last(_ field: Int, of reader: ProtobufReader) throws(ProtobufError) -> FoundField? {
        var reader = reader
        var found: FoundField?
        while let number = try reader.nextField() {
            if number == field { found = FoundField(reader: reader) }
            try reader.skip()
        }
        return found
    }
}

extension TraceQL.Field {
    /// Whether it is read from the span's bytes.
    fileprivate var isInPayload: Bool {
        switch self {
        case .attribute(.resource, _), .attribute(.instrumentation, _): false
        case .attribute, .intrinsic(.statusMessage), .intrinsic(.eventName), .intrinsic(.eventTimeSinceStart),
            .intrinsic(.linkTraceID), .intrinsic(.linkSpanID):
            true
        case .intrinsic: false
        }
    }
}

/// A field that was found, to be read once.
private struct FoundField {
    let reader: ProtobufReader

    func string() throws(ProtobufError) -> String {
        var reader = reader
        return try reader.string()
    }
    func fixed64() throws(ProtobufError) -> UInt64 {
        var reader = reader
        return try reader.fixed64()
    }
    func bytesView() throws(ProtobufError) -> UnsafeBufferPointer<UInt8> {
        var reader = reader
        return try reader.bytesView()
    }
    func message() throws(ProtobufError) -> ProtobufReader {
        var reader = reader
        return try reader.message()
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate static var empty: Self { UnsafeBufferPointer(start: nil, count: 0) }
}
