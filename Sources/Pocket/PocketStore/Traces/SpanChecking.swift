import OTLP

/// Validates messages whose bytes will be stored, so that no malformed bytes get in: lengths, wire types, depth. The
/// result says whether they can be stored unchanged: `false` requires ``TraceRepair``.
extension ProtobufReader {
    /// How deep attribute values may nest.
    private static let maximumDepth = 32

    /// The messages that consist of strings, numbers and attributes.
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

    func check(_ message: AttributedMessage) throws(ProtobufError) -> Bool {
        var reader = self
        var isSound = true
        while let field = try reader.nextField() {
            if field == message.attributes {
                if try !reader.message().checkAttribute() { isSound = false }
            } else if message.texts.contains(field) {
                if try !reader.skipString() { isSound = false }
            } else {
                try reader.skip()
            }
        }
        return isSound
    }

    /// Checks the value of a span's field that has no column.
    mutating func checkSpanField(_ field: Int) throws(ProtobufError) -> Bool {
        switch field {
        case SpanField.Span.attributes: return try message().checkAttribute()
        case SpanField.Span.events: return try message().check(.event)
        case SpanField.Span.links: return try message().check(.link)
        case SpanField.Span.traceState: return try skipString()
        default:
            try skip()
            return true
        }
    }

    /// Checks a `Status`; returns its code.
    func checkStatus() throws(ProtobufError) -> (code: UInt64, isSound: Bool) {
        var reader = self
        var code: UInt64 = 0
        var isSound = true
        while let field = try reader.nextField() {
            switch field {
            case SpanField.Status.message: if try !reader.skipString() { isSound = false }
            case SpanField.Status.code: code = try reader.varint()
            default: try reader.skip()
            }
        }
        return (code, isSound)
    }

    /// A key without a value is not sound either: readers assume that the value is present.
    private func checkAttribute(depth: Int = 0) throws(ProtobufError) -> Bool {
        var reader = self
        var isSound = true
        var hasValue = false
        while let field = try reader.nextField() {
            switch field {
            case SpanField.KeyValue.key: if try !reader.skipString() { isSound = false }
            case SpanField.KeyValue.value:
                hasValue = true
                if try !reader.message().checkValue(depth: depth) { isSound = false }
            default: try reader.skip()
            }
        }
        return isSound && hasValue
    }

    private func checkValue(depth: Int) throws(ProtobufError) -> Bool {
        guard depth < Self.maximumDepth else {
            throw ProtobufError(message: "values nested deeper than \(Self.maximumDepth)", offset: offset)
        }
        var reader = self
        var isSound = true
        while let field = try reader.nextField() {
            switch field {
            case SpanField.AnyValue.string: if try !reader.skipString() { isSound = false }
            case SpanField.AnyValue.bool, SpanField.AnyValue.int: _ = try reader.varint()
            case SpanField.AnyValue.double: _ = try reader.fixed64()
            case SpanField.AnyValue.array, SpanField.AnyValue.keyValueList:
                var list = try reader.message()
                while let element = try list.nextField() {
                    guard element == SpanField.List.values else {
                        try list.skip()
                        continue
                    }
                    let isElementSound =
                        field == SpanField.AnyValue.array
                        ? try list.message().checkValue(depth: depth + 1)
                        : try list.message().checkAttribute(depth: depth + 1)
                    if !isElementSound { isSound = false }
                }
            default: try reader.skip()
            }
        }
        return isSound
    }
}
