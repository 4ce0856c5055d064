import CCurl
import EventLoop
import Glibc

/// One call of ``HTTPClient/execute(_:timeout:)``.
///
/// Unchecked: the continuation is set before the call is handed to the loop; then the loop's thread alone touches it
/// (or the caller's, when the loop has ended).
final class ClientCall: @unchecked Sendable {
    var continuation: UnsafeContinuation<HTTPClient.Response, any Error>?
    var transfer: ClientTransfer?
    var isCancelled = false

    /// Ends the call; a second time does nothing.
    func finish(_ result: Result<HTTPClient.Response, any Error>) {
        guard let continuation else { return }
        self.continuation = nil
        continuation.resume(with: result)
    }
}

/// Runs a libcurl multi handle on an event loop. Unchecked: used on the loop's thread only.
final class ClientDriver: @unchecked Sendable {
    let loop: EventLoop
    private let configuration: HTTPClient.Configuration
    private var multi: UnsafeMutableRawPointer?
    private var isShutDown = false
    /// Handles that wait for their next request. They keep their options: resetting them costs more than a request.
    private var idle: [ClientTransfer] = []
    private var active: [ObjectIdentifier: ClientCall] = [:]
    private var sockets: [Int32: Socket] = [:]
    /// When libcurl wants to be called next, on the clock of ``ContinuousClock``.
    private var due: ContinuousClock.Instant?
    private var timer: (timer: EventLoop.Timer, due: ContinuousClock.Instant)?
    /// Set while libcurl will be called anyway.
    private var willKick = false

    /// A socket that libcurl waits for.
    private struct Socket {
        /// Opened by us, closed by us, so that it may stay watched while its connection is idle.
        var isOwn: Bool
        var watch: EventLoop.Watch?
        var isIdle = true
    }

    private static let initialized: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(loop: EventLoop, configuration: HTTPClient.Configuration) {
        self.loop = loop
        self.configuration = configuration
    }

    // MARK: Calls

    func begin(_ call: ClientCall, _ request: HTTPClient.Request, timeout: Duration) {
        guard !call.isCancelled else { return call.finish(.failure(CancellationError())) }
        guard !isShutDown, let multi = openMulti(), let transfer = idle.popLast() ?? makeTransfer() else {
            return call.finish(.failure(HTTPClientError.alreadyShutdown))
        }
        transfer.prepare(request, timeout: timeout)
        transfer.call = call
        call.transfer = transfer
        active[ObjectIdentifier(transfer)] = call
        // Adding asks for a call at once, which follows.
        willKick = true
        let code = curl_multi_add_handle(multi, transfer.easy)
        willKick = false
        guard code == CURLM_OK else {
            end(call, .failure(HTTPClientError.transferFailed(String(cString: curl_multi_strerror(code)))))
            return
        }
        kick(CURL_SOCKET_BAD, 0)
    }

    func cancel(_ call: ClientCall) {
        call.isCancelled = true
        guard call.transfer != nil else { return }
        end(call, .failure(CancellationError()))
    }

    func shutdown() {
        guard !isShutDown else { return }
        isShutDown = true
        for call in active.values { end(call, .failure(HTTPClientError.alreadyShutdown)) }
        for transfer in idle { transfer.destroy() }
        idle = []
        // Closes all connections, by way of `onClose`.
        if let multi { curl_multi_cleanup(multi) }
        multi = nil
        for socket in sockets.values { socket.watch?.cancel() }
        sockets = [:]
        timer?.timer.cancel()
        (timer, due) = (nil, nil)
    }

    /// Takes the call's handle back and tells the caller.
    private func end(_ call: ClientCall, _ result: Result<HTTPClient.Response, any Error>) {
        if let transfer = call.transfer {
            call.transfer = nil
            transfer.call = nil
            active[ObjectIdentifier(transfer)] = nil
            curl_multi_remove_handle(multi, transfer.easy)
            if idle.count < configuration.maximumConnectionsPerHost, !isShutDown {
                transfer.release()
                idle.append(transfer)
            } else {
                transfer.destroy()
            }
        }
        call.finish(result)
    }

    /// Tells libcurl that a socket is ready, or (`CURL_SOCKET_BAD`, which is its "timeout") that time has passed.
    private func kick(_ socket: Int32, _ events: Int32) {
        guard let multi else { return }
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, events, &running)
        var code = CURLE_OK
        while let easy = tailspan_curl_next_finished(multi, &code) {
            guard let pointer = tailspan_curl_private(easy) else { continue }
            let transfer = Unmanaged<ClientTransfer>.fromOpaque(pointer).takeUnretainedValue()
            guard let call = transfer.call else { continue }
            end(call, transfer.result(code))
        }
    }

    private func openMulti() -> UnsafeMutableRawPointer? {
        if let multi { return multi }
        guard Self.initialized, let multi = curl_multi_init() else { return nil }
        let limit = configuration.maximumConnectionsPerHost
        tailspan_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, limit)
        tailspan_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(limit * 4, 16))
        tailspan_curl_multi_set_callbacks(
            multi, Self.onSocket, Self.onTimer, Unmanaged.passUnretained(self).toOpaque())
        self.multi = multi
        return multi
    }

    private func makeTransfer() -> ClientTransfer? {
        ClientTransfer(
            configuration: configuration, onOpen: Self.onOpen, onClose: Self.onClose,
            driver: Unmanaged.passUnretained(self).toOpaque())
    }

    // MARK: What libcurl calls

    private static func driver(_ context: UnsafeMutableRawPointer?) -> ClientDriver? {
        context.map { Unmanaged<ClientDriver>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let onOpen: curl_opensocket_callback = { context, _, address in
        guard let address else { return CURL_SOCKET_BAD }
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.pointee.family, address.pointee.socktype | flags, address.pointee.protocol)
        if descriptor >= 0 { driver(context)?.sockets[descriptor] = Socket(isOwn: true) }
        return descriptor
    }

    private static let onClose: curl_closesocket_callback = { context, descriptor in
        driver(context)?.sockets.removeValue(forKey: descriptor)?.watch?.cancel()
        return Glibc.close(descriptor)
    }

    private static let onSocket: curl_socket_callback = { _, descriptor, what, context, _ in
        driver(context)?.wait(for: descriptor, what)
        return 0
    }

    private static let onTimer: curl_multi_timer_callback = { _, milliseconds, context in
        driver(context)?.wake(after: milliseconds)
        return 0
    }

    /// A connection that becomes idle stays watched, which saves two system calls a request; should something arrive
    /// meanwhile (the server's end, as a rule) the watch is given up and libcurl finds out when it wants the connection.
    private func wait(for descriptor: Int32, _ what: Int32) {
        var socket = sockets[descriptor] ?? Socket(isOwn: false)
        if what == CURL_POLL_REMOVE {
            guard socket.isOwn else {
                sockets.removeValue(forKey: descriptor)?.watch?.cancel()
                return
            }
            socket.isIdle = true
        } else {
            let interest: EventLoop.Interest =
                what == CURL_POLL_IN ? .read : what == CURL_POLL_OUT ? .write : [.read, .write]
            socket.isIdle = false
            do {
                if let watch = socket.watch {
                    try watch.update(interest)
                } else {
                    socket.watch = try loop.watch(descriptor, for: interest) { [unowned self] ready in
                        self.ready(descriptor, ready)
                    }
                }
            } catch {
                // The transfer ends with its timeout; not met in practice, the kernel being out of memory.
                socket.watch?.cancel()
                socket.watch = nil
            }
        }
        sockets[descriptor] = socket
    }

    private func ready(_ descriptor: Int32, _ ready: EventLoop.Interest) {
        if let socket = sockets[descriptor], socket.isIdle {
            socket.watch?.cancel()
            sockets[descriptor]?.watch = nil
            return
        }
        var events: Int32 = 0
        if ready.contains(.read) { events |= CURL_CSELECT_IN }
        if ready.contains(.write) { events |= CURL_CSELECT_OUT }
        if ready.contains(.error) { events |= CURL_CSELECT_ERR }
        kick(descriptor, events)
    }

    /// libcurl moves its deadline with every transfer; the timer is set anew only when it would fire too late.
    private func wake(after milliseconds: Int) {
        guard milliseconds >= 0 else {
            due = nil
            return
        }
        if milliseconds == 0, willKick { return }
        let due = ContinuousClock.now + .milliseconds(milliseconds)
        self.due = due
        if let timer, timer.due <= due { return }
        timer?.timer.cancel()
        setTimer(after: .milliseconds(milliseconds), due)
    }

    private func setTimer(after delay: Duration, _ due: ContinuousClock.Instant) {
        timer = (loop.schedule(after: delay) { [unowned self] in timerFired() }, due)
    }

    private func timerFired() {
        timer = nil
        guard let due else { return }
        let now = ContinuousClock.now
        if due > now { return setTimer(after: due - now, due) }
        self.due = nil
        kick(CURL_SOCKET_BAD, 0)
    }
}
