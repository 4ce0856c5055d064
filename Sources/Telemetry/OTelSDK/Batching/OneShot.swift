import Synchronization

/// A value that one task waits for and several may offer. The first offer wins.
final class OneShot<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiting: CheckedContinuation<Value, Never>?
    }
    private let state = Mutex(State())

    /// Offers a value; returns whether it was the first.
    @discardableResult
    func fulfil(_ value: Value) -> Bool {
        let (isFirst, waiting) = state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            guard state.value == nil else { return (false, nil) }
            state.value = value
            defer { state.waiting = nil }
            return (true, state.waiting)
        }
        waiting?.resume(returning: value)
        return isFirst
    }

    /// Waits for the value. Only one task may call it.
    func wait() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state in
                if state.value == nil { state.waiting = continuation }
                return state.value
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
