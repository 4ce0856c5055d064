import EventLoop
import Glibc
import Vocabulary

extension ServerConnection {
    /// Bodies up to this size are copied behind their head, so that one system call sends both.
    private static let maximumCopiedBody = 16 << 10
    /// The largest piece of a body that is written at once.
    private static let pieceSize = 256 << 10

    /// Called when the handler has ended.
    func finish(_ result: Result<Response, any Error>) {
        guard driver.loop.inEventLoop else {
            driver.loop.submit { self.finish(result) }
            return
        }
        guard state == .running else { return }
        task = nil
        returnBody()
        switch result {
        case .success(let response): self.response = response.sendable(driver.logger)
        case .failure(let error): response = hasClientGone ? nil : driver.response(to: error, path: request.path)
        }
        if response == nil { close(written: false) } else { queueResponse() }
    }

    /// Has the response sent at the end of the turn.
    func queueResponse() {
        TransferLimits.process.returnResponse(chargedResponse)
        chargedResponse = 0
        if let size = response?.body.count, size > 0 {
            if TransferLimits.process.takeResponse(size) {
                chargedResponse = size
            } else {
                driver.limits.hit(.memory)
                response = HTTPError(
                    .serviceUnavailable, message: "too many large answers at once; try again",
                    headers: [Header.retryAfter: "1"]
                ).response(instance: request.path)
            }
        }
        pass(.answered)
        guard !isQueued else { return }
        isQueued = true
        driver.loop.sendAtEndOfTurn(self)
    }

    func discardOutput(_ error: any Error) {
        isQueued = false
        guard state == .answered, let response else { return }
        // A refused request has changed nothing.
        if completion != nil { self.response = response.notStored(instance: request.path) }
        queueResponse()
    }

    func sendOutput() {
        isQueued = false
        guard state == .answered, let response else { return }
        firstStep = response.stream?.step(at: 0, of: response.body.count)
        if firstStep == .reset { return reset() }
        // Requests that have already arrived are answered; the last of them hears that it was.
        if driver.isDraining, unread.isEmpty { mustClose = true }
        driver.date.update()
        output.append(
            headOf: response, date: driver.date,
            connection: mustClose ? .close : parser.minorVersion == 0 ? .keepAlive : .none)
        bodyPosition = 0
        if !response.sendsBody(to: request.method) {
            bodyPosition = response.body.count
        } else if response.stream == nil, response.body.count <= Self.maximumCopiedBody {
            output.append(response.body)
            bodyPosition = response.body.count
        }
        pass(.writing)
        write()
    }

    /// Writes as much as the socket takes.
    func write() {
        while state == .writing {
            if !output.isEmpty {
                switch output.send(to: socket) {
                case .all: break
                case .some: return waitUntilWritable()
                case .failed: return peerHasGone()
                }
            }
            guard let response, bodyPosition < response.body.count else { return responseWritten() }
            guard let stream = response.stream else {
                guard send(response.body, Self.pieceSize) else { return }
                continue
            }
            let step = firstStep ?? stream.step(at: bodyPosition, of: response.body.count)
            firstStep = nil
            switch step {
            case .send(let most): guard send(response.body, max(most, 1)) else { return }
            case .pause(let duration): return pause(for: duration)
            case .end:
                shutdown(socket, Int32(SHUT_WR))
                return close(written: false)
            case .reset: return reset()
            }
        }
    }

    /// Writes a piece of the body.
    /// - Returns: whether there may be room for more.
    private func send(_ body: [UInt8], _ most: Int) -> Bool {
        let count = min(most, body.count - bodyPosition)
        let done = body.withUnsafeBytes {
            Glibc.send(socket, $0.baseAddress.map { $0 + bodyPosition }, count, Int32(MSG_NOSIGNAL))
        }
        if done > 0 {
            bodyPosition += done
            return true
        }
        switch errno {
        case EINTR: return true
        case EAGAIN: waitUntilWritable()
        default: peerHasGone()
        }
        return false
    }

    private func waitUntilWritable() {
        guard !wantsToWrite else { return }
        enter(.writing)
        wantsToWrite = true
        updateWatch()
    }

    private func stopWaiting() {
        guard wantsToWrite else { return }
        wantsToWrite = false
        updateWatch()
    }

    /// Writes nothing for `duration`.
    private func pause(for duration: Duration) {
        stopWaiting()
        pauseTimer = driver.loop.schedule(after: duration) { [weak self] in
            guard let self, state == .writing else { return }
            pauseTimer = nil
            write()
        }
    }

    private func responseWritten() {
        stopWaiting()
        guard isOpen else { return }
        let isLast = mustClose || driver.isDraining && unread.isEmpty || inputHasEnded && unread.isEmpty
        complete(written: true)
        response = nil
        if isLast { closeAfterResponse() } else { nextRequest() }
    }
}
