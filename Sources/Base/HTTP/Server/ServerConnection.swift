import EventLoop
import Glibc
import Logging
import Synchronization

/// One connection to the server: requests come in one after the other, and each is answered before the next begins.
///
/// Unchecked: used on the loop's thread only. The handler's task switches to that thread itself.
final class ServerConnection: TurnOutput, @unchecked Sendable {
    enum State {
        /// Between two requests, or within the first line of one.
        case idle
        /// Within the head of a request, or within its body.
        case head, body
        /// The handler is running.
        case running
        /// The response is there and goes out at the end of the turn.
        case answered
        /// The response is being written.
        case writing
        /// The response is written and the connection will close; input that still comes is dropped, since a socket
        /// with unread input would be reset, and the client might lose the response (RFC 9112, section 9.6).
        case lingering
        case closed
    }

    /// Input that is kept while a request is being answered. More is left in the kernel, which slows the client down.
    static let maximumUnread = 64 << 10
    /// A client that has ended its side may still read, or may be gone. Its handler gets this long to answer before it
    /// is cancelled.
    static let graceAfterEnd = Duration.milliseconds(50)

    let socket: Int32
    /// The peer's address; `nil` for a Unix-domain socket.
    let address: String?
    unowned let driver: ServerDriver
    let parser: HTTPParser
    var watch: EventLoop.Watch?
    private(set) var state = State.idle
    /// When the present state began. Not kept for states that end within the turn.
    private(set) var since = ContinuousClock.now
    /// Input that belongs to later requests.
    var unread: [UInt8] = []
    /// Whether the peer will send nothing more.
    var inputHasEnded = false
    var isReading = true
    var wantsToWrite = false

    // The request that is being received or answered.
    var request = Request(uri: "/")
    var completion: ResponseCompletion?
    var task: Task<Void, Never>?
    var receivedBody = 0
    var chargedBody = 0
    var isBodyRefused = false
    var hasClientGone = false
    /// Whether input is dropped because the rest of the request does not matter.
    var dropsInput = false
    /// Whether the whole request has been read.
    var isRequestComplete = false
    /// Whether the connection ends after this response.
    var mustClose = false

    // Its response.
    var response: Response?
    var output = OutputBuffer()
    var bodyPosition = 0
    var chargedResponse = 0
    /// The stream's step that was asked for before the head was sent.
    var firstStep: BodyStream.Step?
    var pauseTimer: EventLoop.Timer?
    var isQueued = false

    init(socket: Int32, address: String?, driver: ServerDriver) {
        self.socket = socket
        self.address = address
        self.driver = driver
        parser = HTTPParser(.requests, maximumHeadSize: driver.configuration.maximumHeadSize)
    }

    func enter(_ state: State) {
        self.state = state
        since = .now
    }

    /// Like ``enter(_:)``, without reading the clock: for states that end within the turn, or have no time limit.
    func pass(_ state: State) { self.state = state }

    var isOpen: Bool { state != .closed }

    func open() throws {
        watch = try driver.loop.watch(socket, for: .read) { [unowned self] in ready($0) }
    }

    private func ready(_ interest: EventLoop.Interest) {
        if interest.contains(.write), wantsToWrite { if state == .writing { write() } else { sendInterim() } }
        guard isOpen else { return }
        if isReading, interest.contains(.read) { return receive() }
        if interest.contains(.error) || interest.contains(.peerClosed) { peerHasGone() }
    }

    /// Has the kernel report what the connection now waits for.
    func updateWatch() {
        var interest: EventLoop.Interest = []
        if isReading { interest.insert(.read) }
        if wantsToWrite { interest.insert(.write) }
        do { try watch?.update(interest) } catch {
            driver.logger.debug("a connection cannot be watched", error: error)
            close(written: false)
        }
    }

    // MARK: The end

    /// The connection is broken, so nobody waits for a response any more.
    func peerHasGone() {
        hasClientGone = true
        close(written: false)
    }

    /// Closes at once.
    func close(written: Bool) {
        guard isOpen else { return }
        state = .closed
        watch?.cancel()
        watch = nil
        pauseTimer?.cancel()
        pauseTimer = nil
        Glibc.close(socket)
        driver.closed(self)
        task?.cancel()
        task = nil
        complete(written: written)
        returnBody()
    }

    /// Closes once the client has read the response: it may still be sending, and would be reset.
    func closeAfterResponse() {
        if inputHasEnded || isRequestComplete && unread.isEmpty && !hasUnreadInput { return close(written: true) }
        shutdown(socket, Int32(SHUT_WR))
        unread = []
        enter(.lingering)
        isReading = true
        wantsToWrite = false
        updateWatch()
    }

    /// Whether the kernel has input that was not read.
    private var hasUnreadInput: Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK)) > 0
    }

    /// Resets the connection at once (TCP RST). With `SO_LINGER` an orderly end would be sent before the reset, so the
    /// socket is disconnected instead.
    func reset() {
        var nowhere = sockaddr()
        nowhere.sa_family = sa_family_t(AF_UNSPEC)
        connect(socket, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
        close(written: false)
    }

    /// Reports the end of the response, if a handler was asked.
    func complete(written: Bool) {
        TransferLimits.process.returnResponse(chargedResponse)
        chargedResponse = 0
        guard let completion else { return }
        self.completion = nil
        driver.requestsInFlight.wrappingSubtract(1, ordering: .relaxed)
        completion.complete(
            ResponseCompletion.Outcome(
                written: written && response != nil, status: response?.status ?? .clientClosedRequest,
                bodySize: response?.body.count ?? 0))
    }
}
