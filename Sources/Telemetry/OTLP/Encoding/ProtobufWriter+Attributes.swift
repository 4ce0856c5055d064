import Encoding
import Tracing

extension ProtobufWriter {
    /// Appends attributes as repeated `KeyValue`.
    @inline(__always)
    package mutating func attributes(_ field: Int, _ attributes: SpanAttributes) {
        attributes.withParts { prepared, own in
            if let prepared { prepared.withElements { keyValues(field, $0) } }
            keyValues(field, own)
        }
    }

    /// Appends the attributes of a span. Those that are prepared are encoded once and then copied.
    @inline(__always)
    package mutating func spanAttributes(_ attributes: borrowing SpanAttributes) {
        attributes.withParts { prepared, own in
            if let prepared { prepared.withEncoded(Self.encodedOnSpan) { output.append(contentsOf: $0) } }
            keyValues(OTLPField.Span.attributes, own)
        }
    }

    private static func encodedOnSpan(_ elements: UnsafeBufferPointer<SpanAttributes.Element>) -> [UInt8] {
        var writer = ProtobufWriter(capacity: 512)
        writer.keyValues(OTLPField.Span.attributes, elements)
        return writer.output.bytes
    }

    @inline(__always)
    private mutating func keyValues(_ field: Int, _ elements: UnsafeBufferPointer<SpanAttributes.Element>) {
        for index in elements.indices { keyValue(field, elements[index].key, elements[index].value) }
    }

    /// Appends one `KeyValue`. The lengths of scalars are known in advance, so they are written directly.
    mutating func keyValue(_ field: Int, _ key: String, _ value: SpanAttribute) {
        switch value {
        case .string(let text):
            let length = text.utf8.count
            header(field, key, valueSize: 1 &+ Self.width(ofVarint: length) &+ length)
            tag(OTLPField.AnyValue.string, WireType.lengthDelimited)
            varint(UInt64(truncatingIfNeeded: length))
            output.append(text)
        case .int64(let number):
            let bits = UInt64(bitPattern: number)
            header(field, key, valueSize: number < 0 ? 11 : 1 &+ Self.width(ofVarint: Int(number)))
            tag(OTLPField.AnyValue.int, WireType.varint)
            varint(bits)
        case .double(let number):
            header(field, key, valueSize: 9)
            tag(OTLPField.AnyValue.double, WireType.fixed64)
            output.append(littleEndian: number.bitPattern)
        case .bool(let flag):
            header(field, key, valueSize: 2)
            tag(OTLPField.AnyValue.bool, WireType.varint)
            output.append(flag ? 1 : 0)
        case .stringArray(let texts):
            list(field, key, texts) { $0.presentString(OTLPField.AnyValue.string, $1) }
        case .int64Array(let numbers):
            list(field, key, numbers) {
                $0.tag(OTLPField.AnyValue.int, WireType.varint)
                $0.varint(UInt64(bitPattern: $1))
            }
        }
    }

    /// Writes the start of a `KeyValue`, up to the content of its value, which takes `valueSize` bytes.
    @inline(__always)
    private mutating func header(_ field: Int, _ key: String, valueSize: Int) {
        let keyLength = key.utf8.count
        let size =
            2 &+ Self.width(ofVarint: keyLength) &+ keyLength &+ Self.width(ofVarint: valueSize) &+ valueSize
        output.reserve(size &+ 8)
        tag(field, WireType.lengthDelimited)
        varint(UInt64(truncatingIfNeeded: size))
        tag(OTLPField.KeyValue.key, WireType.lengthDelimited)
        varint(UInt64(truncatingIfNeeded: keyLength))
        output.append(key)
        tag(OTLPField.KeyValue.value, WireType.lengthDelimited)
        varint(UInt64(truncatingIfNeeded: valueSize))
    }

    private mutating func list<Element>(
        _ field: Int, _ key: String, _ elements: [Element],
        _ write: (inout ProtobufWriter, Element) -> Void
    ) {
        let keyValue = begin(field, expectedWidth: 1)
        presentString(OTLPField.KeyValue.key, key)
        let value = begin(OTLPField.KeyValue.value, expectedWidth: 1)
        let array = begin(OTLPField.AnyValue.array, expectedWidth: 1)
        for element in elements {
            let item = begin(OTLPField.List.values, expectedWidth: 1)
            write(&self, element)
            end(item)
        }
        end(array)
        end(value)
        end(keyValue)
    }
}
