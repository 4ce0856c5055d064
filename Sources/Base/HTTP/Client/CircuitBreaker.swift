import Synchronization

/// Refuses calls of a service whose address says nothing, so that not every request waits for it as long as connecting may
/// take (Nygard, "Release It!", "Circuit Breaker"). Safe to use from any thread.
///
/// It opens when connecting took too long twice in a row. While it is open, one call in every interval goes out all the
/// same, and the first that is answered closes it. When none has gone out for a while, nothing is known any more: all go
/// out, and the first whose connecting takes too long opens it again. A refused connection fails at once by itself, and an error status or an
/// answer that does not come says that something is there: none of them opens it.
final class CircuitBreaker: Sendable {
    /// What a refused call fails with.
    struct Open: Error, Sendable, Equatable, CustomStringConvertible {
        let description = "its address does not answer, and calls fail at once until it does"
    }

    /// What a call's end means for the others.
    enum Change: Equatable {
        case none, opened, closed
    }

    private enum State {
        case closed(failures: Int)
        /// Until `retry` all calls are refused, then one is let through and the time set anew.
        case open(retry: ContinuousClock.Instant)
        /// It was open, and nobody has called for a while.
        case unknown
    }

    private let threshold: Int
    private let interval: Duration
    private let staleAfter: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State.closed(failures: 0))

    /// - Parameters:
    ///   - threshold: how many connections in a row must take too long.
    ///   - interval: how often a call is let through while it is open.
    ///   - staleAfter: how long after one could have been let through it is taken for closed, if none was.
    init(
        threshold: Int = 2, interval: Duration = .milliseconds(250), staleAfter: Duration = .seconds(1),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.threshold = threshold
        self.interval = interval
        self.staleAfter = staleAfter
        self.now = now
    }

    /// Lets a call through.
    /// - Throws: ``Open`` if it is to fail at once.
    func enter() throws(Open) {
        let isAdmitted = state.withLock { state in
            guard case .open(let retry) = state else { return true }
            let now = now()
            guard now >= retry else { return false }
            if now >= retry + staleAfter {
                state = .unknown
                return true
            }
            state = .open(retry: now + interval)
            return true
        }
        if !isAdmitted { throw Open() }
    }

    /// A call that was let through has ended; `error` is `nil` if it was answered, whatever the answer was.
    func leave(_ error: (any Error)?) -> Change {
        state.withLock { state in
            switch (state, error) {
            case (.closed(let failures), HTTPClientError.connectTimedOut?):
                guard failures + 1 >= threshold else {
                    state = .closed(failures: failures + 1)
                    return .none
                }
                state = .open(retry: now() + interval)
                return .opened
            case (.closed, nil), (.closed, HTTPClientError.connectFailed?):
                state = .closed(failures: 0)
                return .none
            case (.unknown, HTTPClientError.connectTimedOut?):
                state = .open(retry: now() + interval)
                return .none
            case (.open, nil), (.unknown, nil):
                state = .closed(failures: 0)
                return .closed
            // An answer that does not come, or breaks off, on a connection from before says nothing about connecting.
            default: return .none
            }
        }
    }
}
