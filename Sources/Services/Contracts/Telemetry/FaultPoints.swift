import EventLoop
import Tracing

/// The places inside a service where trouble can be made. Safe to use from any thread; each costs next to nothing while
/// no trouble is wanted.
package protocol FaultPoints: Sendable {
    /// Before a statement of the database, within its span. May block the calling thread, or throw.
    /// - Parameter name: such as `INSERT tasks`.
    func beforeStatement(_ name: String) throws
    /// Before a queued task is worked on, with the span it is worked on in and what the task says of itself. May wait.
    /// - Returns: the context to go on in.
    func beforeQueued(
        _ operation: String, in context: ServiceContext, span: any Span, value: (String) -> String?
    ) async throws -> ServiceContext
    /// Before work is given to a pool.
    func beforeComputing(in pool: ThreadPool)
}
