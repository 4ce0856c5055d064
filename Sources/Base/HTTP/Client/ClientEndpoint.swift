import EventLoop
import Glibc

/// The connections to one origin, and the calls that wait for one: first come, first served. Loop thread only.
final class ClientEndpoint {
    let origin: HTTPOrigin
    unowned let driver: ClientDriver
    /// Connections without a request, the one used last at the end. It is used next, so that the others can age.
    private var idle: [ClientConnection] = []
    private var all: [ObjectIdentifier: ClientConnection] = [:]
    private var connectors: [ObjectIdentifier: Connector] = [:]
    private var queue: [ClientCall] = []
    /// The index of the queue's first call; the calls before it are gone.
    private var head = 0
    /// The calls in the queue that still wait.
    private var waiting = 0
    private var sweepTimer: EventLoop.Timer?
    private var isAdvancing = false

    init(_ origin: HTTPOrigin, driver: ClientDriver) {
        self.origin = origin
        self.driver = driver
    }

    // MARK: Calls

    func run(_ call: ClientCall) {
        if waiting == 0, !call.needsNewConnection, let connection = takeIdle() {
            return connection.start(call, isReused: true)
        }
        call.isWaiting = true
        waiting += 1
        queue.append(call)
        advance()
    }

    /// Sends a call again, before all others, whose connection had been closed before the request arrived.
    func resend(_ call: ClientCall) {
        call.needsNewConnection = true
        call.isWaiting = true
        waiting += 1
        if head > 0 {
            head -= 1
            queue[head] = call
        } else {
            queue.insert(call, at: 0)
        }
        advance()
    }

    /// A call has ended while it waited. It stays in the queue until its turn, unless such calls are the majority.
    func stoppedWaiting(_ call: ClientCall) {
        call.isWaiting = false
        waiting -= 1
        guard queue.count - head >= 64, waiting * 2 < queue.count - head else { return }
        queue = queue[head...].filter(\.isWaiting)
        head = 0
    }

    private func firstWaiting() -> ClientCall? {
        while head < queue.count, !queue[head].isWaiting { head += 1 }
        guard head < queue.count else {
            queue.removeAll(keepingCapacity: true)
            head = 0
            return nil
        }
        if head >= 1024 {
            queue.removeFirst(head)
            head = 0
        }
        return queue[head]
    }

    private func removeFirst() {
        queue[head].isWaiting = false
        head += 1
        waiting -= 1
    }

    /// Gives the waiting calls the connections that are free, and opens more if that is allowed.
    private func advance() {
        // What is done here can end connections, and the end of one calls this again: the loops below notice it.
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while let call = firstWaiting(), !call.needsNewConnection, let connection = takeIdle() {
            removeFirst()
            connection.start(call, isReused: true)
        }
        while connectors.count < waiting,
            all.count + connectors.count < max(driver.configuration.maximumConnectionsPerHost, 1)
        {
            connect()
        }
    }

    // MARK: Connections

    private func takeIdle() -> ClientConnection? {
        while let connection = idle.popLast() {
            if connection.expiry > .now, !connection.hasUnreadInput { return connection }
            connection.close()
        }
        return nil
    }

    /// A connection has received a whole response and can be used again.
    func becameIdle(_ connection: ClientConnection) {
        if let call = firstWaiting(), !call.needsNewConnection, connection.expiry > .now, !connection.hasUnreadInput {
            removeFirst()
            return connection.start(call, isReused: true)
        }
        idle.append(connection)
        sweepLater()
        if waiting > 0 { advance() }
    }

    func closed(_ connection: ClientConnection) {
        all[ObjectIdentifier(connection)] = nil
        idle.removeAll { $0 === connection }
        if waiting > 0 { advance() }
    }

    private func connect() {
        let connector = Connector(self)
        connectors[ObjectIdentifier(connector)] = connector
        connector.start()
    }

    func connected(_ connector: Connector, _ result: Result<Int32, HTTPClientError>) {
        guard connectors.removeValue(forKey: ObjectIdentifier(connector)) != nil else { return }
        switch result {
        case .success(let socket):
            let connection = ClientConnection(socket: socket, endpoint: self)
            do { try connection.open() } catch {
                Glibc.close(socket)
                failFirst(.transferFailed("its socket cannot be watched: \(error)"))
                return advance()
            }
            all[ObjectIdentifier(connection)] = connection
            if let call = firstWaiting() {
                removeFirst()
                connection.start(call, isReused: false)
            } else {
                idle.append(connection)
                sweepLater()
            }
        case .failure(let error):
            if case .name(let name, _) = origin.place, error.neverConnected { driver.resolver.distrust(name) }
            failFirst(error)
        }
        // More calls may wait than connections were allowed, or idle ones behind a call that needed a new one.
        if waiting > 0 { advance() }
    }

    /// Fails the call that has waited longest, unless a connection that is being opened will serve it.
    private func failFirst(_ error: HTTPClientError) {
        guard waiting > connectors.count, let call = firstWaiting() else { return }
        guard call.mayHaveArrived else { return driver.end(call, .failure(error)) }
        // It did connect, the time before, so that nobody may conclude that nothing was sent.
        let reason = "the connection was closed before it was answered, and it could not be sent again: \(error)"
        driver.end(call, .failure(HTTPClientError.transferFailed(reason)))
    }

    // MARK: The end

    /// Closes connections that are too old although nobody wants to use them.
    private func sweepLater() {
        guard sweepTimer == nil else { return }
        sweepTimer = driver.loop.schedule(after: driver.configuration.maximumConnectionAge) { [weak self] in
            guard let self else { return }
            sweepTimer = nil
            let now = ContinuousClock.now
            for connection in idle where connection.expiry <= now { connection.close() }
            if !idle.isEmpty { sweepLater() }
        }
    }

    func closeAll() {
        sweepTimer?.cancel()
        for connector in connectors.values { connector.cancel() }
        connectors = [:]
        for connection in all.values { connection.close() }
    }

    /// - Returns: whether nothing used the endpoint, in which case it is closed.
    func closeIfUnused() -> Bool {
        guard waiting == 0, connectors.isEmpty, all.count == idle.count else { return false }
        closeAll()
        return true
    }
}
