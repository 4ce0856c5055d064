/// Why a body is not the OTLP message that was expected. The description is fit for a 400 answer.
package struct OTLPDecodingError: Error, Equatable, CustomStringConvertible {
    /// Where in the message, such as `resourceSpans[0].scopeSpans[0].spans[3].traceId`; may be empty.
    package var path: String
    /// What was expected and what stood there.
    package var message: String

    package init(path: String = "", message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { path.isEmpty ? message : "\(path): \(message)" }

    /// The same error as seen from one level further out.
    func inside(_ name: String) -> OTLPDecodingError {
        let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
        return OTLPDecodingError(path: name + separator + path, message: message)
    }
}

/// Reads the bodies that an OTLP/HTTP receiver is sent (OTLP 1.x, "OTLP/HTTP"): protobuf and JSON.
package enum OTLPDecoder {
    /// How deep values may nest; deeper input is refused, not recursed into.
    static let maximumDepth = 32
    /// How many bytes of memory a decoded body may take, as estimated; a larger one is refused.
    package static let maximumSize = 96 << 20
    /// About how many bytes a span or log record takes without what it holds.
    static let sizeOfItem = 320
}
