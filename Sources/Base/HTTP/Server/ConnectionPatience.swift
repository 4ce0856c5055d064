import EventLoop
import Glibc

/// How long the server waits for clients that are slow, so that whoever sends or reads a byte now and then does not keep a
/// place for ever.
struct ConnectionPatience {
    /// How long the head of a request may take once its first line is here.
    var head: Duration = .seconds(10)
    /// How long a body may take before its rate counts, and the least rate in bytes a second from then on.
    var body: Duration = .seconds(10)
    var bytesPerSecond = 16 << 10

    /// How long a body or an answer of `count` bytes may take.
    func limit(for count: Int) -> Duration { body + .seconds(Double(count) / Double(max(bytesPerSecond, 1))) }
}

extension ServerDriver {
    /// Places beyond ``HTTPServer/Configuration/maximumConnections`` for those that have just come while others are sent off.
    static let spareConnections = 64
    private static let secondsBetweenLooks = 1

    /// Looks now and then, as long as there are connections, at how long each has taken for what it does.
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

    /// Makes room when there are too many connections: one ends that is not being answered. First one that has not sent a
    /// request, then one whose request is not complete; of those, one whose address has the most of them, the oldest.
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
