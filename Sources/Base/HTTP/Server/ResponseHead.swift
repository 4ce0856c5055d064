import CLinux
import Encoding
import Glibc
import Logging
import Vocabulary

extension OutputBuffer {
    /// The head of a response. `date`, `content-length` and `connection` are the server's.
    mutating func append(headOf response: Response, date: borrowing DateField, connection: ConnectionField) {
        append("HTTP/1.1 ")
        append(decimal: response.status.code)
        append(" ")
        append(response.status.reasonPhrase)
        append("\r\n")
        append(date.line)
        switch connection {
        case .none: break
        case .close: append("connection: close\r\n")
        case .keepAlive: append("connection: keep-alive\r\n")
        }
        for field in response.headers {
            switch field.name {
            case Header.contentLength, Header.transferEncoding, Header.connection, Header.date: continue
            default: appendField(field.name, field.value)
            }
        }
        // A 204 has no length to tell (RFC 9110, section 8.6).
        if response.status.code != 204 {
            append("content-length: ")
            append(decimal: response.body.count)
            append("\r\n")
        }
        append("\r\n")
    }
}

/// What a response says about the future of its connection.
enum ConnectionField {
    /// Nothing: it stays open, as is usual in HTTP/1.1.
    case none
    case close
    /// It stays open although HTTP/1.0 would close it.
    case keepAlive
}

/// The `date` field, made once a second.
struct DateField: ~Copyable {
    private var second = Int.min
    private(set) var line: [UInt8] = []

    /// Has ``line`` say the present time.
    mutating func update() {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        guard now.tv_sec != second else { return }
        second = now.tv_sec
        line = Array("date: \(HTTPDate.string(second))\r\n".utf8)
    }
}

extension Response {
    /// Whether its body is sent in answer to `method` (RFC 9110, sections 9.3.2, 15.3.5 and 15.4.5).
    func sendsBody(to method: HTTPMethod) -> Bool { method != .head && status.code != 204 && status.code != 304 }

    /// The response itself, or 500 if its status is none.
    func sendable(_ logger: Logger) -> Response {
        guard !(200...999).contains(status.code) else { return self }
        logger.warning(
            "a handler gave a status that cannot be sent",
            metadata: [LogField.status: .integer(Int64(status.code))])
        var response = self
        response.status = .internalServerError
        return response
    }

    /// What is said instead when something that the handler wrote could not be stored. The fields stay: they name the
    /// trace.
    func notStored(instance: String) -> Response {
        var response = HTTPError(
            .internalServerError, type: "not-stored",
            message: """
                the last step of this request could not be stored; it may be repeated with the same idempotency key
                """
        ).response(instance: instance)
        for field in headers where !field.name.hasPrefix("content-") && response.headers[field.name] == nil {
            response.headers.append(field.name, field.value)
        }
        return response
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
