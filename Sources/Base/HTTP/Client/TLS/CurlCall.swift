import Synchronization

/// One call of ``CurlTransport/execute(_:timeout:)``. It ends once: by its response, its timeout, its cancellation or
/// the shutdown, whichever comes first. Safe to use from any thread.
final class CurlCall: Sendable {
    private typealias Continuation = UnsafeContinuation<HTTPClient.Response, any Error>

    private struct State {
        var continuation: Continuation?
        /// How the call ended, if it ended before it began.
        var early: Result<HTTPClient.Response, any Error>?
        var isOver = false
        /// The wait for a thread.
        var wait: Task<Void, Never>?
        var transfer: CurlTransfer?
    }

    private let state = Mutex(State())

    /// - Returns: `false` if the call has ended already.
    func begin(_ continuation: UnsafeContinuation<HTTPClient.Response, any Error>) -> Bool {
        let early = state.withLock { state in
            if state.early == nil { state.continuation = continuation }
            return state.early
        }
        if let early { continuation.resume(with: early) }
        return early == nil
    }

    /// Sets what is cancelled when the call ends.
    func waits(in task: Task<Void, Never>) {
        let isOver = state.withLock { state in
            state.wait = task
            return state.isOver
        }
        if isOver { task.cancel() }
    }

    /// Sets the transfer that is cancelled when the call ends.
    /// - Returns: `false` if the call has ended already.
    func acquire(_ transfer: CurlTransfer) -> Bool {
        state.withLock { state in
            guard !state.isOver else { return false }
            state.transfer = transfer
            return true
        }
    }

    /// After this, the transfer may serve another call.
    func release() { state.withLock { $0.transfer = nil } }

    /// Ends the call. Further calls do nothing.
    func finish(_ result: Result<HTTPClient.Response, any Error>) {
        let (continuation, wait) = state.withLock { state -> (Continuation?, Task<Void, Never>?) in
            guard !state.isOver else { return (nil, nil) }
            state.isOver = true
            // Within the lock: otherwise this might cancel the request of another call.
            state.transfer?.cancel()
            if state.continuation == nil { state.early = result }
            defer { (state.continuation, state.wait) = (nil, nil) }
            return (state.continuation, state.wait)
        }
        wait?.cancel()
        continuation?.resume(with: result)
    }
}
