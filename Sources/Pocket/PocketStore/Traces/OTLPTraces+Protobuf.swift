import Encoding
import OTLP
import TraceContext

/// Encodes a decoded request as protobuf, so that requests in JSON are stored like all others.
extension OTLPTraces {
    /// The `ExportTraceServiceRequest`.
    func protobuf() -> [UInt8] {
        var output = ByteWriter(capacity: 4096)
        for batch in resourceSpans {
            output.message(SpanField.Request.resourceSpans) { output in
                output.message(SpanField.ResourceSpans.resource) {
                    $0.attributes(SpanField.Resource.attributes, batch.resource)
                }
                output.message(SpanField.ResourceSpans.scopeSpans) { output in
                    output.message(SpanField.ScopeSpans.scope) {
                        $0.text(SpanField.Scope.name, batch.scope.name)
                        $0.text(SpanField.Scope.version, batch.scope.version)
                        $0.attributes(SpanField.Scope.attributes, batch.scope.attributes)
                    }
                    for span in batch.spans { output.message(SpanField.ScopeSpans.spans) { $0.span(span) } }
                }
            }
        }
        return output.bytes
    }
}

extension ByteWriter {
    fileprivate mutating func span(_ span: OTLPSpan) {
        id(SpanField.Span.traceID, span.traceID.high, span.traceID.low)
        id(SpanField.Span.spanID, span.spanID.value)
        text(SpanField.Span.traceState, span.traceState)
        if let parent = span.parentSpanID { id(SpanField.Span.parentSpanID, parent.value) }
        text(SpanField.Span.name, span.name)
        number(SpanField.Span.kind, UInt64(truncatingIfNeeded: span.kind.rawValue))
        fixed(SpanField.Span.startTime, span.startTime)
        fixed(SpanField.Span.endTime, span.endTime)
        attributes(SpanField.Span.attributes, span.attributes)
        number(SpanField.Span.droppedAttributesCount, UInt64(span.droppedAttributesCount))
        for event in span.events {
            message(SpanField.Span.events) {
                $0.fixed(SpanField.Event.time, event.time)
                $0.text(SpanField.Event.name, event.name)
                $0.attributes(SpanField.Event.attributes, event.attributes)
                $0.number(SpanField.Event.droppedAttributesCount, UInt64(event.droppedAttributesCount))
            }
        }
        number(SpanField.Span.droppedEventsCount, UInt64(span.droppedEventsCount))
        for link in span.links {
            message(SpanField.Span.links) {
                $0.id(SpanField.Link.traceID, link.traceID.high, link.traceID.low)
                $0.id(SpanField.Link.spanID, link.spanID.value)
                $0.text(SpanField.Link.traceState, link.traceState)
                $0.attributes(SpanField.Link.attributes, link.attributes)
                $0.number(SpanField.Link.droppedAttributesCount, UInt64(link.droppedAttributesCount))
                $0.fixed(SpanField.Link.flags, link.flags)
            }
        }
        number(SpanField.Span.droppedLinksCount, UInt64(span.droppedLinksCount))
        message(SpanField.Span.status) {
            $0.text(SpanField.Status.message, span.status.message)
            $0.number(SpanField.Status.code, UInt64(truncatingIfNeeded: span.status.code.rawValue))
        }
        fixed(SpanField.Span.flags, span.flags)
    }

    fileprivate mutating func attributes(_ field: Int, _ attributes: [OTLPKeyValue]) {
        for attribute in attributes {
            message(field) { output in
                output.text(SpanField.KeyValue.key, attribute.key)
                output.message(SpanField.KeyValue.value) { $0.value(attribute.value) }
            }
        }
    }

    /// The content of an `AnyValue`: in a oneof, default values are written too.
    fileprivate mutating func value(_ value: OTLPValue) {
        switch value {
        case .empty: break
        case .string(let text): bytes(SpanField.AnyValue.string, Array(text.utf8))
        case .bytes(let content): bytes(SpanField.AnyValue.bytes, content)
        case .bool(let flag):
            tag(SpanField.AnyValue.bool, 0)
            append(flag ? 1 : 0)
        case .int(let number):
            tag(SpanField.AnyValue.int, 0)
            appendProtobuf(varint: UInt64(bitPattern: number))
        case .double(let number):
            tag(SpanField.AnyValue.double, 1)
            append(littleEndian: number.bitPattern)
        case .array(let values):
            message(SpanField.AnyValue.array) { output in
                for value in values { output.message(SpanField.List.values) { $0.value(value) } }
            }
        case .keyValueList(let attributes):
            message(SpanField.AnyValue.keyValueList) { $0.attributes(SpanField.List.values, attributes) }
        }
    }

    fileprivate mutating func message(_ field: Int, _ body: (inout ByteWriter) -> Void) {
        var content = ByteWriter(capacity: 64)
        body(&content)
        bytes(field, content.bytes)
    }

    fileprivate mutating func bytes(_ field: Int, _ content: [UInt8]) {
        appendProtobuf(field: field, size: content.count)
        append(contentsOf: content)
    }

    fileprivate mutating func tag(_ field: Int, _ wireType: Int) {
        appendProtobuf(varint: UInt64(field << 3 | wireType))
    }

    fileprivate mutating func text(_ field: Int, _ text: String) {
        if !text.isEmpty { bytes(field, Array(text.utf8)) }
    }

    fileprivate mutating func number(_ field: Int, _ value: UInt64) {
        guard value != 0 else { return }
        tag(field, 0)
        appendProtobuf(varint: value)
    }

    fileprivate mutating func fixed<Integer: FixedWidthInteger & BitwiseCopyable>(_ field: Int, _ value: Integer) {
        guard value != 0 else { return }
        tag(field, Integer.bitWidth == 64 ? 1 : 5)
        append(littleEndian: value)
    }

    fileprivate mutating func id(_ field: Int, _ words: UInt64...) {
        appendProtobuf(field: field, size: words.count * 8)
        for word in words { append(littleEndian: word.byteSwapped) }
    }
}
