import OTLP
import QuerySupport
import SQLite
import TraceQL
import Vocabulary

/// The names of the attributes of spans, by scope.
package struct TagNames: Sendable, Equatable {
    package var resource: Set<String> = []
    package var span: Set<String> = []
    package var event: Set<String> = []
    package var link: Set<String> = []
    package var instrumentation: Set<String> = []
    /// The approximate size of the names of spans, events and links in bytes.
    fileprivate var size = 0

    package init() {}

    package subscript(_ scope: TraceQL.Scope) -> Set<String> {
        switch scope {
        case .any: resource.union(span).union(event).union(link).union(instrumentation)
        case .resource: resource
        case .span: span
        case .event: event
        case .link: link
        case .instrumentation: instrumentation
        }
    }
}

extension TraceStore {
    /// How many of the newest spans are read for names and values: completion should be fast rather than complete.
    static let sampledSpans = 20_000

    /// The attribute names of the newest spans that match `filter`.
    package func tagNames(filter: TraceQL.Query?, range: ClosedRange<UInt64>?) async throws -> TagNames {
        try await database.read(timeout: .seconds(5)) { database, budget in
            var names = TagNames()
            try Self.sample(database, budget, filter, range) { columns, context, payload in
                for field in context.values.keys {
                    guard case .attribute(let scope, let name) = field else { continue }
                    if scope == .resource { names.resource.insert(name) } else { names.instrumentation.insert(name) }
                }
                // Spans are validated before they are stored; parts damaged since then have no names.
                try budget.charge(1 + payload.count / 16)
                let size = names.size
                try? names.collect(ProtobufReader(payload))
                try budget.hold(names.size - size)
                return true
            }
            return names
        }
    }

    /// The values of `field` in the newest spans that match `filter`, sorted, at most `limit`.
    package func tagValues(
        of field: TraceQL.Field, filter: TraceQL.Query?, range: ClosedRange<UInt64>?, limit: Int
    )
        async throws -> [TraceQL.Value]
    {
        try await database.read(timeout: .seconds(5)) { database, budget in
            var found: [String: TraceQL.Value] = [:]
            func add(_ value: TraceQL.Value) throws {
                try budget.charge()
                if case .list(let elements) = value {
                    for element in elements { try add(element) }
                } else if value != .missing, found.count < limit {
                    let key = value.typeName + value.text
                    if found.updateValue(value, forKey: key) == nil { try budget.hold(96 + 2 * value.size) }
                }
            }
            try Self.sample(database, budget, filter, range) { columns, context, payload in
                if field == .attribute(.resource, Attribute.serviceName) {
                    try add(.string(context.service))
                } else {
                    let facts = field.isOfTrace ? try Self.facts(of: columns, in: database, budget) : nil
                    let fields = SpanFields(columns: columns, context: context, payload: payload, trace: facts)
                    for value in try fields.values(of: [field], budget) { try add(value) }
                }
                return found.count < limit
            }
            return found.values.sorted { $0.text < $1.text }
        }
    }

    /// What depends on the whole trace, for root spans only: values of roots are found at the roots.
    private static func facts(
        of columns: SpanColumns, in database: Database, _ budget: QueryBudget
    ) throws
        -> TraceFacts?
    {
        guard columns.parentID == 0 else { return nil }
        let held = budget.bytes
        defer { budget.release(to: held) }
        let trace = try StoredTrace.read(columns.traceID, from: database, budget, contexts: StoredContexts())
        return trace.map { TraceFacts($0.spans) }
    }

    private static func sample(
        _ database: Database, _ budget: QueryBudget, _ filter: TraceQL.Query?, _ range: ClosedRange<UInt64>?,
        _ body: (SpanColumns, StoredContext, UnsafeBufferPointer<UInt8>) throws -> Bool
    ) throws {
        let condition = filter?.candidates ?? .literal(.bool(true))
        let evaluator = try TraceQL.Evaluator(fields: condition.fields, expressions: [condition], budget: budget)
        let contexts = StoredContexts()
        var count = 0
        try database.scanSpans(SpanPushdown(condition), range) { row in
            count += 1
            try budget.charge(16)
            let columns = SpanColumns(row)
            let context = try contexts.context(row.int64(SpanColumns.count), in: database)
            let goesOn = try row.withBytes(SpanColumns.count + 1) { payload in
                let fields = SpanFields(columns: columns, context: context, payload: payload, trace: nil)
                guard evaluator.evaluate(condition, try fields.values(of: evaluator.fields, budget)).isTrue else {
                    return try budget.goesOn()
                }
                return try body(columns, context, payload)
            }
            return goesOn && count < sampledSpans
        }
    }
}

extension TagNames {
    fileprivate mutating func collect(_ reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        while let field = try reader.nextField() {
            switch field {
            case SpanField.Span.attributes: note(try reader.message().attributeKey(), \.span)
            case SpanField.Span.events:
                for name in try Self.names(SpanField.Event.attributes, in: reader.message()) { note(name, \.event) }
            case SpanField.Span.links:
                for name in try Self.names(SpanField.Link.attributes, in: reader.message()) { note(name, \.link) }
            default: try reader.skip()
            }
        }
    }

    private mutating func note(_ name: String, _ names: WritableKeyPath<TagNames, Set<String>>) {
        if self[keyPath: names].insert(name).inserted { size += 64 + name.utf8.count }
    }

    private static func names(_ attributes: Int, in reader: ProtobufReader) throws(ProtobufError) -> [String] {
        var reader = reader
        var names: [String] = []
        while let field = try reader.nextField() {
            if field == attributes { names.append(try reader.message().attributeKey()) } else { try reader.skip() }
        }
        return names
    }
}
