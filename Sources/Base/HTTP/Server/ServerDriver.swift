import CMicroHTTPD
import Encoding
import EventLoop
import Glibc
import Logging
import Synchronization

/// Runs a libmicrohttpd daemon on an event loop.
///
/// The daemon has its own epoll descriptor, which the loop watches. Anything that happens in a turn of the loop (ready
/// sockets, finished handlers, expired connections) requests one run of the daemon at the end of the turn.
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
    let port = Atomic<Int>(0)
    let requestsInFlight = Atomic<Int>(0)

    private(set) var phase = Phase.new
    var connections: [ObjectIdentifier: ClientConnection] = [:]
    /// Suspended exchanges whose handler has ended since the daemon last ran.
    var answered: [Exchange] = []
    private var mustRun = false
    private var mustStopListening = false
    private var daemon: OpaquePointer?
    private var listening: Int32 = -1
    private var watch: EventLoop.Watch?
    private var hook: EventLoop.PollHook?
    private var idleTimer: (timer: EventLoop.Timer, due: ContinuousClock.Instant)?
    private var drainTimer: EventLoop.Timer?
    var patienceTimer: EventLoop.Timer?
    let patience: ConnectionPatience
    private var waiters: [UnsafeContinuation<Void, Never>] = []

    /// The memory a connection may use for the heads of request and response. libmicrohttpd clears it after every
    /// request, so a larger value costs time. A request head larger than half of it is answered with 431.
    static let memoryPerConnection = 16 << 10

    init(
        configuration: HTTPServer.Configuration, responder: any HTTPResponder, eventLoop: EventLoop, logger: Logger
    ) {
        self.configuration = configuration
        self.responder = responder
        self.loop = eventLoop
        self.logger = logger
        patience = ConnectionPatience(
            head: configuration.headTimeout, body: configuration.bodyTimeout,
            bytesPerSecond: configuration.minimumBytesPerSecond)
    }

    var isDraining: Bool { phase == .draining }

    func start() throws {
        if phase == .listening { return }
        guard phase == .new else { throw HTTPServerError(description: "the server was shut down") }
        let socket = try ListeningSocket(host: configuration.host, port: configuration.port)
        let daemon = tailspan_mhd_start(
            socket.descriptor, UInt32(max(configuration.maximumConnections, 1) + Self.spareConnections),
            UInt32(clamping: configuration.idleTimeout.roundedUp(toNanoseconds: 1_000_000_000)),
            Self.memoryPerConnection,
            Self.onConnection, Self.onURI, Self.onRequest, Self.onCompleted, Unmanaged.passUnretained(self).toOpaque())
        guard let daemon else {
            close(socket.descriptor)
            throw HTTPServerError(description: "libmicrohttpd did not start on port \(socket.port)")
        }
        do {
            watch = try loop.watch(tailspan_mhd_epoll(daemon), for: .read) { [unowned self] _ in mustRun = true }
        } catch {
            MHD_stop_daemon(daemon)
            throw HTTPServerError(description: "the event loop cannot watch the server: \(error)")
        }
        self.daemon = daemon
        listening = socket.descriptor
        // The hook keeps the driver alive while the daemon holds a pointer to it.
        hook = loop.beforePolling { [self] in runIfAsked() }
        port.store(socket.port, ordering: .releasing)
        phase = .listening
        mustRun = true
    }

    /// Makes the daemon run once more, in this turn or the next.
    func runAgain() { mustRun = true }

    /// Called at the end of each turn of the loop.
    private func runIfAsked() -> Bool {
        guard let daemon, mustRun || !answered.isEmpty else { return false }
        mustRun = false
        if !answered.isEmpty {
            for exchange in answered { exchange.deliver() }
            answered.removeAll(keepingCapacity: true)
        }
        run(daemon)
        if mustStopListening { stopListening(daemon) }
        if phase == .draining, connections.isEmpty { stop() }
        return true
    }

    /// Runs the daemon. One call does not always do all pending work; a resumed connection, for example, needs a second
    /// one. `MHD_get_timeout` returns 0 while there is more to do. After several rounds, other work gets its turn.
    private func run(_ daemon: OpaquePointer) {
        for _ in 0..<8 {
            MHD_run(daemon)
            var milliseconds: UInt64 = 0
            guard MHD_get_timeout(daemon, &milliseconds) == .YES else { return }
            if milliseconds > 0 { return wake(after: .milliseconds(milliseconds)) }
        }
        loop.submit { self.mustRun = true }
    }

    /// Schedules a wake-up. Requests only move the earliest deadline later, so the timer is not reset for each of them:
    /// if it fires too early, the daemon reports the remaining time.
    private func wake(after delay: Duration) {
        let due = ContinuousClock.now + delay
        if let idleTimer, idleTimer.due <= due { return }
        idleTimer?.timer.cancel()
        let timer = loop.schedule(after: delay + .milliseconds(1)) { [unowned self] in
            idleTimer = nil
            mustRun = true
        }
        idleTimer = (timer, due)
    }

    // MARK: Shutdown

    func beginShutdown() {
        switch phase {
        case .new: stop()
        case .listening:
            phase = .draining
            mustStopListening = true
            mustRun = true
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

    /// Connections that the kernel has already accepted are still served. For idle connections only the reading side is
    /// ended, so that a request that has already arrived is answered.
    private func stopListening(_ daemon: OpaquePointer) {
        mustStopListening = false
        var waiting = pollfd(fd: listening, events: Int16(POLLIN), revents: 0)
        var rounds = 0
        while rounds < 512, connections.count < configuration.maximumConnections, Glibc.poll(&waiting, 1, 0) > 0 {
            MHD_run(daemon)
            rounds += 1
        }
        close(MHD_quiesce_daemon(daemon))
        for connection in connections.values where connection.exchange == nil { connection.endReading() }
        mustRun = true
        drainTimer = loop.schedule(after: configuration.drainTimeout) { [unowned self] in
            logger.warning(
                "requests were cut off: the drain timeout has passed",
                metadata: ["requests": .integer(Int64(requestsInFlight.load(ordering: .relaxed)))])
            stop()
        }
        run(daemon)
    }

    private func stop() {
        guard phase != .stopped else { return }
        phase = .stopped
        hook?.cancel()
        watch?.cancel()
        idleTimer?.timer.cancel()
        drainTimer?.cancel()
        patienceTimer?.cancel()
        (hook, watch, idleTimer, drainTimer) = (nil, nil, nil, nil)
        answered = []
        if let daemon {
            // The daemon must not be stopped while it holds suspended connections.
            for connection in connections.values { connection.exchange?.abandon() }
            MHD_stop_daemon(daemon)
            self.daemon = nil
        }
        for waiter in waiters { waiter.resume() }
        waiters = []
    }
}
