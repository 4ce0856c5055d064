import EventLoop
import HTTP
import Logging

/// What the console can do besides reading. It is made above the pocket stack, where services and incidents are known.
package struct ConsoleActions: Sendable {
    /// Makes the actions of one stack, before it listens.
    package typealias Make = @Sendable (Surroundings) -> ConsoleActions

    /// What the stack lends to them.
    package struct Surroundings: Sendable {
        package var client: HTTPClient
        package var eventLoop: EventLoop
        package var logger: Logger
        /// The ports of the stack's roles; once it has started, those in use.
        package var ports: @Sendable () -> PocketPorts
    }

    /// Adds the routes to the console's router.
    package var addRoutes: @Sendable (Router) -> Void
    /// The title of the incident whose faults must not be shown; `nil` if there is none.
    package var concealedIncident: @Sendable () -> String?
    /// Ends what is under way.
    package var shutdown: @Sendable () async -> Void

    package init(
        addRoutes: @escaping @Sendable (Router) -> Void, concealedIncident: @escaping @Sendable () -> String?,
        shutdown: @escaping @Sendable () async -> Void
    ) {
        self.addRoutes = addRoutes
        self.concealedIncident = concealedIncident
        self.shutdown = shutdown
    }
}
