import EventLoop

/// Looks up host names on separate threads and caches the answers for a while. A name server that does not respond
/// therefore delays only requests that need the name.
///
/// An answer is fresh for some seconds. After that it stays in use while it is looked up again, and as long as no name
/// server responds, so a request waits only if no answer is known. Requests that wait for the same name share one
/// lookup.
///
/// Unchecked: used on the loop's thread only. A lookup thread receives only the name and delivers its answer to the
/// loop.
final class NameResolver: @unchecked Sendable {
    /// How long answers are kept, and how many lookups run at once.
    struct Configuration: Sendable {
        /// How long an answer is used without a new lookup.
        var freshFor: Duration = .seconds(10)
        /// How long the last good answer is used while there is no new one.
        var keptFor: Duration = .seconds(300)
        /// How long a failure is cached, and the minimum interval between lookups of a failing name.
        var failureFor: Duration = .seconds(1)
        /// The maximum number of concurrent lookups, each on its own thread; further ones wait.
        var maximumLookups = 8
        /// The maximum number of names that are known or being looked up; at least 1.
        var maximumNames = 256
    }

    typealias Answer = Result<[String], NameError>

    /// A caller that waits for a name.
    struct Waiter: Hashable {
        fileprivate let host: String
        fileprivate let number: UInt64
    }

    private struct Entry {
        var answer: Answer?
        var answered: ContinuousClock.Instant
        var asked: ContinuousClock.Instant
        /// Whether a lookup is running or queued.
        var isAsked = false
        var waiters: [UInt64: (Answer) -> Void] = [:]
    }

    private let loop: EventLoop
    private let configuration: Configuration
    private let lookUp: @Sendable (String) -> Answer
    private let now: () -> ContinuousClock.Instant
    private var entries: [String: Entry] = [:]
    /// Names that wait for another lookup to end.
    private var queue: [String] = []
    private var running = 0
    private var lastWaiter: UInt64 = 0

    init(
        loop: EventLoop, configuration: Configuration = Configuration(),
        lookUp: @escaping @Sendable (String) -> Answer = { SystemNames.lookUp($0) },
        now: @escaping () -> ContinuousClock.Instant = { .now }
    ) {
        self.loop = loop
        self.configuration = configuration
        self.lookUp = lookUp
        self.now = now
    }

    /// Returns the known answer for a name; `nil` if the caller has to wait. A stale answer triggers a new lookup.
    func known(_ host: String) -> Answer? {
        guard let entry = entries[host], let answer = entry.answer else { return nil }
        let age = now() - entry.answered
        switch answer {
        case .success:
            if age < configuration.freshFor { return answer }
            refresh(host)
            return age < configuration.keptFor ? answer : nil
        case .failure:
            return age < configuration.failureFor ? answer : nil
        }
    }

    /// Calls `done` once, later, on the loop, with the result of the lookup.
    func wait(for host: String, _ done: @escaping (Answer) -> Void) -> Waiter {
        lastWaiter += 1
        let waiter = Waiter(host: host, number: lastWaiter)
        if entries[host] == nil, !makeRoom() {
            loop.schedule(after: .zero) {
                done(.failure(NameError(description: "\(host): too many names are being looked up", isTemporary: true)))
            }
            return waiter
        }
        entries[host, default: Entry(answered: now(), asked: now())].waiters[waiter.number] = done
        ask(for: host)
        return waiter
    }

    /// Removes a waiting caller. The lookup continues, because its answer can serve the next caller.
    func forget(_ waiter: Waiter) { entries[waiter.host]?.waiters[waiter.number] = nil }

    /// Looks up a name again after its addresses did not accept a connection, because they may have changed.
    func distrust(_ host: String) {
        guard case .success? = entries[host]?.answer else { return }
        refresh(host)
    }

    /// Looks the name up again, subject to the minimum interval.
    private func refresh(_ host: String) {
        guard let entry = entries[host], now() - entry.asked >= configuration.failureFor else { return }
        ask(for: host)
    }

    private func ask(for host: String) {
        guard entries[host]?.isAsked == false else { return }
        entries[host]?.isAsked = true
        entries[host]?.asked = now()
        queue.append(host)
        startLookups()
    }

    private func startLookups() {
        while running < configuration.maximumLookups, !queue.isEmpty {
            let host = queue.removeFirst()
            guard let entry = entries[host] else { continue }
            // No caller waits for it any more.
            if entry.waiters.isEmpty, entry.answer == nil {
                entries[host] = nil
                continue
            }
            running += 1
            do {
                // Detached: a lookup cannot be interrupted, and neither the loop nor the process waits for it at exit.
                try Thread.detach(name: "lookup") { [lookUp, loop, self] in
                    let answer = lookUp(host)
                    loop.submit { self.finished(host, answer) }
                }
            } catch {
                loop.submit {
                    self.finished(host, .failure(NameError(description: "\(host): \(error)", isTemporary: true)))
                }
            }
        }
    }

    private func finished(_ host: String, _ answer: Answer) {
        running -= 1
        if var entry = entries[host] {
            entry.isAsked = false
            let isKept =
                if case .failure(let error) = answer, error.isTemporary, case .success? = entry.answer { true } else {
                    false
                }
            if !isKept {
                entry.answer = answer
                entry.answered = now()
            }
            let waiters = entry.waiters
            entry.waiters = [:]
            entries[host] = entry
            for (_, done) in waiters.sorted(by: { $0.key < $1.key }) { done(answer) }
        }
        startLookups()
    }

    /// Drops the name with the oldest answer if there are too many.
    /// - Returns: whether another name may be looked up.
    private func makeRoom() -> Bool {
        guard entries.count >= configuration.maximumNames else { return true }
        let idle = entries.filter { !$0.value.isAsked }.min { $0.value.answered < $1.value.answered }
        guard let idle else { return false }
        entries[idle.key] = nil
        return true
    }
}
