import EventLoop
import Glibc
import Vocabulary

/// How long the server waits for slow clients, so that a client that sends or reads a byte now and then cannot hold a
/// connection forever.
struct ConnectionPatience {
    /// The time limit for the head of a request, from its first line.
    var head: Duration = .seconds(10)
    /// The time allowed for a body before its rate counts, and the minimum average rate in bytes per second after that.
    var body: Duration = .seconds(10)
    var bytesPerSecond = 16 << 10
    /// How long a connection that is to be closed waits for the client to close it.
    static let linger = Duration.seconds(2)

    /// The time limit for a request body or response of `count` bytes.
    func limit(for count: Int) -> Duration { body + .seconds(Double(count) / Double(max(bytesPerSecond, 1))) }
}

extension ServerDriver {
    /// Connections allowed beyond ``HTTPServer/Configuration/maximumConnections`` while all others are being answered.
    static let spareConnections = 64
    private static let secondsBetweenLooks = 1

    /// Checks periodically, while there are connections, whether any has exceeded its time limit.
    func lookForSlowConnections() {
        guard patienceTimer == nil else { return }
        patienceTimer = loop.schedule(after: .seconds(Self.secondsBetweenLooks)) { [unowned self] in
            patienceTimer = nil
            let now = ContinuousClock.now
            for connection in connections.values { connection.closeIfOverdue(now) }
            if !connections.isEmpty { lookForSlowConnections() }
        }
    }

    /// Closes one connection if there are too many, but none that is being answered. Connections that have sent no
    /// request go first, then those with an incomplete request. Among these, the oldest connection of the address with
    /// the most goes first. If all are being answered, the newest is refused.
    /// - Parameter newest: the connection that was just accepted; `nil` if there was no descriptor for it.
    func makeRoom(for newest: ServerConnection?) {
        guard
            newest == nil || connections.count > configuration.maximumConnections
                || TransferLimits.process.hasTooManyConnections
        else { return }
        var counts: [String: Int] = [:]
        let candidates = connections.values.filter { $0 !== newest && $0.standing != nil }
        for connection in candidates { counts[connection.address ?? "", default: 0] += 1 }
        let chosen = candidates.min { left, right in
            let places = (counts[left.address ?? ""] ?? 0, counts[right.address ?? ""] ?? 0)
            if left.standing != right.standing { return (left.standing ?? 0) < (right.standing ?? 0) }
            return places.0 != places.1 ? places.0 > places.1 : left.since < right.since
        }
        if let chosen { return chosen.giveWay() }
        if connections.count > configuration.maximumConnections + Self.spareConnections { newest?.giveWay() }
    }
}

extension ServerConnection {
    /// The order in which connections are closed to make room, lowest first; `nil` while a request is being answered.
    var standing: Int? {
        switch state {
        case .idle, .lingering: 0
        case .head: 1
        case .body: 2
        case .running, .answered, .writing, .closed: nil
        }
    }

    /// Ends the connection to make room. A client that is sending a request hears why.
    func giveWay() {
        switch state {
        case .head, .body:
            refuse(
                .serviceUnavailable, "too many connections; try again", .connections,
                headers: [Header.retryAfter: "1"])
        default:
            driver.limits.hit(.connections)
            close(written: false)
        }
    }

    /// Ends the connection if it has exceeded its time limit.
    func closeIfOverdue(_ now: ContinuousClock.Instant) {
        let age = now - since
        switch state {
        case .idle:
            // Occasional bytes do not make a request: such a connection is as idle as one that sends nothing.
            guard age > driver.configuration.idleTimeout else { return }
            if parser.hasBegun { driver.limits.hit(.idleTime) }
            close(written: false)
        case .head:
            guard age > driver.patience.head else { return }
            refuse(.requestTimeout, "the head of the request came too slowly", .headTime)
        case .body:
            guard age > driver.patience.limit(for: receivedBody) else { return }
            refuse(.requestTimeout, "the body of the request came too slowly", .bodyTime)
        case .writing:
            // A stream may take as long as it needs.
            guard wantsToWrite, let response, response.stream == nil,
                age > driver.patience.limit(for: response.body.count)
            else { return }
            driver.limits.hit(.responseTime)
            close(written: false)
        case .lingering: if age > ConnectionPatience.linger { close(written: true) }
        case .running, .answered, .closed: break
        }
    }

    /// Has the connection end once everything that has already arrived is answered.
    func drain() {
        guard state == .idle else { return }
        if !parser.hasBegun { receive() }
        if state == .idle, !parser.hasBegun { close(written: false) }
    }
}
