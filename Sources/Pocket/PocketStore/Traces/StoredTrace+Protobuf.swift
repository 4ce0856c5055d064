import Encoding
import OTLP
import QuerySupport

extension StoredTrace {
    /// The trace as OTLP's `TracesData`, which is also Tempo's `Trace`. As in Tempo, resource, scope and status are
    /// always present, even if empty: Grafana reads them without checking.
    /// - Throws: once the budget is spent.
    package func protobuf(_ budget: QueryBudget) throws -> [UInt8] {
        let batches = batches
        let capacity = spans.reduce(1024) { $0 + $1.payload.count + 8 }
        // The answer itself, and a second copy of each span to which a status is added.
        try budget.hold(2 * capacity + batches.reduce(0) { $0 + $1.size })
        var output = ByteWriter(capacity: capacity)
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
    /// The message with the submessage `field`; an empty one is added if it is missing.
    fileprivate func withField(_ field: Int) -> [UInt8] {
        // Spans are validated before they are stored; one damaged since then stays as it is.
        let isThere = try? withProtobufReader { (reader) throws(ProtobufError) -> Bool in
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
    /// Appends the tag of a length-delimited field below 16 and the length of its content.
    package mutating func appendProtobuf(field: Int, size: Int) {
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

    /// The number of bytes of a field below 16 with `size` bytes of content.
    static func protobufSize(_ size: Int) -> Int {
        1 + max(1, (70 - UInt64(size).leadingZeroBitCount) / 7) + size
    }
}
