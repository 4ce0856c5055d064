import Encoding

/// OTLP/JSON is proto3's JSON mapping with three changes: ids are hex, enums are integers, and unknown fields must be
/// ignored (OTLP 1.x, "JSON Protobuf Encoding"). `null` counts as absent. Invalid Unicode is repaired.
extension OTLPDecoder {
    /// Decodes an `ExportTraceServiceRequest`.
    package static func traces(json bytes: [UInt8]) throws(OTLPDecodingError) -> OTLPTraces {
        var result = OTLPTraces()
        let groups = Names(resources: "resourceSpans", scopes: "scopeSpans", items: "spans")
        try eachBatch(try parse(bytes), groups) { resource, schemaURL, scope, items throws(OTLPDecodingError) in
            let spans = try items.elements("spans") { span throws(OTLPDecodingError) in try OTLPSpan(json: span) }
            result.resourceSpans.append(
                OTLPResourceSpans(resource: resource, resourceSchemaURL: schemaURL, scope: scope, spans: spans))
        }
        return result
    }

    /// Decodes an `ExportLogsServiceRequest`.
    package static func logs(json bytes: [UInt8]) throws(OTLPDecodingError) -> OTLPLogs {
        var result = OTLPLogs()
        let groups = Names(resources: "resourceLogs", scopes: "scopeLogs", items: "logRecords")
        try eachBatch(try parse(bytes), groups) { resource, schemaURL, scope, items throws(OTLPDecodingError) in
            let records = try items.elements("logRecords") { record throws(OTLPDecodingError) in
                try OTLPLogRecord(json: record)
            }
            result.resourceLogs.append(
                OTLPResourceLogs(resource: resource, resourceSchemaURL: schemaURL, scope: scope, records: records))
        }
        return result
    }

    static func parse(_ bytes: [UInt8]) throws(OTLPDecodingError) -> OTLPObject {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes, maximumSize: maximumSize, repairingText: true)
        } catch {
            throw OTLPDecodingError(message: error.description)
        }
        return try OTLPObject(value)
    }

    private struct Names {
        var resources: String
        var scopes: String
        var items: String
    }

    /// Iterates over a request. Traces and logs share the structure of resource, scope and items.
    private static func eachBatch(
        _ request: OTLPObject, _ names: Names,
        _ body: ([OTLPKeyValue], String, OTLPScope, OTLPObject) throws(OTLPDecodingError) -> Void
    ) throws(OTLPDecodingError) {
        _ = try request.elements(names.resources) { batch throws(OTLPDecodingError) in
            let resource = try batch.object("resource") { resource throws(OTLPDecodingError) in
                try resource.attributes()
            }
            let schemaURL = try batch.string("schemaUrl")
            _ = try batch.elements(names.scopes) { group throws(OTLPDecodingError) in
                var scope =
                    try group.object("scope") { scope throws(OTLPDecodingError) in
                        try OTLPScope(json: scope)
                    } ?? OTLPScope()
                scope.schemaURL = try group.string("schemaUrl")
                try body(resource ?? [], schemaURL, scope, group)
            }
        }
    }
}

extension OTLPValue {
    init(json value: OTLPObject, depth: Int = 0) throws(OTLPDecodingError) {
        guard depth < OTLPDecoder.maximumDepth else {
            throw OTLPDecodingError(message: "values nested deeper than \(OTLPDecoder.maximumDepth)")
        }
        if value.has("stringValue") {
            self = .string(try value.string("stringValue"))
        } else if value.has("boolValue") {
            self = .bool(try value.bool("boolValue"))
        } else if value.has("intValue") {
            self = .int(try value.int64("intValue"))
        } else if value.has("doubleValue") {
            self = .double(try value.double("doubleValue"))
        } else if value.has("arrayValue") {
            let values = try value.object("arrayValue") { list throws(OTLPDecodingError) in
                try list.elements("values") { element throws(OTLPDecodingError) in
                    try OTLPValue(json: element, depth: depth + 1)
                }
            }
            self = .array(values ?? [])
        } else if value.has("kvlistValue") {
            let values = try value.object("kvlistValue") { list throws(OTLPDecodingError) in
                try list.attributes("values", depth: depth + 1)
            }
            self = .keyValueList(values ?? [])
        } else if value.has("bytesValue") {
            self = .bytes(try value.bytes("bytesValue"))
        } else {
            self = .empty
        }
    }
}

extension OTLPScope {
    fileprivate init(json scope: OTLPObject) throws(OTLPDecodingError) {
        self.init(
            name: try scope.string("name"), version: try scope.string("version"), attributes: try scope.attributes())
    }
}
