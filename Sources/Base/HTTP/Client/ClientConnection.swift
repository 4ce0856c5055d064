import EventLoop
import Glibc
import Vocabulary

/// One connection of the client: a request, its response, then the next request. Loop thread only.
final class ClientConnection {
    let socket: Int32
    /// When the connection is too old for another request.
    let expiry: ContinuousClock.Instant
    private unowned let endpoint: ClientEndpoint
    private var driver: ClientDriver { endpoint.driver }
    private let parser: HTTPParser
    private var watch: EventLoop.Watch?
    private var isOpen = true

    private var call: ClientCall?
    private var isReused = false
    private var output = OutputBuffer()
    /// How much of a large body has been written; all of it if it was copied behind the head.
    private var sentBody = 0
    private var wantsToWrite = false
    private var hasReceived = false
    private var interimResponses = 0
    /// Whether the last look at the socket may have left something in it.
    private var mayHaveMore = false
    private var body: [UInt8] = []

    /// Larger bodies are not copied.
    private static let maximumCopiedBody = 16 << 10
    /// No more of them come before a response.
    static let maximumInterimResponses = 32
    /// No head of a response is larger, in bytes.
    private static let maximumHeadSize = 64 << 10

    init(socket: Int32, endpoint: ClientEndpoint) {
        self.socket = socket
        self.endpoint = endpoint
        parser = HTTPParser(.responses, maximumHeadSize: Self.maximumHeadSize)
        // Between five and seven sixths of the age, so that connections made together do not end together.
        let age = endpoint.driver.configuration.maximumConnectionAge
        expiry = .now + age * Double.random(in: 5...7) / 6
    }

    func open() throws {
        watch = try driver.startWatching(socket, .read) { [unowned self] in ready($0) }
    }

    // MARK: Sending

    /// Sends a request. The connection must be idle.
    func start(_ call: ClientCall, isReused: Bool) {
        guard let target = endpoint.origin.target(in: call.request.url) else {
            driver.end(call, .failure(HTTPClientError.invalidURL(call.request.url)))
            return endpoint.becameIdle(self)
        }
        self.call = call
        self.isReused = isReused
        call.connection = self
        (hasReceived, interimResponses, body, sentBody) = (false, 0, [], 0)
        parser.reset(answersHead: call.request.method == .head)
        writeHead(call.request, target)
        if call.request.body.count <= Self.maximumCopiedBody {
            output.append(call.request.body)
            sentBody = call.request.body.count
        }
        write()
    }

    private func writeHead(_ request: HTTPClient.Request, _ target: String) {
        output.append(request.method.rawValue)
        output.append(" ")
        output.append(target)
        output.append(" HTTP/1.1\r\n")
        var (hasHost, hasAgent, hasAuthorization) = (false, false, false)
        for field in request.headers {
            switch field.name {
            case Header.contentLength, Header.transferEncoding, Header.connection: continue
            case Header.host: hasHost = true
            case Header.userAgent: hasAgent = true
            case Header.authorization: hasAuthorization = true
            default: break
            }
            output.appendField(field.name, field.value)
        }
        if !hasHost { output.appendField(Header.host, endpoint.origin.authority) }
        if !hasAgent { output.appendField(Header.userAgent, driver.configuration.userAgent) }
        if !hasAuthorization, let authorization = endpoint.origin.authorization {
            output.appendField(Header.authorization, authorization)
        }
        switch request.method {
        case .post, .put, .patch: writeLength(request.body.count)
        default: if !request.body.isEmpty { writeLength(request.body.count) }
        }
        output.append("\r\n")
    }

    private func writeLength(_ count: Int) {
        output.append("content-length: ")
        output.append(decimal: count)
        output.append("\r\n")
    }

    private func write() {
        while isOpen, let call {
            if !output.isEmpty {
                switch output.send(to: socket) {
                case .all: break
                case .some: return wait(toWrite: true)
                case .failed(let code): return writingFailed(code)
                }
            }
            guard sentBody < call.request.body.count else { return wait(toWrite: false) }
            let done = call.request.body.withUnsafeBytes {
                send(socket, $0.baseAddress.map { $0 + sentBody }, $0.count - sentBody, Int32(MSG_NOSIGNAL))
            }
            if done > 0 {
                sentBody += done
            } else if errno == EAGAIN {
                return wait(toWrite: true)
            } else if errno != EINTR {
                return writingFailed(errno)
            }
        }
    }

    private func wait(toWrite: Bool) {
        guard toWrite != wantsToWrite else { return }
        wantsToWrite = toWrite
        do { try watch?.update(toWrite ? [.read, .write] : .read) } catch {
            fail(HTTPClientError.transferFailed("its socket cannot be watched: \(error)"))
        }
    }

    /// The server may have answered before it closed, for example that the request is too large.
    private func writingFailed(_ code: Int32) {
        receive()
        if isOpen, call != nil { connectionLost(String(cString: strerror(code))) }
    }

    // MARK: Receiving

    private func ready(_ interest: EventLoop.Interest) {
        guard call != nil else { return close() }
        if interest.contains(.write), wantsToWrite { write() }
        if isOpen, interest.contains(.read) || interest.contains(.error) { receive() }
    }

    private func receive() {
        while isOpen {
            let buffer = driver.inputBuffer
            let count = recv(socket, buffer.baseAddress, buffer.count, 0)
            if count > 0 {
                mayHaveMore = count == buffer.count
                take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                // More than fits at once is rare; then the rest is read at once, too.
                guard count == buffer.count, call != nil else { return }
            } else if count == 0 {
                return inputEnded()
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                return connectionLost(String(cString: strerror(errno)))
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        guard let call else { return close() }
        if !hasReceived, !bytes.starts(with: "HTTP/".utf8.prefix(bytes.count)) {
            return fail(ForeignAnswer(bytes).error)
        }
        hasReceived = true
        var input = bytes
        while isOpen {
            switch parser.next(&input) {
            case .more: return
            case .head:
                if let length = parser.contentLength, announcesBody(call.request.method) {
                    guard length <= driver.configuration.maximumBodySize else {
                        return fail(HTTPClientError.bodyTooLarge)
                    }
                    // Bounded, so that an announced length alone does not allocate memory.
                    body.reserveCapacity(min(length, 1 << 20))
                }
            case .body(let piece):
                guard body.count + piece.count <= driver.configuration.maximumBodySize else {
                    return fail(HTTPClientError.bodyTooLarge)
                }
                body.append(contentsOf: piece)
            case .complete:
                // An interim response is dropped; the real one follows (RFC 9110, section 15.2).
                if parser.status < 200 {
                    interimResponses += 1
                    guard interimResponses <= Self.maximumInterimResponses else {
                        return fail(HTTPClientError.transferFailed("the answer is preceded by too many interim ones"))
                    }
                    parser.reset(answersHead: call.request.method == .head)
                    continue
                }
                return succeed(hasMore: !input.isEmpty)
            case .malformed(let malformation):
                return fail(HTTPClientError.transferFailed("the answer is not valid HTTP: \(malformation.reason)"))
            }
        }
    }

    /// Whether a length in the head is that of a body (RFC 9112, section 6.3).
    private func announcesBody(_ method: HTTPMethod) -> Bool {
        method != .head && parser.status >= 200 && parser.status != 204 && parser.status != 304
    }

    private func inputEnded() {
        guard call != nil else { return close() }
        if case .complete = parser.finish() { return succeed(hasMore: false) }
        connectionLost("the connection was closed before the answer was complete")
    }

    // MARK: The end of a call

    private func succeed(hasMore: Bool) {
        guard let call else { return }
        var response = HTTPClient.Response(
            status: HTTPStatus(code: parser.status), headers: parser.fields, body: body)
        response.followsLostAnswer = call.mayHaveArrived
        release()
        // Bytes behind the response belong to nothing, and a request that was not wanted whole is not finished.
        let isUsable =
            parser.keepsAlive && !hasMore && !(mayHaveMore && hasUnreadInput) && output.isEmpty
            && sentBody == call.request.body.count
        driver.end(call, .success(response))
        if isUsable { endpoint.becameIdle(self) } else { close() }
    }

    /// Whether something has arrived that was not read, or the end of the connection. An idle connection with either is
    /// of no further use, even if the loop has not been told yet.
    var hasUnreadInput: Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK)) >= 0 || errno != EAGAIN
    }

    /// Ends the call and the connection.
    func fail(_ error: any Error) {
        let call = call
        release()
        if let call { driver.end(call, .failure(error)) }
        close()
    }

    /// A server may close an idle connection at the very moment a request is sent. If it has sent no byte of a response,
    /// the request is sent once more on a new connection, unless it may have been carried out and must not be twice
    /// (RFC 9110, section 9.2.2).
    private func connectionLost(_ reason: String) {
        guard let call, isReused, !hasReceived, output.isUntouched || call.request.isIdempotent else {
            return fail(HTTPClientError.transferFailed(reason))
        }
        call.mayHaveArrived = !output.isUntouched
        release()
        close()
        endpoint.resend(call)
    }

    private func release() {
        call?.connection = nil
        call = nil
        body = []
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        watch?.cancel()
        watch = nil
        Glibc.close(socket)
        if let call {
            release()
            driver.end(call, .failure(HTTPClientError.alreadyShutdown))
        }
        endpoint.closed(self)
    }
}
