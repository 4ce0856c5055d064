import Encoding
import OTel

/// Writes stored OTLP messages as protobuf's JSON, the way Tempo answers: ids in base64, 64-bit numbers as texts, enums
/// by name, defaults left out.
extension JSONWriter {
    /// A `ResourceSpans` of the bytes kept for its resource, and `scopes`, each of the bytes kept for the scope and the
    /// bytes of its spans.
    mutating func resourceSpans(
        _ resource: [UInt8], _ scopes: [(scope: [UInt8], spans: [[UInt8]])]
    )
        throws(ProtobufError)
    {
        try object { (json) throws(ProtobufError) in
            let schemaURL = try json.named(
                "resource", in: resource, field: SpanField.ResourceSpans.resource,
                schemaURL: SpanField.ResourceSpans.schemaURL
            ) { (json, reader) throws(ProtobufError) in try json.resource(reader) }
            json.name("scopeSpans")
            try json.array { (json) throws(ProtobufError) in
                for scope in scopes { try json.scopeSpans(scope.scope, scope.spans) }
            }
            if !schemaURL.isEmpty { json.member("schemaUrl", schemaURL) }
        }
    }

    private mutating func scopeSpans(_ scope: [UInt8], _ spans: [[UInt8]]) throws(ProtobufError) {
        try object { (json) throws(ProtobufError) in
            let schemaURL = try json.named(
                "scope", in: scope, field: SpanField.ScopeSpans.scope, schemaURL: SpanField.ScopeSpans.schemaURL
            ) { (json, reader) throws(ProtobufError) in try json.scope(reader) }
            json.name("spans")
            try json.array { (json) throws(ProtobufError) in
                for span in spans {
                    try span.withProtobufReader { (reader) throws(ProtobufError) in try json.span(reader) }
                }
            }
            if !schemaURL.isEmpty { json.member("schemaUrl", schemaURL) }
        }
    }

    /// Writes the submessage in `field` of `bytes` as the member `name`, as an empty object if it is missing. Returns the
    /// schema URL that stands beside it.
    private mutating func named(
        _ name: String, in bytes: [UInt8], field wanted: Int, schemaURL: Int,
        _ body: (inout JSONWriter, ProtobufReader) throws(ProtobufError) -> Void
    ) throws(ProtobufError) -> String {
        self.name(name)
        var schema = ""
        try object { (json) throws(ProtobufError) in
            try bytes.withProtobufReader { (reader) throws(ProtobufError) in
                var reader = reader
                while let field = try reader.nextField() {
                    switch field {
                    case wanted: try body(&json, reader.message())
                    case schemaURL: schema = try reader.string()
                    default: try reader.skip()
                    }
                }
            }
        }
        return schema
    }

    private mutating func resource(_ reader: ProtobufReader) throws(ProtobufError) {
        var fields = MessageFields()
        try fields.read(reader, attributes: SpanField.Resource.attributes)
        try attributes(fields)
        try count("droppedAttributesCount", fields[SpanField.Resource.droppedAttributesCount])
    }

    private mutating func scope(_ reader: ProtobufReader) throws(ProtobufError) {
        var fields = MessageFields()
        try fields.read(reader, attributes: SpanField.Scope.attributes)
        try text("name", fields[SpanField.Scope.name])
        try text("version", fields[SpanField.Scope.version])
        try attributes(fields)
        try count("droppedAttributesCount", fields[SpanField.Scope.droppedAttributesCount])
    }

    private mutating func span(_ reader: ProtobufReader) throws(ProtobufError) {
        typealias Span = SpanField.Span
        try object { (json) throws(ProtobufError) in
            var fields = MessageFields()
            try fields.read(reader, attributes: Span.attributes, lists: [Span.events, Span.links])
            try json.id("traceId", fields[Span.traceID])
            try json.id("spanId", fields[Span.spanID])
            try json.text("traceState", fields[Span.traceState])
            try json.id("parentSpanId", fields[Span.parentSpanID])
            try json.flags(fields[Span.flags])
            try json.text("name", fields[Span.name])
            try json.name("kind", fields[Span.kind], Self.kinds)
            try json.time("startTimeUnixNano", fields[Span.startTime])
            try json.time("endTimeUnixNano", fields[Span.endTime])
            try json.attributes(fields)
            try json.count("droppedAttributesCount", fields[Span.droppedAttributesCount])
            try json.list("events", fields.lists[Span.events]) { (json, reader) throws(ProtobufError) in
                try json.event(reader)
            }
            try json.count("droppedEventsCount", fields[Span.droppedEventsCount])
            try json.list("links", fields.lists[Span.links]) { (json, reader) throws(ProtobufError) in
                try json.link(reader)
            }
            try json.count("droppedLinksCount", fields[Span.droppedLinksCount])
            json.name("status")
            try json.object { (json) throws(ProtobufError) in
                guard var status = fields[Span.status] else { return }
                var fields = MessageFields()
                try fields.read(status.message())
                try json.text("message", fields[SpanField.Status.message])
                try json.name("code", fields[SpanField.Status.code], Self.statusCodes)
            }
        }
    }

    private static let kinds = [
        "", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER",
    ]
    private static let statusCodes = ["", "STATUS_CODE_OK", "STATUS_CODE_ERROR"]

    private mutating func event(_ reader: ProtobufReader) throws(ProtobufError) {
        var fields = MessageFields()
        try fields.read(reader, attributes: SpanField.Event.attributes)
        try time("timeUnixNano", fields[SpanField.Event.time])
        try text("name", fields[SpanField.Event.name])
        try attributes(fields)
        try count("droppedAttributesCount", fields[SpanField.Event.droppedAttributesCount])
    }

    private mutating func link(_ reader: ProtobufReader) throws(ProtobufError) {
        var fields = MessageFields()
        try fields.read(reader, attributes: SpanField.Link.attributes)
        try id("traceId", fields[SpanField.Link.traceID])
        try id("spanId", fields[SpanField.Link.spanID])
        try text("traceState", fields[SpanField.Link.traceState])
        try attributes(fields)
        try count("droppedAttributesCount", fields[SpanField.Link.droppedAttributesCount])
        try flags(fields[SpanField.Link.flags])
    }

    // MARK: Attributes

    private mutating func attributes(_ fields: MessageFields) throws(ProtobufError) {
        try list("attributes", fields.attributes) { (json, reader) throws(ProtobufError) in
            try json.keyValue(reader)
        }
    }

    private mutating func list(
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

    private mutating func keyValue(_ reader: ProtobufReader) throws(ProtobufError) {
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

    private mutating func values(_ reader: ProtobufReader, areAttributes: Bool) throws(ProtobufError) {
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

    /// Protobuf's JSON spells out what JSON has no number for.
    private mutating func double(_ number: Double) {
        switch number {
        case _ where number.isNaN: value("NaN")
        case .infinity: value("Infinity")
        case -.infinity: value("-Infinity")
        default: value(number)
        }
    }

    private mutating func text(_ name: String, _ reader: ProtobufReader?) throws(ProtobufError) {
        guard var reader else { return }
        let text = try reader.string()
        if !text.isEmpty { member(name, text) }
    }

    private mutating func id(_ name: String, _ reader: ProtobufReader?) throws(ProtobufError) {
        guard var reader else { return }
        let bytes = try reader.bytesView()
        if !bytes.isEmpty { member(name, Base64.string(Array(bytes))) }
    }

    private mutating func time(_ name: String, _ reader: ProtobufReader?) throws(ProtobufError) {
        guard var reader else { return }
        let time = try reader.fixed64()
        if time != 0 { member(name, String(time)) }
    }

    private mutating func count(_ name: String, _ reader: ProtobufReader?) throws(ProtobufError) {
        guard var reader else { return }
        let count = try reader.uint32()
        if count != 0 { member(name, count) }
    }

    private mutating func flags(_ reader: ProtobufReader?) throws(ProtobufError) {
        guard var reader else { return }
        let flags = try reader.fixed32()
        if flags != 0 { member("flags", flags) }
    }

    /// An enum's value by name; a number that has none is written as it is.
    private mutating func name(_ name: String, _ reader: ProtobufReader?, _ names: [String]) throws(ProtobufError) {
        guard var reader else { return }
        let value = Int32(bitPattern: try reader.uint32())
        guard value != 0 else { return }
        if names.indices.contains(Int(value)) { member(name, names[Int(value)]) } else { member(name, value) }
    }
}

/// The fields of one message, found before any is written: protobuf's fields come in any order, JSON's in one.
private struct MessageFields {
    private var scalars: [(field: Int, reader: ProtobufReader)] = []
    private(set) var attributes: [ProtobufReader] = []
    private(set) var lists: [Int: [ProtobufReader]] = [:]

    /// The last occurrence of `field`, ready to be read.
    subscript(_ field: Int) -> ProtobufReader? {
        get { scalars.last { $0.field == field }?.reader }
    }

    mutating func read(
        _ reader: ProtobufReader, attributes attributesField: Int = 0, lists listFields: [Int] = []
    )
        throws(ProtobufError)
    {
        var reader = reader
        while let field = try reader.nextField() {
            if field == attributesField {
                attributes.append(try reader.message())
            } else if listFields.contains(field) {
                lists[field, default: []].append(try reader.message())
            } else {
                scalars.append((field, reader))
                try reader.skip()
            }
        }
    }
}

extension [UInt8] {
    /// Reads the bytes as a message.
    func withProtobufReader<R>(_ body: (ProtobufReader) throws(ProtobufError) -> R) throws(ProtobufError) -> R {
        let result: Result<R, ProtobufError> = withUnsafeBufferPointer { bytes in
            Result { () throws(ProtobufError) in try body(ProtobufReader(bytes)) }
        }
        return try result.get()
    }
}
