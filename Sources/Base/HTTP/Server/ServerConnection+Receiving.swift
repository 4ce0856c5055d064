import EventLoop
import Glibc
import Logging
import Synchronization
import Vocabulary

extension ServerConnection {
    /// Reads what has arrived.
    func receive() {
        let buffer = driver.inputBuffer
        let count = recv(socket, buffer.baseAddress, buffer.count, 0)
        if count > 0 {
            take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        } else if count == 0 {
            inputEnded()
        } else if errno != EAGAIN, errno != EINTR {
            peerHasGone()
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .idle, .head, .body: parse(bytes)
        case .running, .answered, .writing:
            if dropsInput { return }
            unread.append(contentsOf: bytes)
            if unread.count >= Self.maximumUnread {
                isReading = false
                updateWatch()
            }
        case .lingering, .closed: break
        }
    }

    private func parse(_ bytes: UnsafeRawBufferPointer) {
        var input = bytes
        while true {
            switch parser.next(&input) {
            case .more:
                if state == .idle, parser.hasFirstLine { enter(.head) }
                return
            case .head:
                receivedHead()
                guard state == .body else { return }
            case .body(let piece):
                receivedPiece(piece)
                guard state == .body else { return }
            case .complete:
                isRequestComplete = true
                if !input.isEmpty { unread = Array(input) }
                return receivedAll()
            case .malformed(let malformation):
                let isTooLarge = [.requestHeaderFieldsTooLarge, .uriTooLong].contains(malformation.status)
                return refuse(malformation.status, malformation.reason, isTooLarge ? .headSize : .malformed)
            }
        }
    }

    private func receivedHead() {
        request = Request(uri: parser.target, headers: parser.fields, remoteAddress: address)
        request.method = HTTPMethod(rawValue: parser.method)
        request.cameOverUnixSocket = address == nil
        if parser.minorVersion == 0 { request.protocolVersion = "1.0" }
        mustClose = !parser.keepsAlive
        let limit = driver.configuration.maximumBodySize
        let length = parser.contentLength ?? 0
        if length == 0, !parser.isChunked { return pass(.body) }
        enter(.body)
        if length > limit {
            request.bodyExceededLimit = true
            // The client waits for permission to send a body that would be dropped, so answer now.
            if parser.expectsContinue { return answerWithoutRest() }
        } else {
            // Bounded, so that an announced length alone does not allocate memory.
            request.body.reserveCapacity(min(length, 64 << 10))
        }
        if parser.expectsContinue {
            output.append("HTTP/1.1 100 Continue\r\n\r\n")
            sendInterim()
        }
    }

    /// Sends the permission to send a body, later if there is no room for it now.
    func sendInterim() {
        switch output.send(to: socket) {
        case .all: break
        case .some: wantsToWrite = true
        case .failed: return peerHasGone()
        }
        if wantsToWrite {
            wantsToWrite = !output.isEmpty
            updateWatch()
        }
    }

    /// Takes a piece of the body. Excess is read and dropped, so that the client gets its 413, but only up to a limit, in
    /// case it never stops.
    private func receivedPiece(_ piece: UnsafeRawBufferPointer) {
        let limit = driver.configuration.maximumBodySize
        receivedBody += piece.count
        if request.bodyExceededLimit || receivedBody > limit {
            request.bodyExceededLimit = true
            request.body = []
            returnBody()
            if receivedBody > max(limit * 8, 16 << 20) { answerWithoutRest() }
            return
        }
        guard !isBodyRefused else { return }
        guard TransferLimits.process.takeRequest(piece.count) else {
            isBodyRefused = true
            request.body = []
            return returnBody()
        }
        chargedBody += piece.count
        request.body += piece
    }

    func returnBody() {
        TransferLimits.process.returnRequest(chargedBody)
        chargedBody = 0
    }

    private func receivedAll() {
        guard isBodyRefused else {
            if request.bodyExceededLimit { driver.limits.hit(.bodySize) }
            return start()
        }
        // The body has been read to its end, so that the client reads the response.
        refuse(
            .serviceUnavailable, "too many large requests at once; try again", .memory,
            headers: [Header.retryAfter: "1"], closing: false)
    }

    private func answerWithoutRest() {
        mustClose = true
        dropsInput = true
        driver.limits.hit(.bodySize)
        start()
    }

    /// Asks the responder.
    private func start() {
        pass(.running)
        driver.requestsInFlight.wrappingAdd(1, ordering: .relaxed)
        let completion = ResponseCompletion()
        self.completion = completion
        let context = RequestContext(logger: driver.logger, completion: completion, eventLoop: driver.loop)
        let (driver, request) = (driver, request)
        self.request.body = []
        let task = Task.immediate(executorPreference: driver.loop) {
            self.finish(await driver.response(to: request, context: context))
        }
        if state == .running { self.task = task }
    }

    /// Answers a request that no handler sees: it is malformed, too slow or too much. Such a request has no span, so the
    /// line is all that is known of it.
    func refuse(
        _ status: HTTPStatus, _ reason: String, _ limit: ServerLimits.Limit, headers: HTTPFields = [:],
        closing: Bool = true
    ) {
        driver.limits.hit(limit)
        driver.logger.warning(
            "request refused",
            metadata: [
                LogField.component: .string(LogComponent.httpServer), LogField.status: .integer(Int64(status.code)),
                LogField.errorMessage: .string(reason), LogField.peer: .string(address ?? "unix"),
            ])
        response = HTTPError(status, message: reason, headers: headers).response(instance: request.path)
        // A refused HEAD request has no body either (RFC 9110, section 9.3.2).
        if parser.method == HTTPMethod.head.rawValue { request.method = .head }
        if closing {
            mustClose = true
            dropsInput = true
        }
        queueResponse()
    }

    // MARK: The end of input

    private func inputEnded() {
        inputHasEnded = true
        switch state {
        case .idle, .lingering, .closed: close(written: state == .lingering)
        case .head, .body: refuse(.badRequest, "the connection ended within the request", .malformed)
        case .running:
            stopReading()
            giveGrace()
        case .answered, .writing: stopReading()
        }
    }

    /// Has a handler whose client may be gone answer soon.
    private func giveGrace() {
        // Lives as long as the connection runs; a request that is answered by then is not cancelled.
        let request = completion
        driver.loop.schedule(after: Self.graceAfterEnd) { [weak self] in
            guard let self, state == .running, completion === request else { return }
            hasClientGone = true
            task?.cancel()
        }
    }

    /// Otherwise the kernel would report the end of input again and again.
    private func stopReading() {
        isReading = false
        updateWatch()
    }

    /// Goes on with the next request once the present one is answered.
    func nextRequest() {
        parser.reset()
        response = nil
        request = Request(uri: "/")
        (receivedBody, bodyPosition) = (0, 0)
        (isRequestComplete, isBodyRefused, dropsInput, mustClose) = (false, false, false, false)
        enter(.idle)
        if !isReading, !inputHasEnded {
            isReading = true
            updateWatch()
        }
        guard isOpen, !unread.isEmpty else { return }
        let bytes = unread
        unread = []
        bytes.withUnsafeBytes { parse($0) }
        // Nothing will come that could complete what has begun.
        if isOpen, inputHasEnded { inputEnded() }
    }
}
