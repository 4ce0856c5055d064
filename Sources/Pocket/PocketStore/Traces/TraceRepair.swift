import Encoding
import OTLP

/// Rewrites a request whose bytes cannot be stored as received: strings that are not UTF-8 get U+FFFD, and submessages
/// that readers rely on are added where they are missing. Everything else stays as it is, including unknown fields.
///
/// The request must have been checked: lengths are right and nothing nests too deep.
enum TraceRepair {
    /// The messages that contain strings.
    fileprivate enum Message {
        case request, resourceSpans, resource, scopeSpans, scope, span, event, link, status
        case keyValue, anyValue, array, keyValueList
    }

    fileprivate enum Content {
        case text
        case message(Message)
    }

    /// The repaired `ExportTraceServiceRequest`.
    static func request(_ body: [UInt8]) throws(ProtobufError) -> [UInt8] {
        let result: Result<[UInt8], ProtobufError> = body.withUnsafeBufferPointer { bytes in
            Result { () throws(ProtobufError) in try rewrite(.request, ProtobufReader(bytes), bytes) }
        }
        return try result.get()
    }

    private static func rewrite(
        _ message: Message, _ source: ProtobufReader, _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(ProtobufError) -> [UInt8] {
        var reader = source
        var output = ByteWriter(capacity: 256)
        var missing = message.required
        while true {
            let start = reader.offset
            guard let field = try reader.nextField() else { break }
            missing.removeAll { $0 == field }
            let content: [UInt8]
            switch message.content(of: field) {
            case .text?: content = Array(try reader.string().utf8)
            case .message(let inner)?: content = try rewrite(inner, reader.message(), bytes)
            case nil:
                try reader.skip()
                output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<reader.offset]))
                continue
            }
            output.appendProtobuf(field: field, size: content.count)
            output.append(contentsOf: content)
        }
        for field in missing { output.appendProtobuf(field: field, size: 0) }
        return output.bytes
    }
}

extension TraceRepair.Message {
    /// The content of a field; `nil` for a field that is copied.
    fileprivate func content(of field: Int) -> TraceRepair.Content? {
        switch (self, field) {
        case (.request, SpanField.Request.resourceSpans): .message(.resourceSpans)
        case (.resourceSpans, SpanField.ResourceSpans.resource): .message(.resource)
        case (.resourceSpans, SpanField.ResourceSpans.scopeSpans): .message(.scopeSpans)
        case (.resourceSpans, SpanField.ResourceSpans.schemaURL): .text
        case (.resource, SpanField.Resource.attributes): .message(.keyValue)
        case (.scopeSpans, SpanField.ScopeSpans.scope): .message(.scope)
        case (.scopeSpans, SpanField.ScopeSpans.spans): .message(.span)
        case (.scopeSpans, SpanField.ScopeSpans.schemaURL): .text
        case (.scope, SpanField.Scope.name), (.scope, SpanField.Scope.version): .text
        case (.scope, SpanField.Scope.attributes): .message(.keyValue)
        case (.span, SpanField.Span.traceState), (.span, SpanField.Span.name): .text
        case (.span, SpanField.Span.attributes): .message(.keyValue)
        case (.span, SpanField.Span.events): .message(.event)
        case (.span, SpanField.Span.links): .message(.link)
        case (.span, SpanField.Span.status): .message(.status)
        case (.event, SpanField.Event.name): .text
        case (.event, SpanField.Event.attributes): .message(.keyValue)
        case (.link, SpanField.Link.traceState): .text
        case (.link, SpanField.Link.attributes): .message(.keyValue)
        case (.status, SpanField.Status.message): .text
        case (.keyValue, SpanField.KeyValue.key): .text
        case (.keyValue, SpanField.KeyValue.value): .message(.anyValue)
        case (.anyValue, SpanField.AnyValue.string): .text
        case (.anyValue, SpanField.AnyValue.array): .message(.array)
        case (.anyValue, SpanField.AnyValue.keyValueList): .message(.keyValueList)
        case (.array, SpanField.List.values): .message(.anyValue)
        case (.keyValueList, SpanField.List.values): .message(.keyValue)
        default: nil
        }
    }

    /// The submessages that must be present.
    fileprivate var required: [Int] { self == .keyValue ? [SpanField.KeyValue.value] : [] }
}
