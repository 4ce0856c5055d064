import CCurlLinked
import EventLoop

/// Runs a libcurl multi handle on an event loop. Unchecked: used on the loop's thread only.
final class ClientDriver: @unchecked Sendable {
    let loop: EventLoop
    let configuration: HTTPClient.Configuration
    /// Starts to watch a descriptor, like ``EventLoop/watch(_:for:_:)``.
    let startWatching: Watching
    private let resolver: NameResolver
    private var multi: UnsafeMutableRawPointer?
    private var isShutDown = false
    /// Handles that wait for their next request. They keep their options, because a reset costs more than a request.
    private var idle: [ClientTransfer] = []
    private var active: [ObjectIdentifier: ClientCall] = [:]
    /// Calls that wait for the addresses of their host, or for other calls to end.
    private var waiting: [ObjectIdentifier: ClientCall] = [:]
    private let places: HostPlaces
    private var origins: [Substring: Origin] = [:]
    var sockets: [Int32: Socket] = [:]
    /// When libcurl next wants to be called, on the clock of ``ContinuousClock``.
    var due: ContinuousClock.Instant?
    var timer: (timer: EventLoop.Timer, due: ContinuousClock.Instant)?
    /// Set while a call to libcurl follows anyway.
    private(set) var willKick = false

    typealias Watching =
        (Int32, EventLoop.Interest, @escaping (EventLoop.Interest) -> Void) throws -> EventLoop.Watch

    private static let initialized: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(
        loop: EventLoop, configuration: HTTPClient.Configuration, resolver: NameResolver? = nil,
        watch: Watching? = nil
    ) {
        self.loop = loop
        self.configuration = configuration
        self.resolver = resolver ?? NameResolver(loop: loop)
        places = HostPlaces(limit: configuration.maximumConnectionsPerHost, loop: loop)
        startWatching = watch ?? { [unowned loop] in try loop.watch($0, for: $1, $2) }
    }

    // MARK: Calls

    func begin(_ call: ClientCall, _ request: HTTPClient.Request, timeout: Duration) {
        guard !call.isCancelled else { return call.finish(.failure(CancellationError())) }
        guard !isShutDown else { return call.finish(.failure(HTTPClientError.alreadyShutdown)) }
        call.host = Origin.key(of: request.url)
        if places.enter(call) {
            call.hasPlace = true
            return resolve(call, request, timeout: timeout)
        }
        let deadline = ContinuousClock.now + timeout
        call.turn = { [unowned self, unowned call] in
            waiting[ObjectIdentifier(call)] = nil
            call.turn = nil
            call.patience?.cancel()
            call.patience = nil
            call.hasPlace = true
            resolve(call, request, timeout: deadline - .now)
        }
        call.patience = loop.schedule(after: timeout) { [unowned self] in
            end(call, .failure(HTTPClientError.timeout))
        }
        waiting[ObjectIdentifier(call)] = call
    }

    private func resolve(_ call: ClientCall, _ request: HTTPClient.Request, timeout: Duration) {
        guard case .named(let name) = origin(of: request.url, call.host) else {
            return start(call, request, timeout: timeout)
        }
        call.name = name
        switch resolver.known(name.host) {
        case .success(let addresses)?:
            start(call, request, timeout: timeout, resolved: name.entries(addresses))
        case .failure(let error)?:
            end(call, .failure(HTTPClientError.connectFailed(error.description)))
        case nil:
            lookUp(name, for: call, request, timeout: timeout)
        }
    }

    /// Waits for the host's addresses, at most for the connect timeout.
    private func lookUp(_ name: HostName, for call: ClientCall, _ request: HTTPClient.Request, timeout: Duration) {
        let deadline = ContinuousClock.now + timeout
        let waiter = resolver.wait(for: name.host) { [unowned self] answer in
            call.lookup?.timer.cancel()
            call.lookup = nil
            waiting[ObjectIdentifier(call)] = nil
            switch answer {
            case .success(let addresses):
                start(call, request, timeout: deadline - .now, resolved: name.entries(addresses))
            case .failure(let error):
                end(call, .failure(HTTPClientError.connectFailed(error.description)))
            }
        }
        let isAll = timeout <= configuration.connectTimeout
        let timer = loop.schedule(after: isAll ? timeout : configuration.connectTimeout) { [unowned self] in
            let error = HTTPClientError.connectTimedOut("no name server has told the addresses of \(name.host) yet")
            end(call, .failure(isAll ? .timeout : error))
        }
        call.lookup = (waiter, timer)
        waiting[ObjectIdentifier(call)] = call
    }

    private func start(
        _ call: ClientCall, _ request: HTTPClient.Request, timeout: Duration, resolved: [String] = []
    ) {
        guard let multi = openMulti(), let transfer = idle.popLast() ?? makeTransfer() else {
            return end(call, .failure(HTTPClientError.transferFailed("there is no memory")))
        }
        transfer.prepare(request, timeout: timeout, resolved: resolved)
        transfer.call = call
        call.transfer = transfer
        active[ObjectIdentifier(transfer)] = call
        // Adding a handle makes libcurl request an immediate call, which follows anyway.
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
        guard call.transfer != nil || waiting[ObjectIdentifier(call)] != nil else { return }
        end(call, .failure(CancellationError()))
    }

    func shutdown() {
        guard !isShutDown else { return }
        isShutDown = true
        for call in [_](active.values) + waiting.values { end(call, .failure(HTTPClientError.alreadyShutdown)) }
        for transfer in idle { transfer.destroy() }
        idle = []
        // Closes all connections through `onClose`.
        if let multi { curl_multi_cleanup(multi) }
        multi = nil
        for socket in sockets.values { socket.watch?.cancel() }
        sockets = [:]
        timer?.timer.cancel()
        (timer, due) = (nil, nil)
    }

    /// Releases what the call holds (a handle, its place in a queue or among the active calls) and notifies the caller.
    private func end(_ call: ClientCall, _ result: Result<HTTPClient.Response, any Error>) {
        if call.transfer == nil { waiting[ObjectIdentifier(call)] = nil }
        if let lookup = call.lookup {
            call.lookup = nil
            lookup.timer.cancel()
            resolver.forget(lookup.waiter)
        }
        call.turn = nil
        call.patience?.cancel()
        call.patience = nil
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
            if let name = call.name, case .failure(let error as HTTPClientError) = result, error.neverConnected {
                resolver.distrust(name.host)
            }
        }
        if call.hasPlace {
            call.hasPlace = false
            places.leave(call)
        }
        call.finish(result)
    }

    /// Ends the transfer of a handle whose socket cannot be watched, because it would never progress. Deferred, since
    /// libcurl is in the middle of a callback.
    func fail(_ easy: UnsafeMutableRawPointer?, _ error: any Error) {
        guard let call = Self.transfer(easy)?.call else { return }
        let transfer = call.transfer
        loop.schedule(after: .zero) { [self] in
            guard let transfer, call.transfer === transfer else { return }
            end(call, .failure(HTTPClientError.transferFailed("its socket cannot be watched: \(error)")))
        }
    }

    /// Tells libcurl that a socket is ready, or that time has passed (`CURL_SOCKET_BAD`, which means "timeout").
    func kick(_ socket: Int32, _ events: Int32) {
        guard let multi else { return }
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, events, &running)
        var code = CURLE_OK
        while let easy = tailspan_curl_next_finished(multi, &code) {
            guard let transfer = Self.transfer(easy), let call = transfer.call else { continue }
            end(call, transfer.result(code))
        }
    }

    private static func transfer(_ easy: UnsafeMutableRawPointer?) -> ClientTransfer? {
        guard let easy, let pointer = tailspan_curl_private(easy) else { return nil }
        return Unmanaged<ClientTransfer>.fromOpaque(pointer).takeUnretainedValue()
    }

    private func origin(of url: String, _ key: Substring) -> Origin {
        if let known = origins[key] { return known }
        // Normally there are few origins, unless a caller uses one address after another.
        if origins.count >= 256 { origins = [:] }
        let origin = Origin(url)
        // A copy, because a slice would keep the whole URL alive.
        origins[Substring(String(key))] = origin
        return origin
    }

    private func openMulti() -> UnsafeMutableRawPointer? {
        if let multi { return multi }
        guard Self.initialized, let multi = curl_multi_init() else { return nil }
        tailspan_curl_multi_set_long(
            multi, CURLMOPT_MAXCONNECTS, max(configuration.maximumConnectionsPerHost * 4, 16))
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
}
