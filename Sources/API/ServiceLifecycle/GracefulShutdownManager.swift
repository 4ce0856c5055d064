import Synchronization

/// Whether a service has been asked to stop, and the handlers to notify.
final class GracefulShutdownManager: Sendable {
    /// The manager of the service in whose task, or child task, the code runs.
    @TaskLocal static var current: GracefulShutdownManager?

    private struct State {
        var isShuttingDown = false
        var nextID = 0
        var handlers: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    var isShuttingDown: Bool { state.withLock { $0.isShuttingDown } }

    /// Adds a handler and returns its number. If the service has already been asked to stop, runs it at once and
    /// returns `nil`.
    func register(_ handler: @escaping @Sendable () -> Void) -> Int? {
        let id: Int? = state.withLock { state in
            if state.isShuttingDown { return nil }
            state.nextID += 1
            state.handlers[state.nextID] = handler
            return state.nextID
        }
        if id == nil { handler() }
        return id
    }

    func unregister(_ id: Int) {
        state.withLock { _ = $0.handlers.removeValue(forKey: id) }
    }

    /// Runs all handlers in the order they were added. Only the first call has an effect.
    func shutdownGracefully() {
        let handlers = state.withLock { state in
            state.isShuttingDown = true
            defer { state.handlers = [:] }
            return state.handlers
        }
        for (_, handler) in handlers.sorted(by: { $0.key < $1.key }) { handler() }
    }
}
