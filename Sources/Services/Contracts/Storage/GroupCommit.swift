import EventLoop
import Logging
import Metrics
import Tracing
import Vocabulary

/// Where a service's writes are grouped, and where a failed commit is reported. Safe to use from any thread.
package struct GroupCommit: Sendable {
    let eventLoop: EventLoop
    private let logger: Logger
    private let failures: Counter
    private let database: String

    /// - Parameter database: the name of the database in telemetry, such as `tasks.sqlite`.
    package init(eventLoop: EventLoop, logger: Logger, metrics: any MetricsFactory, database: String) {
        self.eventLoop = eventLoop
        self.logger = logger
        self.database = database
        failures = Counter(
            label: "tailspan.database.commit.failures",
            description: "Commits that failed: what the loop wrote in that turn is not stored, and its answers became "
                + "errors.",
            unit: "{commit}", dimensions: [("db.namespace", database)], factory: metrics)
    }

    /// One line a commit, outside of any request, because it concerns all requests of the turn.
    func report(_ error: any Error) {
        failures.increment()
        ServiceContext.withValue(nil) {
            logger.error(
                "a commit failed: nothing of it is stored, and its answers became errors", error: error,
                metadata: [LogField.component: "database", "database": .string(database)])
        }
    }
}
