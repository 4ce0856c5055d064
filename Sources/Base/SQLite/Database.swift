import CSQLite
import Encoding

/// A connection to an SQLite database with WAL, foreign keys enabled, and prepared statements cached by their text.
///
/// Not thread-safe: it belongs to its creator, usually one event loop. Each write commits itself, and so does each
/// transaction, unless ``groupWrites(_:)`` was called.
package final class Database {
    private var handle: OpaquePointer?
    /// The path of the database; `:memory:` for a database in memory.
    let path: String
    /// Statements by the address of a constant string, so that no text is compared or built.
    private var staticStatements: [UnsafePointer<UInt8>: Statement] = [:]
    /// Statements by texts built at run time. Their number is unbounded, so the cache is emptied when it is full.
    private var dynamicStatements: [String: Statement] = [:]
    private static let dynamicLimit = 64
    /// The writes that are committed together; `nil` if each write commits itself.
    var group: Group?

    /// Opens or creates `path`; `:memory:` for a database in memory.
    package init(path: String, configuration: Configuration = Configuration()) throws {
        self.path = path
        do {
            handle = try Database.open(path, configuration)
            try configure(configuration)
        } catch let error as SQLiteError {
            throw error.opening(path)
        }
    }

    deinit { sqlite3_close_v2(releaseHandle()) }

    // MARK: Running statements

    /// Runs statements without parameters, separated by semicolons. Rows are ignored.
    package func execute(script: String) throws {
        let connection = try connection
        try prepareForScript()
        guard sqlite3_exec(connection, script, nil, nil, nil) == SQLITE_OK else {
            throw SQLiteError(connection: connection, sql: script).using(path)
        }
    }

    /// Runs one statement and returns the number of rows changed.
    @discardableResult
    package func execute(_ sql: StaticString, _ parameters: Value...) throws -> Int {
        try withStatement(sql) { statement in
            try statement.bind(all: parameters)
            return try statement.run()
        }
    }

    /// Like ``execute(_:_:)``, for a text built at run time.
    @discardableResult
    package func execute(dynamic sql: String, _ parameters: [Value] = []) throws -> Int {
        try withStatement(dynamic: sql) { statement in
            try statement.bind(all: parameters)
            return try statement.run()
        }
    }

    /// Returns the rows of a query, each read by `read`.
    package func query<T>(_ sql: StaticString, _ parameters: Value..., read: (borrowing Row) throws -> T) throws -> [T]
    {
        try withStatement(sql) { try $0.rows(parameters, read) }
    }

    /// Returns the first row of a query; `nil` if there is none.
    package func first<T>(_ sql: StaticString, _ parameters: Value..., read: (borrowing Row) throws -> T) throws -> T? {
        try withStatement(sql) { statement in
            try statement.bind(all: parameters)
            var result: T?
            try statement.forEachRow { row in
                result = try read(row)
                return false
            }
            return result
        }
    }

    /// Like ``query(_:_:read:)``, for a text built at run time.
    package func query<T>(
        dynamic sql: String, _ parameters: [Value] = [], read: (borrowing Row) throws -> T
    ) throws
        -> [T]
    {
        try withStatement(dynamic: sql) { try $0.rows(parameters, read) }
    }

    /// Passes the rows of a query to `body` one by one until it returns `false`.
    package func forEachRow(
        dynamic sql: String, _ parameters: [Value] = [], _ body: (borrowing Row) throws -> Bool
    ) throws {
        try withStatement(dynamic: sql) { statement in
            try statement.bind(all: parameters)
            try statement.forEachRow(body)
        }
    }

    /// Gives `body` the prepared statement of `sql`, to be bound and run any number of times. This is the fast way for
    /// many rows.
    @discardableResult
    package func withStatement<T>(_ sql: StaticString, _ body: (Statement) throws -> T) throws -> T {
        guard sql.hasPointerRepresentation else { return try withStatement(dynamic: sql.description, body) }
        return try use(try prepared(sql), body)
    }

    /// The statement of a constant string, prepared once.
    private func prepared(_ sql: StaticString) throws -> Statement {
        let connection = try connection
        let cached = staticStatements[sql.utf8Start]
        if let cached, !cached.isInUse { return cached }
        let text = UnsafeBufferPointer(start: sql.utf8Start, count: sql.utf8CodeUnitCount)
        let statement = try named { try Statement(connection: connection, sql: text, isPersistent: cached == nil) }
        if cached == nil { staticStatements[sql.utf8Start] = statement }
        return statement
    }

    /// Runs a statement that begins or ends something. It joins no group.
    func control(_ sql: StaticString) throws {
        let statement = try prepared(sql)
        try named { _ = try statement.run() }
    }

    /// Like ``withStatement(_:_:)``, for a text built at run time.
    @discardableResult
    package func withStatement<T>(dynamic sql: String, _ body: (Statement) throws -> T) throws -> T {
        let connection = try connection
        let cached = dynamicStatements[sql]
        if let cached, !cached.isInUse { return try use(cached, body) }
        var text = sql
        let statement = try named {
            try text.withUTF8 { try Statement(connection: connection, sql: $0, isPersistent: cached == nil) }
        }
        if cached == nil {
            // Statements in use are kept alive by their users and finalized afterwards.
            if dynamicStatements.count >= Database.dynamicLimit { dynamicStatements.removeAll(keepingCapacity: true) }
            dynamicStatements[sql] = statement
        }
        return try use(statement, body)
    }

    private func use<T>(_ statement: Statement, _ body: (Statement) throws -> T) throws -> T {
        if group != nil, !statement.isReadOnly { try joinGroup() }
        statement.isInUse = true
        defer {
            statement.reset()
            statement.isInUse = false
        }
        do {
            return try named { try body(statement) }
        } catch {
            noteLostGroup(error, own: statement.isReadOnly ? 0 : 1)
            throw error
        }
    }

    /// The row id of the most recent insertion on this connection.
    package var lastInsertRowID: Int64 { handle.map { sqlite3_last_insert_rowid($0) } ?? 0 }

    // MARK: Transactions

    /// Runs `body` in a transaction (`BEGIN IMMEDIATE`), which is committed if `body` returns and rolled back if it
    /// throws. Where writes are grouped, it is a part of the group: only what `body` wrote is rolled back, and the
    /// group is committed later.
    /// - Throws: any error of `body`; an error for a nested transaction; a busy error if the lock is not available,
    ///   in which case `body` has not run.
    @discardableResult
    package func transaction<T>(_ body: () throws -> T) throws -> T {
        if isGrouping { return try transactionInGroup(body) }
        guard try !isInTransaction(connection) else { throw SQLiteError.misuse("a transaction is already open") }
        try control("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try control("COMMIT")
            return result
        } catch {
            // A full disk or an I/O error may have rolled back already.
            guard isInTransaction else { throw error }
            do {
                try control("ROLLBACK")
            } catch let failure {
                throw SQLiteError.misuse("cannot roll back (\(failure)) after: \(error)")
            }
            throw error
        }
    }

    /// Whether a transaction or a group is open.
    package var isInTransaction: Bool { handle.map(isInTransaction) ?? false }

    private func isInTransaction(_ connection: OpaquePointer) -> Bool { sqlite3_get_autocommit(connection) == 0 }

    // MARK: Opening and closing

    /// The connection. Throws if the database has been closed.
    var connection: OpaquePointer {
        get throws {
            guard let handle else { throw SQLiteError.misuse("the database is closed") }
            return handle
        }
    }

    /// SQLite's memory statistics cost two locks per allocation, and nothing reads them.
    private static let withoutStatistics: Void = csqlite_turn_off_memory_statistics()

    private static func open(_ path: String, _ configuration: Configuration) throws -> OpaquePointer {
        withoutStatistics
        var handle: OpaquePointer?
        // Only one thread at a time uses a connection, so its mutex would be pure cost.
        let mode = configuration.readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let files = configuration.combinesWrites && path != ":memory:" ? CombinedWrites.name : nil
        let code = sqlite3_open_v2(path, &handle, mode | SQLITE_OPEN_NOMUTEX, files)
        guard code == SQLITE_OK, let handle else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw SQLiteError(code: code, message: message)
        }
        sqlite3_extended_result_codes(handle, 1)
        return handle
    }

    private func configure(_ configuration: Configuration) throws {
        guard ["OFF", "NORMAL", "FULL", "EXTRA"].contains(configuration.synchronous) else {
            throw SQLiteError.misuse(
                "synchronous: expected OFF, NORMAL, FULL or EXTRA, not \(configuration.synchronous)")
        }
        if !configuration.readOnly, sqlite3_db_readonly(handle, "main") == 1 {
            throw SQLiteError(code: SQLITE_READONLY, message: "it cannot be written")
        }
        // If two processes open a new database at the same moment, both switch it to WAL and one has to wait.
        sqlite3_busy_timeout(handle, 5000)
        if configuration.exclusive { _ = try first("PRAGMA locking_mode = EXCLUSIVE") { $0.text(0) } }
        try execute(script: "PRAGMA page_size = \(configuration.pageSize)")
        if !configuration.readOnly { _ = try first("PRAGMA journal_mode = WAL") { $0.text(0) } }
        try execute(
            script: """
                PRAGMA foreign_keys = ON;
                PRAGMA synchronous = \(configuration.synchronous);
                PRAGMA wal_autocheckpoint = \(configuration.walAutocheckpoint);
                """)
        sqlite3_busy_timeout(handle, Int32(clamping: configuration.busyTimeout.wholeMilliseconds))
    }

    /// Commits an open group, moves the write-ahead log into the database (`TRUNCATE`), then closes. A second call does
    /// nothing.
    package func close() {
        guard let handle else { return }
        commitGroup()
        // If another connection is using it, the log is not moved; it stays complete for the next one that opens the
        // database.
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        sqlite3_close_v2(releaseHandle())
    }

    /// Releases the handle and the statements. A statement still in use keeps the connection alive until it is done.
    private func releaseHandle() -> OpaquePointer? {
        staticStatements = [:]
        dynamicStatements = [:]
        defer { handle = nil }
        return handle
    }
}

extension Database.Statement {
    fileprivate func rows<T>(_ parameters: [Database.Value], _ read: (borrowing Database.Row) throws -> T) throws -> [T]
    {
        try bind(all: parameters)
        var result: [T] = []
        try forEachRow { row in
            result.append(try read(row))
            return true
        }
        return result
    }
}
