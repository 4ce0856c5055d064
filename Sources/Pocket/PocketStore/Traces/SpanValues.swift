import Encoding
import OTLP
import TraceQL

extension ProtobufReader {
    /// Whether this `KeyValue` has `key`.
    func hasKey(_ key: String) throws(ProtobufError) -> Bool {
        var reader = self
        while let field = try reader.nextField() {
            if field == SpanField.KeyValue.key { return key.utf8.elementsEqual(try reader.bytesView()) }
            try reader.skip()
        }
        return key.isEmpty
    }

    /// The key of this `KeyValue`.
    package func attributeKey() throws(ProtobufError) -> String {
        var reader = self
        while let field = try reader.nextField() {
            if field == SpanField.KeyValue.key { return try reader.string() }
            try reader.skip()
        }
        return ""
    }

    /// The value of this `KeyValue` as a TraceQL value.
    package func attributeValue() throws(ProtobufError) -> TraceQL.Value {
        var reader = self
        while let field = try reader.nextField() {
            if field == SpanField.KeyValue.value { return try reader.message().anyValue() }
            try reader.skip()
        }
        return .missing
    }

    /// This `AnyValue` as a TraceQL value: bytes as hex digits, a list of keys and values as JSON.
    func anyValue() throws(ProtobufError) -> TraceQL.Value {
        var reader = self
        var result = TraceQL.Value.missing
        while let field = try reader.nextField() {
            switch field {
            case SpanField.AnyValue.string: result = .string(try reader.string())
            case SpanField.AnyValue.bool: result = .bool(try reader.varint() != 0)
            case SpanField.AnyValue.int: result = .integer(Int64(bitPattern: try reader.varint()))
            case SpanField.AnyValue.double: result = .double(Double(bitPattern: try reader.fixed64()))
            case SpanField.AnyValue.bytes: result = .string(Hex.string(Array(try reader.bytesView())))
            case SpanField.AnyValue.array:
                var list = try reader.message()
                var values: [TraceQL.Value] = []
                while let element = try list.nextField() {
                    if element == SpanField.List.values {
                        values.append(try list.message().anyValue())
                    } else {
                        try list.skip()
                    }
                }
                result = .list(values)
            case SpanField.AnyValue.keyValueList:
                var json = JSONWriter()
                try json.anyValue(self)
                try reader.skip()
                result = .string(json.string)
            default: try reader.skip()
            }
        }
        return result
    }
}
