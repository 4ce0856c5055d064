import EventLoop
import Glibc

/// How long the server waits for slow clients, so that a client that sends or reads a byte now and then cannot hold a
/// connection forever.
struct ConnectionPatience {
    /// The time limit for the head of a request, from its first line.
    var head: Duration = .seconds(10)
    /// The time allowed for a body before its rate counts, and the minimum average rate in bytes per second after that.
    var body: Duration = .seconds(10)
    var bytesPerSecond = 16 << 10

    /// The time limit for a request body or response of `count` bytes.
    func limit(for count: Int) -> Duration { body + .seconds(Double(count) / Double(max(bytesPerSecond, 1))) }
}

extension ServerDriver {
    /// Connections allowed beyond ``HTTPServer/Configuration/maximumConnections``, for new ones that arrive while
    /// others are being closed.
    static let spareConnections = 64
    private static let secondsBetweenLooks = 1

    /// Checks periodically, while there are connections, whether any has exceeded its time limit.
    func lookForSlowConnections() {
        guard patienceTimer == nil else { return }
        patienceTimer = loop.schedule(after: .seconds(Self.secondsBetweenLooks)) { [unowned self] in
            patienceTimer = nil
            let now = ContinuousClock.now
            for connection in connections.values where connection.isOverdue(now, configuration, patience) {
                connection.end()
            }
            if !connections.isEmpty { lookForSlowConnections() }
        }
    }

    /// Closes one connection if there are too many, but none that is being answered. Connections that have sent no
    /// request go first, then those with an incomplete request. Among these, the oldest connection of the address with
    /// the most goes first.
    func makeRoom(for newest: ClientConnection) {
        guard connections.count > configuration.maximumConnections || TransferLimits.process.hasTooManyConnections
        else { return }
        var counts: [String: Int] = [:]
        let candidates = connections.values.filter { $0 !== newest && $0.standing != nil }
        for connection in candidates { counts[connection.peer, default: 0] += 1 }
        let chosen = candidates.min { left, right in
            let places = (counts[left.peer] ?? 0, counts[right.peer] ?? 0)
            if left.standing != right.standing { return (left.standing ?? 0) < (right.standing ?? 0) }
            return places.0 != places.1 ? places.0 > places.1 : left.since < right.since
        }
        chosen?.end()
    }
}
