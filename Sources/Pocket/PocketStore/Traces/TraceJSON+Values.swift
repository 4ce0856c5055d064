import Encoding
import OTLP

/// The common parts of OTLP's messages.
extension JSONWriter {
    mutating func attributes(_ fields: MessageFields) throws(ProtobufError) {
        try list("attributes", fields.attributes) { (json, reader) throws(ProtobufError) in
            try json.keyValue(reader)
        }
    }

    mutating func list(
        _ name: String, _ elements: [ProtobufReader]?,
        _ body: (inout JSONWriter, ProtobufReader) throws(ProtobufError) -> Void
    ) throws(ProtobufError) {
        guard let elements, !elements.isEmpty else { return }
        self.name(name)
        try array { (json) throws(ProtobufError) in
            for element in elements {
                try json.object { (json) throws(ProtobufError) in try body(&json, element) }
            }
        }
    }

    mutating func keyValue(_ reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        while let field = try reader.nextField() {
            switch field {
            case SpanField.KeyValue.key: member("key", try reader.string())
            case SpanField.KeyValue.value:
                name("value")
                try anyValue(reader.message())
            default: try reader.skip()
            }
        }
    }

    /// An `AnyValue` as the object that names its type.
    mutating func anyValue(_ reader: ProtobufReader) throws(ProtobufError) {
        try object { (json) throws(ProtobufError) in
            var reader = reader
            while let field = try reader.nextField() {
                switch field {
                case SpanField.AnyValue.string: json.member("stringValue", try reader.string())
                case SpanField.AnyValue.bool: json.member("boolValue", try reader.varint() != 0)
                case SpanField.AnyValue.int:
                    json.member("intValue", String(Int64(bitPattern: try reader.varint())))
                case SpanField.AnyValue.double:
                    json.name("doubleValue")
                    json.double(Double(bitPattern: try reader.fixed64()))
                case SpanField.AnyValue.bytes: json.member("bytesValue", Base64.string(Array(try reader.bytesView())))
                case SpanField.AnyValue.array, SpanField.AnyValue.keyValueList:
                    let isArray = field == SpanField.AnyValue.array
                    json.name(isArray ? "arrayValue" : "kvlistValue")
                    try json.values(reader.message(), areAttributes: !isArray)
                default: try reader.skip()
                }
            }
        }
    }

    mutating func values(_ reader: ProtobufReader, areAttributes: Bool) throws(ProtobufError) {
        try object { (json) throws(ProtobufError) in
            var fields = MessageFields()
            try fields.read(reader, attributes: SpanField.List.values)
            guard !fields.attributes.isEmpty else { return }
            json.name("values")
            try json.array { (json) throws(ProtobufError) in
                for element in fields.attributes {
                    if areAttributes {
                        try json.object { (json) throws(ProtobufError) in try json.keyValue(element) }
                    } else {
                        try json.anyValue(element)
                    }
                }
            }
        }
    }

    // MARK: Scalars

    /// Protobuf's JSON mapping spells out numbers that JSON cannot represent.
    mutating func double(_ number: Double) {
        switch number {
        case _ where number.isNaN: value("NaN")
        case .infinity: value("Infinity")
        case -.infinity: value("-Infinity")
        default: value(number)
        }
    }

    mutating func text(_ name: String, _ reader: ProtobufReader?) throws(ProtobufError) {
        guard var reader else { return }
        let text = try reader.string()
        if !text.isEmpty { member(name, text) }
    }

    mutating func id(_ name: String, _ reader: ProtobufReader?) throws(ProtobufError) {
        guard var reader else { return }
        let bytes = try reader.bytesView()
        if !bytes.isEmpty { member(name, Base64.string(Array(bytes))) }
    }

    mutating func time(_ name: String, _ reader: ProtobufReader?) throws(ProtobufError) {
        guard var reader else { return }
        let time = try reader.fixed64()
        if time != 0 { member(name, String(time)) }
    }

    mutating func count(_ name: String, _ reader: ProtobufReader?) throws(ProtobufError) {
        guard var reader else { return }
        let count = try reader.uint32()
        if count != 0 { member(name, count) }
    }

    mutating func flags(_ reader: ProtobufReader?) throws(ProtobufError) {
        guard var reader else { return }
        let flags = try reader.fixed32()
        if flags != 0 { member("flags", flags) }
    }

    /// An enum's value by name; an unnamed value is written as a number.
    mutating func name(_ name: String, _ reader: ProtobufReader?, _ names: [String]) throws(ProtobufError) {
        guard var reader else { return }
        let value = Int32(bitPattern: try reader.uint32())
        guard value != 0 else { return }
        if names.indices.contains(Int(value)) { member(name, names[Int(value)]) } else { member(name, value) }
    }
}
