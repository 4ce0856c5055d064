import Synchronization

/// Fails calls at once while a service's address does not respond, so that not every request waits for the full connect
/// timeout (Nygard, "Release It!", "Circuit Breaker"). Safe to use from any thread.
///
/// The breaker opens after two connect timeouts in a row. While it is open, it lets one call through per interval, and
/// the first one that is answered closes it. If no call has gone through for a while, the state is unknown: all calls
/// go through, and the first connect timeout opens the breaker again. A refused connection fails at once anyway; an
/// error status or a missing answer shows that something is there. None of these opens the breaker.
final class CircuitBreaker: Sendable {
    /// The error of a refused call.
    struct Open: Error, Sendable, Equatable, CustomStringConvertible {
        let description = "its address does not answer, and calls fail at once until it does"
    }

    /// How the end of a call changes the state.
    enum Change: Equatable {
        case none, opened, closed
    }

    private enum State {
        case closed(failures: Int)
        /// Refuses all calls until `retry`, then lets one through and sets a new time.
        case open(retry: ContinuousClock.Instant)
        /// The breaker was open, and no call has gone through for a while.
        case unknown
    }

    private let threshold: Int
    private let interval: Duration
    private let staleAfter: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State.closed(failures: 0))

    /// - Parameters:
    ///   - threshold: the number of connect timeouts in a row that open the breaker.
    ///   - interval: how often a call is let through while the breaker is open.
    ///   - staleAfter: how long after `retry` the state becomes unknown if no call has gone through.
    init(
        threshold: Int = 2, interval: Duration = .milliseconds(250), staleAfter: Duration = .seconds(1),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.threshold = threshold
        self.interval = interval
        self.staleAfter = staleAfter
        self.now = now
    }

    /// Admits a call.
    /// - Throws: ``Open`` if the call must fail at once.
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

    /// Records the end of an admitted call; `error` is `nil` if the call was answered, with any status.
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
            // A missing or incomplete answer on an existing connection says nothing about connecting.
            default: return .none
            }
        }
    }
}
