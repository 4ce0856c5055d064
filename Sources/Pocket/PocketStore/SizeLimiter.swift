import Metrics
import SQLite

/// Keeps a database within a size on disk. Used on the writer's thread: a check only reads two numbers from the file's
/// header, so it can run after every commit.
///
/// Deleted rows make room for new ones: the file keeps its size, within the limit. The write-ahead log comes on top;
/// ``walBytes(for:)`` keeps it to a small part of the limit.
package struct SizeLimiter: Sendable {
    private let tables: [RetainedTable]
    private let maximumBytes: Int64
    private let batch: Int
    private let expired: [Counter]

    /// - Parameters:
    ///   - maximumBytes: the limit for the file and its log together.
    ///   - batch: the number of rows deleted in one transaction.
    package init(tables: [RetainedTable], maximumBytes: Int64, batch: Int = 200, metrics: any MetricsFactory) {
        self.tables = tables
        self.maximumBytes = maximumBytes
        self.batch = batch
        expired = tables.map { $0.expiredRows(metrics) }
    }

    /// The size of the write-ahead log at which it is checkpointed into the file.
    package static func walBytes(for maximumBytes: Int64) -> Int64 { min(max(maximumBytes / 16, 256 << 10), 64 << 20) }

    /// The limit for the used pages: a tenth is left for what arrives before the next check.
    private var usableBytes: Int64 { maximumBytes - maximumBytes / 10 }

    /// Deletes the oldest rows until the rest fits, and shrinks the file if it is still too large.
    package func enforce(_ database: Database) throws {
        while true {
            var isDone = false
            try database.transaction { isDone = try shrink(database) == nil }
            if isDone { break }
        }
        try giveBack(database)
    }

    /// Deletes a batch of the oldest rows of all tables if the database is too large. Returns how many; `nil` if it
    /// fits, or nothing is left.
    func shrink(_ database: Database) throws -> Int? {
        guard try database.usedBytes() > usableBytes else { return nil }
        var oldest: (index: Int, time: UInt64)?
        for (index, table) in tables.enumerated() {
            guard let time = try table.oldest(database) else { continue }
            if oldest.map({ time < $0.time }) ?? true { oldest = (index, time) }
        }
        guard let (index, _) = oldest else { return nil }
        let count = try tables[index].deleteOldest(database, .max, batch)
        expired[index].increment(by: Int64(count))
        return count > 0 ? count : nil
    }

    /// Shrinks the file if it is larger than allowed: because the limit was lowered, or after one large request. Must
    /// run outside of a transaction.
    func giveBack(_ database: Database) throws {
        guard try database.fileBytes() > maximumBytes, try database.usedBytes() <= usableBytes else { return }
        // A file of an older version must be prepared once before it can shrink.
        let isPrepared = try database.first("SELECT auto_vacuum FROM pragma_auto_vacuum") { $0.int64(0) } == 2
        try database.execute(
            script: isPrepared ? "PRAGMA incremental_vacuum;" : "PRAGMA auto_vacuum = INCREMENTAL; VACUUM;")
        // Does not wait for readers: a later commit catches up on what they block.
        try database.execute(script: "PRAGMA wal_checkpoint(PASSIVE);")
    }
}

extension Database {
    /// The size of the pages in use: free pages are reused before the file grows.
    func usedBytes() throws -> Int64 {
        try first(
            """
            SELECT (page_count - freelist_count) * page_size
            FROM pragma_page_count, pragma_freelist_count, pragma_page_size
            """
        ) { $0.int64(0) } ?? 0
    }

    /// The size of the file including free pages, once the write-ahead log is checkpointed into it.
    func fileBytes() throws -> Int64 {
        try first("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") { $0.int64(0) } ?? 0
    }
}
