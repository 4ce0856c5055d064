import TraceContext

extension OTLPDecoder {
    /// Decodes an `ExportTraceServiceRequest`.
    package static func traces(protobuf bytes: [UInt8]) throws(OTLPDecodingError) -> OTLPTraces {
        try decode(bytes) { request throws(ProtobufError) in
            var result = OTLPTraces()
            try request.eachBatch { resource, schemaURL, scope, items throws(ProtobufError) in
                let spans = try items.map { item throws(ProtobufError) in try OTLPSpan(protobuf: item) }
                result.resourceSpans.append(
                    OTLPResourceSpans(
                        resource: resource, resourceSchemaURL: schemaURL, scope: scope, spans: spans))
            }
            return result
        }
    }

    /// Decodes an `ExportLogsServiceRequest`.
    package static func logs(protobuf bytes: [UInt8]) throws(OTLPDecodingError) -> OTLPLogs {
        try decode(bytes) { request throws(ProtobufError) in
            var result = OTLPLogs()
            try request.eachBatch { resource, schemaURL, scope, items throws(ProtobufError) in
                let records = try items.map { item throws(ProtobufError) in try OTLPLogRecord(protobuf: item) }
                result.resourceLogs.append(
                    OTLPResourceLogs(
                        resource: resource, resourceSchemaURL: schemaURL, scope: scope, records: records))
            }
            return result
        }
    }

    static func decode<Value>(
        _ bytes: [UInt8], _ body: (inout ProtobufReader) throws(ProtobufError) -> Value
    ) throws(OTLPDecodingError) -> Value {
        let result: Result<Value, ProtobufError> = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(ProtobufError) in
                var reader = ProtobufReader(buffer, limit: ProtobufLimit(bytes: maximumSize))
                return try body(&reader)
            }
        }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw OTLPDecodingError(message: error.description)
        }
    }
}

extension ProtobufReader {
    /// Iterates over a request. Traces and logs share the structure of resource, scope and items. Calls `body` once for
    /// each scope with the resource's attributes and schema URL, and the readers of the scope's items.
    fileprivate mutating func eachBatch(
        _ body: ([OTLPKeyValue], String, OTLPScope, [ProtobufReader]) throws(ProtobufError) -> Void
    ) throws(ProtobufError) {
        while let field = try nextField() {
            guard field == OTLPField.Request.resources else {
                try skip()
                continue
            }
            var batch = try message()
            var resource: [OTLPKeyValue] = []
            var schemaURL = ""
            // The resource may come after its scopes, because fields can appear in any order.
            var scopes: [ProtobufReader] = []
            while let field = try batch.nextField() {
                switch field {
                case OTLPField.ResourceBatch.resource:
                    var reader = try batch.message()
                    try reader.attributes(OTLPField.Resource.attributes, into: &resource)
                case OTLPField.ResourceBatch.scopes: scopes.append(try batch.message())
                case OTLPField.ResourceBatch.schemaURL: schemaURL = try batch.string()
                default: try batch.skip()
                }
            }
            for var reader in scopes {
                var scope = OTLPScope()
                var scopeSchemaURL = ""
                var items: [ProtobufReader] = []
                while let field = try reader.nextField() {
                    switch field {
                    case OTLPField.ScopeBatch.scope: scope = try OTLPScope(protobuf: reader.message())
                    case OTLPField.ScopeBatch.items:
                        try reader.charge(OTLPDecoder.sizeOfItem)
                        items.append(try reader.message())
                    case OTLPField.ScopeBatch.schemaURL: scopeSchemaURL = try reader.string()
                    default: try reader.skip()
                    }
                }
                scope.schemaURL = scopeSchemaURL
                try body(resource, schemaURL, scope, items)
            }
        }
    }

    /// Reads a message in which only the repeated attributes matter.
    private mutating func attributes(_ number: Int, into attributes: inout [OTLPKeyValue]) throws(ProtobufError) {
        while let field = try nextField() {
            if field == number { attributes.append(try keyValue()) } else { try skip() }
        }
    }

    /// A `KeyValue` submessage.
    mutating func keyValue(depth: Int = 0) throws(ProtobufError) -> OTLPKeyValue {
        var reader = try message()
        var result = OTLPKeyValue(key: "", value: .empty)
        while let field = try reader.nextField() {
            switch field {
            case OTLPField.KeyValue.key: result.key = try reader.string()
            case OTLPField.KeyValue.value: result.value = try reader.anyValue(depth: depth)
            default: try reader.skip()
            }
        }
        return result
    }

    /// An `AnyValue` submessage.
    mutating func anyValue(depth: Int = 0) throws(ProtobufError) -> OTLPValue {
        guard depth < OTLPDecoder.maximumDepth else {
            throw ProtobufError(message: "values nested deeper than \(OTLPDecoder.maximumDepth)", offset: offset)
        }
        var reader = try message()
        var result = OTLPValue.empty
        while let field = try reader.nextField() {
            switch field {
            case OTLPField.AnyValue.string: result = .string(try reader.string())
            case OTLPField.AnyValue.bool: result = .bool(try reader.varint() != 0)
            case OTLPField.AnyValue.int: result = .int(Int64(bitPattern: try reader.varint()))
            case OTLPField.AnyValue.double: result = .double(Double(bitPattern: try reader.fixed64()))
            case OTLPField.AnyValue.bytes: result = .bytes(Array(try reader.bytesView()))
            case OTLPField.AnyValue.array:
                var list = try reader.message()
                var values: [OTLPValue] = []
                while let field = try list.nextField() {
                    if field == OTLPField.List.values {
                        values.append(try list.anyValue(depth: depth + 1))
                    } else {
                        try list.skip()
                    }
                }
                result = .array(values)
            case OTLPField.AnyValue.keyValueList:
                var list = try reader.message()
                var values: [OTLPKeyValue] = []
                while let field = try list.nextField() {
                    if field == OTLPField.List.values {
                        values.append(try list.keyValue(depth: depth + 1))
                    } else {
                        try list.skip()
                    }
                }
                result = .keyValueList(values)
            default: try reader.skip()
            }
        }
        return result
    }

    /// A trace id; `nil` if the field is empty, which is how protobuf encodes an unset field.
    mutating func traceID() throws(ProtobufError) -> TraceID? {
        let bytes = try bytesView()
        guard bytes.count == 16 || bytes.isEmpty else {
            throw ProtobufError(message: "a trace id of \(bytes.count) bytes where 16 were expected", offset: offset)
        }
        guard !bytes.isEmpty else { return nil }
        let raw = UnsafeRawBufferPointer(bytes)
        let id = TraceID(
            high: UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        return id.isValid ? id : nil
    }

    /// A span id; `nil` if the field is empty or all zero.
    mutating func spanID() throws(ProtobufError) -> SpanID? {
        let bytes = try bytesView()
        guard bytes.count == 8 || bytes.isEmpty else {
            throw ProtobufError(message: "a span id of \(bytes.count) bytes where 8 were expected", offset: offset)
        }
        guard !bytes.isEmpty else { return nil }
        let id = SpanID(value: UInt64(bigEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(as: UInt64.self)))
        return id.isValid ? id : nil
    }
}

extension OTLPScope {
    init(protobuf reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        self.init()
        while let field = try reader.nextField() {
            switch field {
            case OTLPField.Scope.name: name = try reader.string()
            case OTLPField.Scope.version: version = try reader.string()
            case OTLPField.Scope.attributes: attributes.append(try reader.keyValue())
            default: try reader.skip()
            }
        }
    }
}
