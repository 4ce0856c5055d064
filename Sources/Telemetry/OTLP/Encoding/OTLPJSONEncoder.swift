import Encoding
import TraceContext

/// Encodes OTLP/JSON (OTLP 1.x, "JSON Protobuf Encoding"): ids in hex, 64-bit integers as strings, enums as integers,
/// defaults left out.
package enum OTLPJSONEncoder {
    /// Encodes an `ExportTraceServiceRequest`.
    package static func request(_ traces: OTLPTraces) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.object { $0.traces("resourceSpans", traces) }
        return json.bytes
    }

    /// Encodes an `ExportLogsServiceRequest`.
    package static func request(_ logs: OTLPLogs) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.object { $0.logs("resourceLogs", logs) }
        return json.bytes
    }
}

extension JSONWriter {
    /// Writes a member with resources, scopes and spans: `resourceSpans`, or `batches` as Tempo names it.
    package mutating func traces(_ name: String, _ traces: OTLPTraces) {
        list(name, traces.resourceSpans, evenIfEmpty: true) { json, group in
            json.resourceAndScope(group.resource, group.resourceSchemaURL, "scopeSpans", group.scope) { json in
                json.list("spans", group.spans, evenIfEmpty: true) { $0.otlp($1) }
            }
        }
    }

    /// Writes a member with resources, scopes and records.
    package mutating func logs(_ name: String, _ logs: OTLPLogs) {
        list(name, logs.resourceLogs, evenIfEmpty: true) { json, group in
            json.resourceAndScope(group.resource, group.resourceSchemaURL, "scopeLogs", group.scope) { json in
                json.list("logRecords", group.records, evenIfEmpty: true) { $0.otlp($1) }
            }
        }
    }

    private mutating func resourceAndScope(
        _ resource: [OTLPKeyValue], _ schemaURL: String, _ scopes: String, _ scope: OTLPScope,
        _ items: (inout JSONWriter) -> Void
    ) {
        name("resource")
        object { $0.attributes(resource) }
        name(scopes)
        array { json in
            json.object { json in
                json.name("scope")
                json.object {
                    $0.text("name", scope.name)
                    $0.text("version", scope.version)
                    $0.attributes(scope.attributes)
                }
                items(&json)
                json.text("schemaUrl", scope.schemaURL)
            }
        }
        text("schemaUrl", schemaURL)
    }

    /// Writes the members of a span.
    private mutating func otlp(_ span: OTLPSpan) {
        member("traceId", span.traceID.description)
        member("spanId", span.spanID.description)
        text("traceState", span.traceState)
        if let parent = span.parentSpanID { member("parentSpanId", parent.description) }
        number("flags", span.flags)
        text("name", span.name)
        number("kind", span.kind.rawValue)
        nanoseconds("startTimeUnixNano", span.startTime)
        nanoseconds("endTimeUnixNano", span.endTime)
        attributes(span.attributes)
        number("droppedAttributesCount", span.droppedAttributesCount)
        list("events", span.events) { json, event in
            json.nanoseconds("timeUnixNano", event.time)
            json.text("name", event.name)
            json.attributes(event.attributes)
            json.number("droppedAttributesCount", event.droppedAttributesCount)
        }
        number("droppedEventsCount", span.droppedEventsCount)
        list("links", span.links) { json, link in
            json.member("traceId", link.traceID.description)
            json.member("spanId", link.spanID.description)
            json.text("traceState", link.traceState)
            json.attributes(link.attributes)
            json.number("droppedAttributesCount", link.droppedAttributesCount)
            json.number("flags", link.flags)
        }
        number("droppedLinksCount", span.droppedLinksCount)
        if span.status != OTLPStatus() {
            name("status")
            object {
                $0.text("message", span.status.message)
                $0.number("code", span.status.code.rawValue)
            }
        }
    }

    /// Writes the members of a log record.
    private mutating func otlp(_ record: OTLPLogRecord) {
        nanoseconds("timeUnixNano", record.time)
        nanoseconds("observedTimeUnixNano", record.observedTime)
        number("severityNumber", record.severityNumber)
        text("severityText", record.severityText)
        if record.body != .empty {
            name("body")
            otlp(record.body)
        }
        attributes(record.attributes)
        number("droppedAttributesCount", record.droppedAttributesCount)
        number("flags", record.flags)
        if let traceID = record.traceID { member("traceId", traceID.description) }
        if let spanID = record.spanID { member("spanId", spanID.description) }
        text("eventName", record.eventName)
    }

    /// Writes an `AnyValue`.
    package mutating func otlp(_ value: OTLPValue) {
        object { json in
            switch value {
            case .empty: break
            case .string(let text): json.member("stringValue", text)
            case .bool(let flag): json.member("boolValue", flag)
            case .int(let number): json.member("intValue", String(number))
            case .double(let number):
                if number.isFinite {
                    json.member("doubleValue", number)
                } else {
                    json.member("doubleValue", number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
                }
            case .bytes(let bytes): json.member("bytesValue", Base64.string(bytes))
            case .array(let values):
                json.name("arrayValue")
                json.object { json in
                    json.name("values")
                    json.array { json in for value in values { json.otlp(value) } }
                }
            case .keyValueList(let values):
                json.name("kvlistValue")
                json.object { $0.attributes(values, name: "values", evenIfEmpty: true) }
            }
        }
    }

    /// Writes a list of `KeyValue`.
    package mutating func attributes(
        _ attributes: [OTLPKeyValue], name: String = "attributes", evenIfEmpty: Bool = false
    ) {
        list(name, attributes, evenIfEmpty: evenIfEmpty) { json, attribute in
            json.member("key", attribute.key)
            json.name("value")
            json.otlp(attribute.value)
        }
    }

    private mutating func list<Element>(
        _ name: String, _ elements: [Element], evenIfEmpty: Bool = false,
        _ members: (inout JSONWriter, Element) -> Void
    ) {
        guard evenIfEmpty || !elements.isEmpty else { return }
        self.name(name)
        array { json in
            for element in elements { json.object { members(&$0, element) } }
        }
    }

    private mutating func text(_ name: String, _ text: String) {
        if !text.isEmpty { member(name, text) }
    }

    private mutating func number(_ name: String, _ number: some BinaryInteger) {
        if number != 0 { member(name, number) }
    }

    private mutating func nanoseconds(_ name: String, _ time: UInt64) {
        if time != 0 { member(name, String(time)) }
    }
}
