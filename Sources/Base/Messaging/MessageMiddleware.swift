import Tracing

/// A message that was taken from a queue, as whoever stands between the queue and its handler sees it.
package protocol QueuedMessage: Sendable {
    /// What working on it is called, such as `process-task`.
    var operation: String { get }
    /// What the message says of itself under a name such as `guild_id`; `nil` if it says nothing.
    func value(forKey key: String) -> String?
}

/// Sees, and may change, how a message is worked on. Safe to use from any thread.
package protocol MessageMiddleware: Sendable {
    /// Handles `message`, usually by calling `next`; may wait before, or throw instead.
    /// - Parameters:
    ///   - context: what the message is worked on in.
    ///   - span: the CONSUMER span.
    ///   - next: works on the message in the context that it is given.
    func handle(
        _ message: any QueuedMessage, context: ServiceContext, span: any Span,
        next: (ServiceContext) async throws -> Void
    ) async throws
}
