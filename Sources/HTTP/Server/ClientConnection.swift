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
    /// Whether the reading side was ended from here: the kernel then reports the same as when the peer ends it.
    private var hasEndedReading = false
    private var knownAddress: String??

    /// The request being received or answered; `nil` while the connection is idle.
    var exchange: Exchange?

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

    /// libmicrohttpd does not look at the socket of a suspended connection, so the loop does. The watch stays for the
    /// connection's life: being edge-triggered it costs nothing while the peer is there.
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

    /// Makes an idle connection end once what has arrived has been read.
    func endReading() {
        hasEndedReading = true
        Glibc.shutdown(socket, Int32(SHUT_RD))
    }

    /// Ends the connection at once with a reset (TCP RST). An orderly end would be sent before a lingering socket's reset,
    /// so the socket is disconnected instead.
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
