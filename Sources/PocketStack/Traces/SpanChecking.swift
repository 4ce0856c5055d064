import OTel

/// Walks messages whose bytes are to be stored, so that no malformed byte gets in: lengths, wire types, UTF-8, depth.
extension ProtobufReader {
    /// How deep attribute values may nest.
    private static let maximumDepth = 32

    /// The messages that consist of texts, numbers and attributes.
    enum AttributedMessage {
        case resource, scope, event, link

        fileprivate var attributes: Int {
            switch self {
            case .resource: SpanField.Resource.attributes
            case .scope: SpanField.Scope.attributes
            case .event: SpanField.Event.attributes
            case .link: SpanField.Link.attributes
            }
        }

        fileprivate var texts: [Int] {
            switch self {
            case .resource: []
            case .scope: [SpanField.Scope.name, SpanField.Scope.version]
            case .event: [SpanField.Event.name]
            case .link: [SpanField.Link.traceState]
            }
        }
    }

    func check(_ message: AttributedMessage) throws(ProtobufError) {
        var reader = self
        while let field = try reader.nextField() {
            if field == message.attributes {
                try reader.message().checkAttribute()
            } else if message.texts.contains(field) {
                _ = try reader.string()
            } else {
                try reader.skip()
            }
        }
    }

    /// Checks the value of a span's field that is not looked up.
    mutating func checkSpanField(_ field: Int) throws(ProtobufError) {
        switch field {
        case SpanField.Span.attributes: try message().checkAttribute()
        case SpanField.Span.events: try message().check(.event)
        case SpanField.Span.links: try message().check(.link)
        case SpanField.Span.traceState: _ = try string()
        default: try skip()
        }
    }

    /// Checks a `Status`; returns its code.
    func checkStatus() throws(ProtobufError) -> UInt64 {
        var reader = self
        var code: UInt64 = 0
        while let field = try reader.nextField() {
            switch field {
            case SpanField.Status.message: _ = try reader.string()
            case SpanField.Status.code: code = try reader.varint()
            default: try reader.skip()
            }
        }
        return code
    }

    private func checkAttribute(depth: Int = 0) throws(ProtobufError) {
        var reader = self
        while let field = try reader.nextField() {
            switch field {
            case SpanField.KeyValue.key: _ = try reader.string()
            case SpanField.KeyValue.value: try reader.message().checkValue(depth: depth)
            default: try reader.skip()
            }
        }
    }

    private func checkValue(depth: Int) throws(ProtobufError) {
        guard depth < Self.maximumDepth else {
            throw ProtobufError(message: "values nested deeper than \(Self.maximumDepth)", offset: offset)
        }
        var reader = self
        while let field = try reader.nextField() {
            switch field {
            case SpanField.AnyValue.string: _ = try reader.string()
            case SpanField.AnyValue.bool, SpanField.AnyValue.int: _ = try reader.varint()
            case SpanField.AnyValue.double: _ = try reader.fixed64()
            case SpanField.AnyValue.array, SpanField.AnyValue.keyValueList:
                var list = try reader.message()
                while let element = try list.nextField() {
                    guard element == SpanField.List.values else {
                        try list.skip()
                        continue
                    }
                    if field == SpanField.AnyValue.array {
                        try list.message().checkValue(depth: depth + 1)
                    } else {
                        try list.message().checkAttribute(depth: depth + 1)
                    }
                }
            default: try reader.skip()
            }
        }
    }
}
