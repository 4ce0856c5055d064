import Encoding
import OTLP

extension TraceBatch {
    /// Decodes an `ExportTraceServiceRequest` in OTLP's JSON. Spans whose ids are missing, empty or all zero are
    /// rejected, and so are spans under names that OTLP/JSON does not define.
    /// - Throws: an error if any of the rest is malformed.
    package init(json body: [UInt8]) throws {
        do {
            try self.init(protobuf: OTLPDecoder.traces(json: body).protobuf())
            if spanCount == 0, let misnamed = OTLPMisnamedItems(.traces, json: body) {
                rejection = Rejection(count: misnamed.count, message: misnamed.message)
            }
        } catch let error as OTLPDecodingError {
            // The decoder rejects a whole request for one span without a valid id: accept the others, as OTLP requires.
            guard error.concernsSpanID, let (request, rejection) = try Self.removingInvalidSpans(body) else {
                throw error
            }
            let traces = try OTLPDecoder.traces(json: Array(request.description.utf8))
            try self.init(protobuf: traces.protobuf())
            self.rejection = rejection
        }
    }

    /// The request without spans that lack a valid id; `nil` if there are none.
    private static func removingInvalidSpans(_ body: [UInt8]) throws -> (JSONValue, Rejection)? {
        var rejection = Rejection()
        let request = try JSONValue(
            parsing: body, maximumSize: OTLPDecoder.maximumSize / 2, repairingText: true
        ).mapping("resourceSpans") { resourceSpans in
            resourceSpans.mapping("scopeSpans") { scopeSpans in
                scopeSpans.filtering("spans") { span in
                    guard let problem = problem(of: span) else { return true }
                    if rejection.count == 0 { rejection.message = problem }
                    rejection.count += 1
                    return false
                }
            }
        }
        return rejection.count > 0 ? (request, rejection) : nil
    }

    private static func problem(of span: JSONValue) -> String? {
        for (name, original, digits) in [("traceId", "trace_id", 32), ("spanId", "span_id", 16)] {
            let id = span[name]?.string ?? ""
            if id.isEmpty {
                return "a span without a \(name)"
                    + (span[original] == nil ? "" : ": names are lowerCamelCase in OTLP/JSON, not \(original)")
            }
            if id.utf8.count == digits, id.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }) {
                return "a span whose \(name) is all zero"
            }
        }
        return nil
    }
}

extension OTLPDecodingError {
    fileprivate var concernsSpanID: Bool {
        path.contains(".spans[") && !path.contains(".links[") && (path.hasSuffix("traceId") || path.hasSuffix("spanId"))
    }
}

extension JSONValue {
    /// The value with every element of its list `name` changed.
    fileprivate func mapping(_ name: String, _ change: (JSONValue) -> JSONValue) -> JSONValue {
        replacing(name) { $0.map(change) }
    }

    /// The value with only the matching elements of its list `name`.
    fileprivate func filtering(_ name: String, _ fits: (JSONValue) -> Bool) -> JSONValue {
        replacing(name) { $0.filter(fits) }
    }

    private func replacing(_ name: String, _ change: ([JSONValue]) -> [JSONValue]) -> JSONValue {
        guard case .object(var object) = self, case .array(let elements)? = object[name] else { return self }
        object[name] = .array(change(elements))
        return .object(object)
    }
}
