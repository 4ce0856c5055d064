import Encoding
import EventLoop
import Logging
import Metrics
import SQLite
import ServiceLifecycle

/// A table whose oldest rows may be deleted.
package struct RetainedTable: Sendable {
    /// The kind of the rows, such as `logs`.
    package var name: String
    /// The time of the oldest row in nanoseconds since the Unix epoch, `nil` if there is none.
    package var oldest: @Sendable (Database) throws -> UInt64?
    /// Deletes at most `limit` rows that are older than `before`, oldest first; returns how many were deleted.
    package var deleteOldest: @Sendable (_ database: Database, _ before: UInt64, _ limit: Int) throws -> Int

    package init(
        name: String, oldest: @escaping @Sendable (Database) throws -> UInt64?,
        deleteOldest: @escaping @Sendable (_ database: Database, _ before: UInt64, _ limit: Int) throws -> Int
    ) {
        self.name = name
        self.oldest = oldest
        self.deleteOldest = deleteOldest
    }
}

extension RetainedTable {
    /// Counts the deleted rows of the table.
    func expiredRows(_ metrics: any MetricsFactory) -> Counter {
        Counter(
            label: "tailspan.pocket.rows.expired", description: "Rows dropped by age or size.", unit: "{row}",
            dimensions: [("table", name)], factory: metrics)
    }
}

/// Keeps the database within an age and a size by deleting the oldest rows, in small batches between other writes.
package final class PocketRetention: Service {
    package struct Configuration: Sendable {
        package var maximumAge: Duration = .seconds(24 * 3600)
        /// The maximum size of the database on disk, in bytes.
        package var maximumBytes: Int64 = 512 << 20
        /// The number of rows deleted in one transaction: a push never waits for more than that.
        package var batch = 2000
        package var interval: Duration = .seconds(10)
        package init() {}
    }

    private let database: PocketDatabase
    private let tables: [RetainedTable]
    private let configuration: Configuration
    private let clock: WallClock
    private let eventLoop: EventLoop
    private let logger: Logger
    private let deleted: [Counter]
    private let limiter: SizeLimiter
    private let dropping = RecurringProblem("old rows could not be dropped", recovery: "old rows are dropped again")

    package init(
        database: PocketDatabase, tables: [RetainedTable], configuration: Configuration = Configuration(),
        clock: WallClock = .system, eventLoop: EventLoop, logger: Logger, metrics: any MetricsFactory
    ) {
        self.database = database
        self.tables = tables
        self.configuration = configuration
        self.clock = clock
        self.eventLoop = eventLoop
        self.logger = logger
        deleted = tables.map { $0.expiredRows(metrics) }
        limiter = SizeLimiter(
            tables: tables, maximumBytes: configuration.maximumBytes, batch: configuration.batch, metrics: metrics)
    }

    /// Sweeps periodically until graceful shutdown.
    package func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    await self.sweepOrReport()
                    try await self.eventLoop.sleep(for: self.configuration.interval)
                }
            }
        } catch is CancellationError {
            // The normal end.
        }
    }

    private func sweepOrReport() async {
        do {
            try await sweep()
            dropping.ended(logger)
        } catch {
            dropping.occurred(error, logger)
        }
    }

    /// Deletes rows that are too old, then the oldest until the size fits. Returns how many rows were deleted.
    @discardableResult
    package func sweep() async throws -> Int {
        var total = 0
        let age = UInt64(configuration.maximumAge.components.seconds) * 1_000_000_000
        let now = clock.now()
        let cutoff = now > age ? now - age : 0
        for index in tables.indices {
            while true {
                let count = try await delete(from: index, before: cutoff)
                total += count
                if count < configuration.batch { break }
            }
        }
        let limiter = limiter
        while let count = try await database.write({ try limiter.shrink($0) }) { total += count }
        try await database.maintain { try limiter.giveBack($0) }
        return total
    }

    private func delete(from index: Int, before: UInt64) async throws -> Int {
        let table = tables[index]
        let batch = configuration.batch
        let count = try await database.write { try table.deleteOldest($0, before, batch) }
        if count > 0 { deleted[index].increment(by: Int64(count)) }
        return count
    }
}
