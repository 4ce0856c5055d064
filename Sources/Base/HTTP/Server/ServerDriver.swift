import CLinux
import EventLoop
import Glibc
import Logging
import Synchronization

/// Accepts connections on an event loop and owns them until they are closed.
///
/// Unchecked: all mutable state that is neither atomic nor locked is used on the loop's thread only.
final class ServerDriver: @unchecked Sendable {
    enum Phase {
        case new, listening, draining, stopped
    }

    let loop: EventLoop
    let logger: Logger
    let configuration: HTTPServer.Configuration
    let responder: any HTTPResponder
    let limits: ServerLimits
    let port = Atomic<Int>(0)
    let requestsInFlight = Atomic<Int>(0)
    let patience: ConnectionPatience

    private(set) var phase = Phase.new
    private(set) var connections: [ObjectIdentifier: ServerConnection] = [:]
    var date = DateField()
    /// What has just been read from a socket. One is enough, since nothing is left in it between two reads.
    let inputBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var listeners: [(socket: ListeningSocket, watch: EventLoop.Watch?)] = []
    private var drainTimer: EventLoop.Timer?
    var patienceTimer: EventLoop.Timer?
    private var waiters: [UnsafeContinuation<Void, Never>] = []

    init(
        configuration: HTTPServer.Configuration, responder: any HTTPResponder, eventLoop: EventLoop, logger: Logger,
        limits: ServerLimits
    ) {
        self.configuration = configuration
        self.responder = responder
        self.loop = eventLoop
        self.logger = logger
        self.limits = limits
        patience = ConnectionPatience(
            head: configuration.headTimeout, body: configuration.bodyTimeout,
            bytesPerSecond: configuration.minimumBytesPerSecond)
    }

    deinit { inputBuffer.deallocate() }

    var isDraining: Bool { phase == .draining }

    func start() throws {
        if phase == .listening { return }
        guard phase == .new else { throw HTTPServerError(description: "the server was shut down") }
        do {
            let socket = try ListeningSocket(host: configuration.host, port: configuration.port)
            try listen(on: socket)
            if let path = configuration.socketPath { try listen(on: ListeningSocket(path: path)) }
            phase = .listening
            port.store(socket.port, ordering: .releasing)
        } catch {
            stopListening()
            throw error
        }
    }

    private func listen(on socket: ListeningSocket) throws {
        listeners.append((socket, nil))
        do {
            // The watch keeps the driver alive as long as it listens.
            listeners[listeners.count - 1].watch = try loop.watch(socket.descriptor, for: .read) { [self] _ in
                accept(from: socket)
            }
        } catch {
            throw HTTPServerError(description: "the event loop cannot watch the server: \(error)")
        }
    }

    // MARK: Connections

    /// Accepts what is waiting, some at a time, so that other work gets its turn.
    @discardableResult
    private func accept(from listener: ListeningSocket, atMost most: Int = 64) -> Int {
        for count in 0..<most {
            var address = sockaddr_storage()
            let descriptor = listener.accept(&address)
            guard descriptor >= 0 else {
                if errno == EMFILE || errno == ENFILE { waitForDescriptors(listener) }
                return count
            }
            add(descriptor, listener.isUnix ? nil : describe(&address))
        }
        return most
    }

    private func add(_ descriptor: Int32, _ address: String?) {
        let connection = ServerConnection(socket: descriptor, address: address, driver: self)
        do { try connection.open() } catch {
            logger.debug("a connection cannot be watched", error: error)
            close(descriptor)
            return
        }
        connections[ObjectIdentifier(connection)] = connection
        TransferLimits.process.connectionOpened()
        makeRoom(for: connection)
        lookForSlowConnections()
        // The request is usually there already. Unread, the connection would be taken for an idle one.
        if connection.isOpen { connection.receive() }
    }

    /// With no descriptor left, a waiting connection would be reported again and again. Closing one makes room.
    private func waitForDescriptors(_ listener: ListeningSocket) {
        limits.hit(.connections)
        guard let index = listeners.firstIndex(where: { $0.socket.descriptor == listener.descriptor }) else { return }
        do { try listeners[index].watch?.update([]) } catch {
            logger.error("the server cannot pause accepting connections", error: error)
        }
        makeRoom(for: nil)
        loop.schedule(after: .milliseconds(50)) { [weak self] in
            guard let self, phase == .listening, index < listeners.count else { return }
            do { try listeners[index].watch?.update(.read) } catch {
                logger.error("the server cannot accept connections any more", error: error)
            }
        }
    }

    func closed(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        TransferLimits.process.connectionClosed()
        if phase == .draining, connections.isEmpty { loop.submit { self.stop() } }
    }

    // MARK: Shutdown

    func beginShutdown() {
        switch phase {
        case .new: stop()
        case .listening: drain()
        case .draining, .stopped: break
        }
    }

    func untilStopped() async {
        await withUnsafeContinuation { continuation in
            let accepted = loop.submit {
                if self.phase == .stopped { continuation.resume() } else { self.waiters.append(continuation) }
            }
            if !accepted { continuation.resume() }
        }
    }

    /// Connections that the kernel has already accepted are still served, and so is a request that has already arrived
    /// on an idle connection.
    private func drain() {
        phase = .draining
        for listener in listeners {
            while accept(from: listener.socket) > 0, connections.count < configuration.maximumConnections {}
        }
        stopListening()
        for connection in connections.values { connection.drain() }
        guard !connections.isEmpty else { return stop() }
        drainTimer = loop.schedule(after: configuration.drainTimeout) { [unowned self] in
            let requests = requestsInFlight.load(ordering: .relaxed)
            if requests > 0 {
                logger.warning(
                    "requests were cut off: the drain timeout has passed",
                    metadata: ["requests": .integer(Int64(requests))])
            }
            stop()
        }
    }

    private func stopListening() {
        for listener in listeners {
            listener.watch?.cancel()
            listener.socket.close()
        }
        listeners = []
    }

    private func stop() {
        guard phase != .stopped else { return }
        phase = .stopped
        stopListening()
        drainTimer?.cancel()
        patienceTimer?.cancel()
        (drainTimer, patienceTimer) = (nil, nil)
        for connection in connections.values { connection.close(written: false) }
        for waiter in waiters { waiter.resume() }
        waiters = []
    }
}
