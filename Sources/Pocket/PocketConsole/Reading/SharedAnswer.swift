import Synchronization

/// An answer that many readers share: asked for again only when it is older than its lifetime, and by one of them.
final class SharedAnswer<Value: Sendable>: Sendable {
    private let lifetime: Duration
    private let ask: @Sendable () async throws -> Value
    private let current = Mutex<(begun: ContinuousClock.Instant, answer: Task<Value, any Error>)?>(nil)

    init(lifetime: Duration, ask: @escaping @Sendable () async throws -> Value) {
        self.lifetime = lifetime
        self.ask = ask
    }

    /// The answer; also an error serves until its lifetime is over.
    func value(at now: ContinuousClock.Instant = .now) async throws -> Value {
        let answer = current.withLock { current in
            if let current, now - current.begun < lifetime { return current.answer }
            let answer = Task { [ask] in try await ask() }
            current = (now, answer)
            return answer
        }
        return try await answer.value
    }
}
