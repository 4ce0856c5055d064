import Encoding

/// The two signals exchanged over OTLP. They differ only in some names.
package enum OTLPSignalKind: Sendable {
    case traces
    case logs

    /// The JSON name of the count in a partial success.
    var rejectedName: String {
        switch self {
        case .traces: "rejectedSpans"
        case .logs: "rejectedLogRecords"
        }
    }
}

/// The encoding of a body (OTLP/HTTP).
package enum OTLPContentType: String, Sendable {
    case protobuf = "application/x-protobuf"
    case json = "application/json"

    /// Parses a `content-type` header, ignoring parameters; `nil` for any other type.
    package init?(header: String) {
        var type = header.prefix { $0 != ";" }
        while type.last == " " { type.removeLast() }
        self.init(rawValue: type.lowercased())
    }
}

/// A receiver's body for status 200 (`Export…ServiceResponse`). An empty one means that everything was accepted.
package struct OTLPResponse: Sendable, Hashable {
    /// The number of refused spans or records.
    package var rejected: Int64
    /// The reason; may be a warning even if nothing was refused.
    package var errorMessage: String

    package init(rejected: Int64 = 0, errorMessage: String = "") {
        self.rejected = rejected
        self.errorMessage = errorMessage
    }

    /// Encodes the response body.
    package func encode(_ kind: OTLPSignalKind, as type: OTLPContentType) -> [UInt8] {
        switch type {
        case .protobuf:
            guard self != OTLPResponse() else { return [] }
            var writer = ProtobufWriter(capacity: 64 + errorMessage.utf8.count)
            let mark = writer.begin(OTLPField.Response.partialSuccess, expectedWidth: 1)
            writer.integer(OTLPField.PartialSuccess.rejected, UInt64(bitPattern: rejected))
            writer.string(OTLPField.PartialSuccess.errorMessage, errorMessage)
            writer.end(mark)
            return writer.output.bytes
        case .json:
            var json = JSONWriter(capacity: 64 + errorMessage.utf8.count)
            json.object {
                guard self != OTLPResponse() else { return }
                $0.name("partialSuccess")
                $0.object {
                    if rejected != 0 { $0.member(kind.rejectedName, String(rejected)) }
                    if !errorMessage.isEmpty { $0.member("errorMessage", errorMessage) }
                }
            }
            return json.bytes
        }
    }

    /// Decodes the body of a 200 response. In either encoding, an empty body means full success.
    package init(_ kind: OTLPSignalKind, _ body: [UInt8], as type: OTLPContentType) throws(OTLPDecodingError) {
        self.init()
        guard !body.isEmpty else { return }
        switch type {
        case .protobuf:
            self = try OTLPDecoder.decode(body) { reader throws(ProtobufError) in
                var response = OTLPResponse()
                while let field = try reader.nextField() {
                    guard field == OTLPField.Response.partialSuccess else {
                        try reader.skip()
                        continue
                    }
                    var partial = try reader.message()
                    while let field = try partial.nextField() {
                        switch field {
                        case OTLPField.PartialSuccess.rejected:
                            response.rejected = Int64(bitPattern: try partial.varint())
                        case OTLPField.PartialSuccess.errorMessage: response.errorMessage = try partial.string()
                        default: try partial.skip()
                        }
                    }
                }
                return response
            }
        case .json:
            let partial = try OTLPDecoder.parse(body).object("partialSuccess") { partial throws(OTLPDecodingError) in
                OTLPResponse(
                    rejected: try partial.int64(kind.rejectedName), errorMessage: try partial.string("errorMessage"))
            }
            self = partial ?? OTLPResponse()
        }
    }
}

/// A receiver's body for a 4xx or 5xx status (`google.rpc.Status`).
package struct OTLPErrorStatus: Sendable, Hashable {
    /// The gRPC code, such as 3 for an invalid argument; 0 if not given.
    package var code: Int32
    /// What was wrong, addressed to a developer.
    package var message: String

    package init(code: Int32 = 0, message: String) {
        self.code = code
        self.message = message
    }

    /// Encodes the response body.
    package func encode(as type: OTLPContentType) -> [UInt8] {
        switch type {
        case .protobuf:
            var writer = ProtobufWriter(capacity: 32 + message.utf8.count)
            writer.integer(OTLPField.ErrorStatus.code, UInt64(bitPattern: Int64(code)))
            writer.string(OTLPField.ErrorStatus.message, message)
            return writer.output.bytes
        case .json:
            var json = JSONWriter(capacity: 32 + message.utf8.count)
            json.object {
                if code != 0 { $0.member("code", code) }
                $0.member("message", message)
            }
            return json.bytes
        }
    }

    /// Decodes the body of an error response.
    package init(_ body: [UInt8], as type: OTLPContentType) throws(OTLPDecodingError) {
        switch type {
        case .protobuf:
            self = try OTLPDecoder.decode(body) { reader throws(ProtobufError) in
                var status = OTLPErrorStatus(message: "")
                while let field = try reader.nextField() {
                    switch field {
                    case OTLPField.ErrorStatus.code: status.code = Int32(bitPattern: try reader.uint32())
                    case OTLPField.ErrorStatus.message: status.message = try reader.string()
                    default: try reader.skip()
                    }
                }
                return status
            }
        case .json:
            let object = try OTLPDecoder.parse(body)
            self.init(code: try object.enumeration("code"), message: try object.string("message"))
        }
    }
}
