import Encoding
import Vocabulary

/// Reads OTLP JSON as trace stores return it: ids in Base64 (protobuf's JSON mapping) or hex (OTLP's), enumerations as
/// names or numbers, 64-bit integers as strings or numbers, defaults omitted.
enum TraceJSON {
    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    /// The spans, sorted by start.
    static func spans(_ answer: JSONValue) throws -> [SpanRecord] {
        // Version 2 of the API nests the trace one level deeper.
        let trace = answer["trace"] ?? answer
        guard let object = trace.object else { throw Malformed(description: "expected an object") }
        let batches = (object["batches"] ?? object["resourceSpans"])?.array ?? []
        var spans: [SpanRecord] = []
        for batch in batches {
            let resource = attributes(batch["resource"]?["attributes"])
            let service = resource.first { $0.name == Attribute.serviceName }?.value ?? ""
            let scopes = (batch["scopeSpans"] ?? batch["instrumentationLibrarySpans"])?.array ?? []
            for scope in scopes {
                for span in scope["spans"]?.array ?? [] {
                    spans.append(try self.span(span, service: service, resource: resource))
                }
            }
        }
        return spans.enumerated().sorted {
            ($0.element.startNS, $0.offset) < ($1.element.startNS, $1.offset)
        }.map(\.element)
    }

    private static func span(
        _ json: JSONValue, service: String, resource: [SpanRecord.Attribute]
    ) throws -> SpanRecord {
        guard let traceID = json["traceId"]?.string, let spanID = json["spanId"]?.string else {
            throw Malformed(description: "a span without traceId or spanId")
        }
        // An absent number is 0 in protobuf: a span that has not ended has no end.
        guard let start = time(json["startTimeUnixNano"] ?? .integer(0)),
            let end = time(json["endTimeUnixNano"] ?? .integer(0))
        else { throw Malformed(description: "span \(spanID): expected times in nanoseconds") }
        return SpanRecord(
            traceID: identifier(traceID, length: 16), spanID: identifier(spanID, length: 8),
            parentSpanID: parent(json["parentSpanId"]?.string), service: service,
            name: json["name"]?.string ?? "", kind: kind(json["kind"]), startNS: start, endNS: end,
            statusError: isError(json["status"]?["code"]), statusMessage: json["status"]?["message"]?.string ?? "",
            attributes: attributes(json["attributes"]), resource: resource,
            events: (json["events"]?.array ?? []).map { event in
                SpanRecord.Event(
                    timeNS: time(event["timeUnixNano"]) ?? 0, name: event["name"]?.string ?? "",
                    attributes: attributes(event["attributes"]))
            },
            links: (json["links"]?.array ?? []).map { link in
                SpanRecord.Link(
                    traceID: identifier(link["traceId"]?.string ?? "", length: 16),
                    spanID: identifier(link["spanId"]?.string ?? "", length: 8))
            })
    }

    /// Hex stays as it is, whatever its case; Base64 becomes hex; anything else stays, so that a rule can reject it.
    static func identifier(_ text: String, length: Int) -> String {
        if text.utf8.count == 2 * length, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) { return text }
        return Base64.parse(text.utf8).map { Hex.string($0) } ?? text
    }

    /// In protobuf, an all-zero id can mean an absent one.
    private static func parent(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        let id = identifier(text, length: 8)
        return id.allSatisfy { $0 == "0" } ? nil : id
    }

    private static func kind(_ json: JSONValue?) -> SpanRecord.Kind {
        if let number = json?.integer {
            return Int(exactly: number).flatMap {
                SpanRecord.Kind.allCases.indices.contains($0) ? SpanRecord.Kind.allCases[$0] : nil
            } ?? .unspecified
        }
        guard let name = json?.string, name.hasPrefix("SPAN_KIND_") else { return .unspecified }
        return SpanRecord.Kind(rawValue: name.dropFirst(10).lowercased()) ?? .unspecified
    }

    private static func isError(_ code: JSONValue?) -> Bool {
        code?.integer == 2 || code?.string == "STATUS_CODE_ERROR"
    }

    static func time(_ json: JSONValue?) -> UInt64? {
        switch json {
        case .string(let text): UInt64(text)
        case .integer(let number): UInt64(exactly: number)
        default: nil
        }
    }

    static func attributes(_ json: JSONValue?) -> [SpanRecord.Attribute] {
        (json?.array ?? []).map { SpanRecord.Attribute($0["key"]?.string ?? "", plain($0["value"]).plainText ?? "") }
    }

    /// An `AnyValue` as the JSON value that it represents.
    private static func plain(_ json: JSONValue?) -> JSONValue {
        guard let member = json?.object?.members.first else { return .null }
        switch member.name {
        case "intValue": return .integer(member.value.integer ?? member.value.string.flatMap { Int64($0) } ?? 0)
        case "arrayValue": return .array((member.value["values"]?.array ?? []).map { plain($0) })
        case "kvlistValue":
            let pairs = member.value["values"]?.array ?? []
            return .object(JSONObject(pairs.map { ($0["key"]?.string ?? "", plain($0["value"])) }))
        default: return member.value
        }
    }
}
