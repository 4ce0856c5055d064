import CMicroHTTPD
import EventLoop
import Glibc
import Logging

/// One TCP connection to the server. Loop thread only.
final class ClientConnection {
    private let socket: Int32
    private unowned let driver: ServerDriver
    private var hangUpWatch: EventLoop.Watch?
    private var hasHungUp = false
    /// Whether we ended the reading side. The kernel then reports the same as when the peer ends it.
    private var hasEndedReading = false
    private var knownAddress: String??
    /// When the connection was accepted, or its last request ended.
    private(set) var since = ContinuousClock.now
    private var isEnded = false
    /// The peer's address without the port; empty if it is not available.
    private(set) lazy var peer: String = Self.peer(of: socket)

    /// The request being received or answered; `nil` while the connection is idle.
    var exchange: Exchange? { didSet { since = .now } }

    init(socket: Int32, driver: ServerDriver) {
        self.socket = socket
        self.driver = driver
    }

    /// The peer's address as text, looked up once.
    func remoteAddress(_ handle: OpaquePointer) -> String? {
        if let knownAddress { return knownAddress }
        let address = tailspan_mhd_peer(handle).flatMap(describe)
        knownAddress = .some(address)
        return address
    }

    /// libmicrohttpd does not watch the socket of a suspended connection, so the loop does. The watch lasts as long as
    /// the connection: it is edge-triggered, so it costs nothing while the peer is there.
    func watchForHangUp() {
        if hasHungUp { exchange?.clientHasGone() }
        guard hangUpWatch == nil else { return }
        do {
            hangUpWatch = try driver.loop.watch(socket, for: .peerClosed) { [unowned self] _ in
                guard !hasEndedReading else { return }
                hasHungUp = true
                exchange?.clientHasGone()
            }
        } catch {
            driver.logger.debug("a connection cannot be watched for its end", error: error)
        }
    }

    /// Makes an idle connection end once the data that has already arrived has been read.
    func endReading() {
        hasEndedReading = true
        Glibc.shutdown(socket, Int32(SHUT_RD))
    }

    private static func peer(of socket: Int32) -> String {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                getpeername(socket, pointer, &size) == 0 ? describe(pointer) ?? "" : ""
            }
        }
    }

    /// The order in which connections are closed to make room, lowest first; `nil` while a request is being answered.
    var standing: Int? {
        if isEnded { return nil }
        guard let exchange else { return 0 }
        switch exchange.phase {
        case .head: return 1
        case .body: return 2
        case .running, .answered, .abandoned, .over: return nil
        }
    }

    /// Whether the connection has exceeded its time limit.
    func isOverdue(
        _ now: ContinuousClock.Instant, _ configuration: HTTPServer.Configuration, _ patience: ConnectionPatience
    ) -> Bool {
        guard !isEnded else { return false }
        guard let exchange else {
            // Occasional bytes do not make a request: such a connection is as idle as one that sends nothing.
            return since + configuration.idleTimeout < now
        }
        guard let limit = exchange.limit(patience) else { return false }
        return exchange.since + limit < now
    }

    /// Ends the connection in both directions. libmicrohttpd notices and removes it.
    func end() {
        isEnded = true
        hasEndedReading = true
        Glibc.shutdown(socket, Int32(SHUT_RDWR))
    }

    /// Resets the connection at once (TCP RST). With `SO_LINGER` an orderly end would be sent before the reset, so the
    /// socket is disconnected instead.
    func reset() {
        var nowhere = sockaddr()
        nowhere.sa_family = sa_family_t(AF_UNSPEC)
        connect(socket, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    }

    func closed() {
        hangUpWatch?.cancel()
        hangUpWatch = nil
    }
}
