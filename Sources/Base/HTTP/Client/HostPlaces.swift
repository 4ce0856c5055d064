import EventLoop

/// Limits the number of concurrent calls to one host. Further calls wait their turn, first come, first served. Loop
/// thread only.
///
/// libcurl has such a limit too, but it counts the wait as connect time, so a busy host would look like one that is
/// gone.
final class HostPlaces {
    private struct Host {
        var taken = 0
        var queue: [ClientCall] = []
        /// The index of the queue's first call; the calls before it are gone.
        var head = 0
        var isEmpty: Bool { head == queue.count }
    }

    private let limit: Int
    private let loop: EventLoop
    private var hosts: [Substring: Host] = [:]

    init(limit: Int, loop: EventLoop) {
        self.limit = max(limit, 1)
        self.loop = loop
    }

    /// Takes a place for `call`, whose ``ClientCall/host`` is set.
    /// - Returns: `false` if the call has to wait for its turn.
    func enter(_ call: ClientCall) -> Bool {
        guard var host = hosts[call.host] else {
            hosts[call.host] = Host(taken: 1)
            return true
        }
        defer { hosts[call.host] = host }
        if host.taken < limit, host.isEmpty {
            host.taken += 1
            return true
        }
        // Calls that have stopped waiting stay in the queue until their turn, unless they are the majority.
        if host.queue.count >= 64, host.queue.count(where: { $0.turn != nil }) * 2 < host.queue.count {
            host.queue = host.queue[host.head...].filter { $0.turn != nil }
            host.head = 0
        }
        host.queue.append(call)
        return false
    }

    /// Frees the place of `call`. The next call continues in a later turn of the loop.
    func leave(_ call: ClientCall) {
        hosts[call.host]?.taken -= 1
        guard let host = hosts[call.host] else { return }
        if !host.isEmpty {
            let key = call.host
            loop.schedule(after: .zero) { [weak self] in self?.admit(key) }
        } else if host.taken == 0 {
            hosts[call.host] = nil
        }
    }

    private func admit(_ key: Substring) {
        while var host = hosts[key], host.taken < limit, !host.isEmpty {
            let call = host.queue[host.head]
            host.head += 1
            if host.head >= 1024 || host.isEmpty {
                host.queue.removeFirst(host.head)
                host.head = 0
            }
            let turn = call.turn
            if turn != nil { host.taken += 1 }
            hosts[key] = host.taken == 0 && host.isEmpty ? nil : host
            turn?()
        }
    }
}
