import Metrics
import SQLite

/// Keeps a database within a size on disk. Used on the writer's thread: a look costs two numbers of the file's header, so
/// that it can be had after every commit.
///
/// What is dropped makes room for what comes: the file stays as large as it is, within the limit. Beside it stands the
/// write-ahead log, which ``walBytes(for:)`` keeps to a small part of it.
package struct SizeLimiter: Sendable {
    private let tables: [RetainedTable]
    private let maximumBytes: Int64
    private let batch: Int
    private let expired: [Counter]

    /// - Parameters:
    ///   - maximumBytes: what the file and its log may take together.
    ///   - batch: how many rows go in one transaction.
    package init(tables: [RetainedTable], maximumBytes: Int64, batch: Int = 200, metrics: any MetricsFactory) {
        self.tables = tables
        self.maximumBytes = maximumBytes
        self.batch = batch
        expired = tables.map { $0.expiredRows(metrics) }
    }

    /// How large the write-ahead log may grow before it is taken over into the file.
    package static func walBytes(for maximumBytes: Int64) -> Int64 { min(max(maximumBytes / 16, 256 << 10), 64 << 20) }

    /// What the used pages may take: a tenth is left for what comes in before the next look.
    private var usableBytes: Int64 { maximumBytes - maximumBytes / 10 }

    /// Drops the oldest rows until the rest fits, and makes the file smaller if it is too large all the same.
    package func enforce(_ database: Database) throws {
        while true {
            var isDone = false
            try database.transaction { isDone = try shrink(database) == nil }
            if isDone { break }
        }
        try giveBack(database)
    }

    /// Drops a batch of the oldest rows of all tables if the database is too large. Returns how many; `nil` if it fits, or
    /// nothing is left.
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

    /// Makes the file smaller if it is larger than it may be: it was, before the limit was lowered, or has grown by one
    /// large request. Outside of a transaction.
    func giveBack(_ database: Database) throws {
        guard try database.fileBytes() > maximumBytes, try database.usedBytes() <= usableBytes else { return }
        // In a file of an older version: from then on it can shrink.
        let isPrepared = try database.first("SELECT auto_vacuum FROM pragma_auto_vacuum") { $0.int64(0) } == 2
        try database.execute(
            script: isPrepared ? "PRAGMA incremental_vacuum;" : "PRAGMA auto_vacuum = INCREMENTAL; VACUUM;")
        // Without waiting for readers: what they hold up is made up for by a later commit.
        try database.execute(script: "PRAGMA wal_checkpoint(PASSIVE);")
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

    /// The size of the file with its free pages, once the write-ahead log is taken over into it.
    func fileBytes() throws -> Int64 {
        try first("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") { $0.int64(0) } ?? 0
    }
}
