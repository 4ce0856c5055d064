import Encoding
import EventLoop
import Logging
import Metrics
import SQLite
import ServiceLifecycle

/// A table whose oldest rows may be dropped.
package struct RetainedTable: Sendable {
    /// What the rows are, such as `logs`.
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

/// Keeps the database within an age and a size by dropping what is oldest, in small batches between other writes.
package final class PocketRetention: Service {
    package struct Configuration: Sendable {
        package var maximumAge: Duration = .seconds(24 * 3600)
        /// How many bytes the database's used pages may take.
        package var maximumBytes: Int64 = 512 << 20
        /// How many rows are deleted in one transaction: a push never waits for more than that.
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
        deleted = tables.map {
            Counter(
                label: "tailspan.pocket.rows.expired", description: "Rows dropped by age or size.", unit: "{row}",
                dimensions: [("table", $0.name)], factory: metrics)
        }
    }

    /// Sweeps now and then until graceful shutdown.
    package func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    await self.sweepOrReport()
                    try await self.eventLoop.sleep(for: self.configuration.interval)
                }
            }
        } catch is CancellationError {
            // That is how it ends.
        }
    }

    private func sweepOrReport() async {
        do {
            try await sweep()
        } catch {
            logger.warning("old rows could not be dropped", error: error)
        }
    }

    /// Drops what is too old, then the oldest until the size fits. Returns how many rows went.
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
        while let index = try await tableToShrink() {
            let count = try await delete(from: index, before: .max)
            total += count
            if count == 0 { break }
        }
        return total
    }

    private func delete(from index: Int, before: UInt64) async throws -> Int {
        let table = tables[index]
        let batch = configuration.batch
        let count = try await database.write { try table.deleteOldest($0, before, batch) }
        if count > 0 { deleted[index].increment(by: Int64(count)) }
        return count
    }

    /// The table that holds the oldest row, if the database is too large.
    private func tableToShrink() async throws -> Int? {
        let tables = tables
        let limit = configuration.maximumBytes
        return try await database.write { database in
            guard try database.usedBytes() > limit else { return nil }
            var result: (index: Int, time: UInt64)?
            for (index, table) in tables.enumerated() {
                guard let time = try table.oldest(database) else { continue }
                if result.map({ time < $0.time }) ?? true { result = (index, time) }
            }
            return result?.index
        }
    }
}

extension Database {
    /// The size of the pages in use: those set free are reused before the file grows.
    func usedBytes() throws -> Int64 {
        try first(
            """
            SELECT (page_count - freelist_count) * page_size
            FROM pragma_page_count, pragma_freelist_count, pragma_page_size
            """
        ) { $0.int64(0) } ?? 0
    }
}
