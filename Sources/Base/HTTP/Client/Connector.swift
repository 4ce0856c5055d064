import CLinux
import EventLoop
import Glibc

/// Opens one connection: looks up the name, then tries the addresses one after the other, the next one as soon as one
/// fails or has not answered for a moment, and keeps the first that answers (RFC 8305). Loop thread only.
final class Connector {
    /// How long an address may take before the next one is tried beside it (RFC 8305, section 8).
    private static let attemptDelay = Duration.milliseconds(250)
    /// How soon a Unix-domain socket whose queue is full is tried again.
    private static let queueDelay = Duration.milliseconds(5)

    private unowned let endpoint: ClientEndpoint
    private var driver: ClientDriver { endpoint.driver }
    private var untried: ArraySlice<TCPAddress> = []
    private var attempts: [(socket: Int32, watch: EventLoop.Watch)] = []
    private var waiter: NameResolver.Waiter?
    private var deadline: EventLoop.Timer?
    private var nextAttempt: EventLoop.Timer?
    private var lastError = "no address"
    private var isOver = false

    init(_ endpoint: ClientEndpoint) { self.endpoint = endpoint }

    func start() {
        switch endpoint.origin.place {
        case .addresses(let addresses, let port):
            waitAtMost("\(endpoint.origin.authority) has not answered")
            connect(to: addresses, port)
        case .socket(let address):
            waitAtMost("\(address.path) has not answered")
            connect(to: address)
        case .name(let name, let port): lookUp(name, port)
        }
    }

    private func waitAtMost(_ message: String) {
        deadline?.cancel()
        deadline = driver.loop.schedule(after: driver.configuration.connectTimeout) { [unowned self] in
            finish(.failure(.connectTimedOut(message)))
        }
    }

    private func lookUp(_ name: String, _ port: UInt16) {
        if let answer = driver.resolver.known(name) { return lookedUp(answer, port) }
        waitAtMost("no name server has told the addresses of \(name) yet")
        waiter = driver.resolver.wait(for: name) { [weak self] answer in
            guard let self, !isOver else { return }
            waiter = nil
            lookedUp(answer, port)
        }
    }

    private func lookedUp(_ answer: NameResolver.Answer, _ port: UInt16) {
        switch answer {
        case .success(let addresses):
            waitAtMost("\(endpoint.origin.authority) has not answered")
            // Spreads the connections over the addresses of a name.
            connect(to: addresses.shuffled(), port)
        case .failure(let error): finish(.failure(.connectFailed(error.description)))
        }
    }

    // MARK: Attempts

    private func connect(to addresses: [String], _ port: UInt16) {
        untried = addresses.compactMap { TCPAddress($0, port: port) }[...]
        tryNext()
    }

    private func tryNext() {
        nextAttempt?.cancel()
        nextAttempt = nil
        while let address = untried.popFirst() {
            guard !isOver else { return }
            let socket = Glibc.socket(address.family, SocketFlags.stream, 0)
            guard socket >= 0 else {
                lastError = describeError()
                continue
            }
            SocketFlags.sendAtOnce(socket)
            tailspan_notice_silence(socket)
            let before = attempts.count
            attempt(socket, address.with { Glibc.connect(socket, $0, $1) })
            // One that has failed already needs no time to answer.
            guard attempts.count > before else { continue }
            guard !isOver, !untried.isEmpty else { break }
            nextAttempt = driver.loop.schedule(after: Self.attemptDelay) { [unowned self] in tryNext() }
            return
        }
        if attempts.isEmpty { finish(.failure(.connectFailed(lastError))) }
    }

    private func connect(to address: UnixAddress) {
        let socket = Glibc.socket(AF_UNIX, SocketFlags.stream, 0)
        guard socket >= 0 else { return finish(.failure(.connectFailed(describeError()))) }
        let code = address.with { Glibc.connect(socket, $0, $1) }
        if code != 0, errno == EAGAIN {
            close(socket)
            nextAttempt = driver.loop.schedule(after: Self.queueDelay) { [unowned self] in connect(to: address) }
            return
        }
        attempt(socket, code)
        if attempts.isEmpty { finish(.failure(.connectFailed(lastError))) }
    }

    private func attempt(_ socket: Int32, _ code: Int32) {
        if code == 0 { return finish(.success(socket)) }
        guard errno == EINPROGRESS else {
            lastError = describeError()
            close(socket)
            return
        }
        do {
            let watch = try driver.startWatching(socket, .write) { [unowned self] _ in ready(socket) }
            attempts.append((socket, watch))
        } catch {
            close(socket)
            finish(.failure(.transferFailed("its socket cannot be watched: \(error)")))
        }
    }

    private func ready(_ socket: Int32) {
        guard let index = attempts.firstIndex(where: { $0.socket == socket }) else { return }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
        attempts[index].watch.cancel()
        attempts.remove(at: index)
        if code == 0 { return finish(.success(socket)) }
        close(socket)
        lastError = describeError(code)
        if !untried.isEmpty { tryNext() } else if attempts.isEmpty { finish(.failure(.connectFailed(lastError))) }
    }

    private func describeError(_ code: Int32 = errno) -> String {
        "\(endpoint.origin.place.description): \(String(cString: strerror(code)))"
    }

    // MARK: The end

    private func finish(_ result: Result<Int32, HTTPClientError>) {
        guard !isOver else {
            if case .success(let socket) = result { close(socket) }
            return
        }
        cancel()
        endpoint.connected(self, result)
    }

    func cancel() {
        isOver = true
        deadline?.cancel()
        nextAttempt?.cancel()
        if let waiter { driver.resolver.forget(waiter) }
        waiter = nil
        for attempt in attempts {
            attempt.watch.cancel()
            close(attempt.socket)
        }
        attempts = []
        untried = []
    }
}
