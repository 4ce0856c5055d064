import EventLoop

/// Looks up host names on threads of its own, so that a name server that says nothing holds up nobody but who needs the
/// name, and keeps the answers for a while.
///
/// An answer is fresh for some seconds. After that it is used on while it is asked for again, and as long as no name
/// server answers; so a request waits for a name only where none is known. Several who wait for a name share one lookup.
///
/// Unchecked: touched on the loop's thread only; a lookup knows nothing but the name, and brings the answer there.
final class NameResolver: @unchecked Sendable {
    /// How long answers are kept and how much is done at once.
    struct Configuration: Sendable {
        /// How long an answer is used without asking again.
        var freshFor: Duration = .seconds(10)
        /// How long the last good answer is used while there is no new one.
        var keptFor: Duration = .seconds(300)
        /// How long a failure is remembered, and the pause between lookups of a name that fails.
        var failureFor: Duration = .seconds(1)
        /// How many lookups, each a thread, run at once; further ones wait.
        var maximumLookups = 8
        /// How many names are known or asked for; at least 1.
        var maximumNames = 256
    }

    typealias Answer = Result<[String], NameError>

    /// Somebody who waits for a name.
    struct Waiter: Hashable {
        fileprivate let host: String
        fileprivate let number: UInt64
    }

    private struct Entry {
        var answer: Answer?
        var answered: ContinuousClock.Instant
        var asked: ContinuousClock.Instant
        /// A lookup runs or is queued.
        var isAsked = false
        var waiters: [UInt64: (Answer) -> Void] = [:]
    }

    private let loop: EventLoop
    private let configuration: Configuration
    private let lookUp: @Sendable (String) -> Answer
    private let now: () -> ContinuousClock.Instant
    private var entries: [String: Entry] = [:]
    /// Names whose lookup waits for another to end.
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

    /// What is known of a name; `nil` if it has to be waited for. An answer that has grown old is asked for anew.
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

    /// Calls `done` once, later, on the loop, with what the name's lookup gives.
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

    /// Forgets somebody who waits. The lookup goes on: its answer is of use to the next.
    func forget(_ waiter: Waiter) { entries[waiter.host]?.waiters[waiter.number] = nil }

    /// The addresses of a name did not take a connection: they may have changed. Asks for them anew.
    func distrust(_ host: String) {
        guard case .success? = entries[host]?.answer else { return }
        refresh(host)
    }

    /// Asks again, but not without pause.
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
            // Nobody waits for it any more.
            if entry.waiters.isEmpty, entry.answer == nil {
                entries[host] = nil
                continue
            }
            running += 1
            do {
                // Detached: a lookup cannot be broken off, and neither the loop's end nor the process's waits for it.
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

    /// Forgets the name that was answered first, if there are too many. - Returns: whether one more may be asked for.
    private func makeRoom() -> Bool {
        guard entries.count >= configuration.maximumNames else { return true }
        let idle = entries.filter { !$0.value.isAsked }.min { $0.value.answered < $1.value.answered }
        guard let idle else { return false }
        entries[idle.key] = nil
        return true
    }
}
