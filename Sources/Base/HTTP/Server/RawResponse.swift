import CMicroHTTPD
import Logging
import Vocabulary

extension Response {
    /// Bodies up to this size are copied, which is faster than providing them in pieces.
    static let maximumCopiedBody = 256 << 10

    /// The body as a libmicrohttpd response.
    func wholeBody() -> OpaquePointer? {
        body.withUnsafeBytes { bytes in
            MHD_create_response_from_buffer(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                bytes.isEmpty ? .RESPMEM_PERSISTENT : .RESPMEM_MUST_COPY)
        }
    }

    /// Returns the libmicrohttpd response made from `raw`, which the caller must destroy, and the status to send.
    ///
    /// libmicrohttpd writes `date`, `content-length` and `transfer-encoding` itself.
    func makeRaw(_ raw: OpaquePointer?, closing: Bool, logger: Logger) -> (OpaquePointer?, HTTPStatus) {
        var status = status
        if !(200...999).contains(status.code) {
            logger.warning(
                "a handler gave a status that cannot be sent",
                metadata: [LogField.status: .integer(Int64(status.code))])
            status = .internalServerError
        }
        guard let raw else { return (nil, status) }
        for field in headers {
            switch field.name {
            case Header.contentLength, Header.transferEncoding, "date": continue
            default:
                let added = field.name.withCString { name in
                    field.value.withCString { MHD_add_response_header(raw, name, $0) }
                }
                if added != .YES, !field.value.isEmpty {
                    logger.warning("a response field cannot be sent", metadata: ["field": .string(field.name)])
                }
            }
        }
        if closing { MHD_add_response_header(raw, "connection", "close") }
        return (raw, status)
    }
}

extension ServerDriver {
    nonisolated(nonsending) func response(
        to request: Request, context: RequestContext
    ) async
        -> Result<Response, any Error>
    {
        do { return .success(try await responder.respond(to: request, context: context)) } catch {
            return .failure(error)
        }
    }

    /// The response to an error that passed through all middleware.
    func response(to error: any Error, path: String) -> Response {
        if let error = error as? HTTPError { return error.response(instance: path) }
        logger.error("a request failed", error: error, metadata: ["path": .string(path)])
        return HTTPError(.internalServerError).response(instance: path)
    }
}
