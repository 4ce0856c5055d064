import CMicroHTTPD
import EventLoop
import Glibc
import Synchronization
import Vocabulary

/// One request and its response.
///
/// Unchecked: used on the loop's thread only. ``finish(_:)`` switches to that thread itself.
final class Exchange: @unchecked Sendable {
    enum Phase {
        /// The first line has arrived.
        case head
        /// The head has arrived.
        case body
        /// The handler is running.
        case running
        /// The handler has ended and its response is being written.
        case answered
        /// The connection will be closed without a response.
        case abandoned
        /// libmicrohttpd has released the request.
        case over
    }

    private(set) var phase = Phase.head { didSet { since = .now } }
    /// When the current phase began.
    private(set) var since = ContinuousClock.now
    private let handle: OpaquePointer
    private let connection: ClientConnection
    private let driver: ServerDriver
    private var request: Request
    private let completion = ResponseCompletion()
    private var response: Response?
    private var task: Task<Void, Never>?
    private var isSuspended = false
    private var hasClientGone = false
    private var bodySize = 0
    /// The bytes of the body charged to the process limit, and whether the limit was exceeded.
    private var chargedBody = 0
    private var isBodyRefused = false
    private var chargedResponse = 0

    init(handle: OpaquePointer, connection: ClientConnection, driver: ServerDriver, uri: String) {
        self.handle = handle
        self.connection = connection
        self.driver = driver
        request = Request(uri: uri)
    }

    // MARK: Receiving

    /// Returns `false` to close the connection.
    func receiveHead(method: UnsafePointer<CChar>, version: UnsafePointer<CChar>?) -> Bool {
        if let version, strcmp(version, "HTTP/1.0") == 0 { request.protocolVersion = "1.0" }
        request.method = HTTPMethod(rawValue: String(cString: method))
        request.remoteAddress = connection.remoteAddress(handle)
        request.headers.reserveCapacity(8)
        withUnsafeMutablePointer(to: &request.headers) { headers in
            _ = MHD_get_connection_values_n(handle, .HEADER_KIND, Self.addField, headers)
        }
        phase = .body
        let limit = driver.configuration.maximumBodySize
        if let length = request.headers[Header.contentLength].flatMap({ Int($0) }), length > 0 {
            if length <= limit {
                // Bounded, so that an announced length alone does not allocate memory.
                request.body.reserveCapacity(min(length, 64 << 10))
            } else {
                request.bodyExceededLimit = true
                // The client waits for permission to send a body that would be discarded, so answer now.
                if request.headers[Header.expect] != nil { return start() }
            }
        }
        return true
    }

    private static let addField: MHD_KeyValueIteratorN = { headers, _, name, nameSize, value, valueSize in
        headers?.assumingMemoryBound(to: HTTPFields.self).pointee.append(
            name: UnsafeRawBufferPointer(start: name, count: nameSize),
            value: UnsafeRawBufferPointer(start: value, count: valueSize))
        return .YES
    }

    /// Receives a piece of the body. Excess data is read and discarded, so that the client gets its 413, but only up to
    /// a limit, in case the client never stops.
    func receive(_ piece: UnsafeRawBufferPointer) -> Bool {
        let limit = driver.configuration.maximumBodySize
        bodySize += piece.count
        if request.bodyExceededLimit || bodySize > limit {
            request.bodyExceededLimit = true
            request.body = []
            returnBody()
            return bodySize <= max(limit * 8, 16 << 20)
        }
        guard !isBodyRefused else { return true }
        guard TransferLimits.process.takeRequest(piece.count) else {
            isBodyRefused = true
            request.body = []
            returnBody()
            return true
        }
        chargedBody += piece.count
        request.body += piece
        return true
    }

    private func returnBody() {
        TransferLimits.process.returnRequest(chargedBody)
        chargedBody = 0
    }

    func receiveEnd() -> Bool {
        guard isBodyRefused else { return start() }
        // The body has been read to its end, so that the client reads the response.
        phase = .answered
        driver.requestsInFlight.wrappingAdd(1, ordering: .relaxed)
        response = HTTPError(
            .serviceUnavailable, message: "too many large requests at once; try again",
            headers: [Header.retryAfter: "1"]
        ).response(instance: request.path)
        return queue()
    }

    /// The time limit of the phase; `nil` for no limit.
    func limit(_ patience: ConnectionPatience) -> Duration? {
        switch phase {
        case .head: return patience.head
        case .body: return patience.limit(for: bodySize)
        case .running, .abandoned, .over: return nil
        case .answered:
            // A stream may take as long as it needs.
            guard let response, response.stream == nil else { return nil }
            return patience.limit(for: response.body.count)
        }
    }

    // MARK: Answering

    private func start() -> Bool {
        phase = .running
        driver.requestsInFlight.wrappingAdd(1, ordering: .relaxed)
        let context = RequestContext(logger: driver.logger, completion: completion, eventLoop: driver.loop)
        let (driver, request) = (driver, request)
        self.request.body = []
        let task = Task.immediate(executorPreference: driver.loop) {
            finish(await driver.response(to: request, context: context))
        }
        if phase == .answered { return queue() }
        self.task = task
        isSuspended = true
        MHD_suspend_connection(handle)
        connection.watchForHangUp()
        return true
    }

    /// Called when the handler has ended.
    private func finish(_ result: Result<Response, any Error>) {
        guard driver.loop.inEventLoop else {
            driver.loop.submit { self.finish(result) }
            return
        }
        guard phase == .running else { return }
        task = nil
        returnBody()
        switch result {
        case .success(let response): self.response = response
        case .failure(let error): response = hasClientGone ? nil : driver.response(to: error, path: request.path)
        }
        phase = response == nil ? .abandoned : .answered
        if isSuspended { driver.answered.append(self) }
    }

    /// Hands the response of a suspended exchange to libmicrohttpd, in the loop's turn but outside libmicrohttpd's
    /// callbacks.
    func deliver() {
        guard isSuspended else { return }
        if phase == .answered, !queue() { phase = .abandoned }
        resume()
    }

    private func resume() {
        isSuspended = false
        MHD_resume_connection(handle)
    }

    private func queue() -> Bool {
        if let size = response?.body.count, size > 0 {
            if TransferLimits.process.takeResponse(size) {
                chargedResponse = size
            } else {
                response = HTTPError(
                    .serviceUnavailable, message: "too many large answers at once; try again",
                    headers: [Header.retryAfter: "1"]
                ).response(instance: request.path)
            }
        }
        guard let response else { return false }
        let firstStep = response.stream?.step(at: 0, of: response.body.count)
        if firstStep == .reset {
            connection.reset()
            return false
        }
        // A large body is passed by reference instead of copied.
        let isLent = response.stream != nil || response.body.count > Response.maximumCopiedBody
        let body =
            isLent
            ? BodyReader(response.body, stream: response.stream, firstStep: firstStep, exchange: self).raw()
            : response.wholeBody()
        let (raw, status) = response.makeRaw(body, closing: driver.isDraining, logger: driver.logger)
        guard let raw else { return false }
        defer { MHD_destroy_response(raw) }
        return MHD_queue_response(handle, UInt32(status.code), raw) == .YES
    }

    /// For a ``BodyReader``, which does not know the connection.
    func resetConnection() { connection.reset() }

    /// Stops writing for `duration`. Called while libmicrohttpd requests the body.
    func pause(for duration: Duration) {
        isSuspended = true
        MHD_suspend_connection(handle)
        driver.loop.schedule(after: duration) { [self] in
            // A server that is shutting down has already resumed it.
            guard isSuspended, phase == .answered else { return }
            resume()
            driver.runAgain()
        }
    }

    // MARK: The end

    /// The peer has closed its side, so nobody waits for the response any more.
    func clientHasGone() {
        guard phase == .running else { return }
        hasClientGone = true
        task?.cancel()
    }

    /// Abandons the exchange because the server is stopping.
    func abandon() {
        if phase == .running || phase == .answered { phase = .abandoned }
        task?.cancel()
        if isSuspended { resume() }
    }

    /// Called when libmicrohttpd is done with the request. The handle must not be used any more.
    func completed(written: Bool) {
        let wasStarted = phase != .head && phase != .body
        returnBody()
        TransferLimits.process.returnResponse(chargedResponse)
        chargedResponse = 0
        phase = .over
        connection.exchange = nil
        if driver.isDraining { connection.endReading() }
        guard wasStarted else { return }
        task?.cancel()
        task = nil
        driver.requestsInFlight.wrappingSubtract(1, ordering: .relaxed)
        completion.complete(
            ResponseCompletion.Outcome(
                written: written && response != nil, status: response?.status ?? .clientClosedRequest,
                bodySize: response?.body.count ?? 0))
    }
}
