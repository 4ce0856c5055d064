/// Runs `operation`. `handler` is called once, from any thread, when graceful shutdown of the current service begins
/// meanwhile, or immediately if it has already begun. Outside a ``ServiceGroup`` it is never called.
public func withGracefulShutdownHandler<T>(
    operation: () async throws -> T, onGracefulShutdown handler: @escaping @Sendable () -> Void
) async rethrows -> T {
    guard let manager = GracefulShutdownManager.current else { return try await operation() }
    let id = manager.register(handler)
    defer { if let id { manager.unregister(id) } }
    return try await operation()
}

/// Waits until graceful shutdown of the current service begins.
/// - Throws: `CancellationError` if the task is cancelled first.
public func gracefulShutdown() async throws {
    let (stream, continuation) = AsyncStream<Never>.makeStream()
    await withGracefulShutdownHandler {
        for await _ in stream {}
    } onGracefulShutdown: {
        continuation.finish()
    }
    if !Task.isShuttingDownGracefully { try Task.checkCancellation() }
}

/// Runs `operation` in a child task that is cancelled when graceful shutdown of the current service begins.
/// - Throws: any error of `operation`.
public func cancelWhenGracefulShutdown<T: Sendable>(
    _ operation: @escaping @Sendable () async throws -> T
) async throws -> T {
    try await withThrowingTaskGroup(of: T?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            // Cancelled if the operation has ended, when nothing is left to cancel.
            try? await gracefulShutdown()
            return nil
        }
        defer { group.cancelAll() }
        while let result = try await group.next() {
            if let result { return result }
            group.cancelAll()
        }
        throw CancellationError()
    }
}

extension Task where Success == Never, Failure == Never {
    /// Whether graceful shutdown of the current service has begun. Always `false` outside a ``ServiceGroup``.
    public static var isShuttingDownGracefully: Bool { GracefulShutdownManager.current?.isShuttingDown ?? false }
}
