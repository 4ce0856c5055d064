import CSQLite

extension Database {
    /// The checkpoint modes (https://www.sqlite.org/c3ref/wal_checkpoint_v2.html).
    package enum CheckpointMode: Sendable {
        /// Moves what it can without waiting.
        case passive
        /// Waits for writers (up to the busy timeout) and moves everything.
        case full
        /// Like `full`, and waits for readers, so that the next writer starts the log from the beginning.
        case restart
        /// Like `restart`, and truncates the log file to zero bytes.
        case truncate
    }

    /// The result of a checkpoint, in pages of the write-ahead log; both are -1 for a database without one.
    package struct CheckpointResult: Sendable, Equatable {
        package var pagesInLog: Int
        package var pagesMoved: Int
    }

    /// Moves pages from the write-ahead log into the database. An open group is committed first.
    /// - Throws: an error that ``SQLiteError/isBusy`` if another connection blocks `mode`.
    @discardableResult
    package func checkpoint(_ mode: CheckpointMode = .passive) throws -> CheckpointResult {
        let number =
            switch mode {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .full: SQLITE_CHECKPOINT_FULL
            case .restart: SQLITE_CHECKPOINT_RESTART
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        let connection = try connection
        commitGroup()
        var (log, moved): (Int32, Int32) = (0, 0)
        guard sqlite3_wal_checkpoint_v2(connection, nil, number, &log, &moved) == SQLITE_OK else {
            throw SQLiteError(connection: connection)
        }
        return CheckpointResult(pagesInLog: Int(log), pagesMoved: Int(moved))
    }

    /// Checkpoints the database at `path` on a separate connection, so it can be called from any thread. The owner of
    /// the other connection disables its own checkpoints (``Configuration/walAutocheckpoint``) and is never held up by
    /// one.
    @discardableResult
    package static func checkpoint(path: String, _ mode: CheckpointMode = .passive) throws -> CheckpointResult {
        let database = try Database(path: path)
        defer { database.close() }
        return try database.checkpoint(mode)
    }
}
