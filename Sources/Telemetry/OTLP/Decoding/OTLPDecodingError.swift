/// Why a body is not the expected OTLP message. The description is suitable for a 400 response.
package struct OTLPDecodingError: Error, Equatable, CustomStringConvertible {
    /// The position in the message, such as `resourceSpans[0].scopeSpans[0].spans[3].traceId`; may be empty.
    package var path: String
    /// What was expected and what was found.
    package var message: String

    package init(path: String = "", message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { path.isEmpty ? message : "\(path): \(message)" }

    /// Returns the same error with the enclosing member `name` added to its path.
    func inside(_ name: String) -> OTLPDecodingError {
        let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
        return OTLPDecodingError(path: name + separator + path, message: message)
    }
}

/// Decodes the request bodies of an OTLP/HTTP receiver (OTLP 1.x, "OTLP/HTTP"): protobuf and JSON.
package enum OTLPDecoder {
    /// The maximum nesting depth of values. Deeper input is refused instead of recursed into.
    static let maximumDepth = 32
    /// The maximum estimated memory of a decoded body in bytes; a larger body is refused.
    package static let maximumSize = 96 << 20
    /// The approximate size in bytes of a span or log record without its contents.
    static let sizeOfItem = 320
}
