import Tracing

/// A message taken from a queue, as seen by middleware between the queue and its handler.
package protocol QueuedMessage: Sendable {
    /// The name of the operation that processes it, such as `process-task`.
    var operation: String { get }
    /// The message's value for a name such as `guild_id`; `nil` if it has none.
    func value(forKey key: String) -> String?
}

/// Observes, and may change, how a message is processed. Safe to use from any thread.
package protocol MessageMiddleware: Sendable {
    /// Handles `message`, usually by calling `next`. May wait first, or throw instead.
    /// - Parameters:
    ///   - context: the context in which the message is processed.
    ///   - span: the CONSUMER span.
    ///   - next: processes the message in the context passed to it.
    func handle(
        _ message: any QueuedMessage, context: ServiceContext, span: any Span,
        next: (ServiceContext) async throws -> Void
    ) async throws
}
