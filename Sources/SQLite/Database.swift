/// One connection to an SQLite database: WAL, foreign keys on, prepared statements cached by their text.
///
/// Not thread-safe: it belongs to whoever made it, usually one event loop.
package final class Database {
    /// Opens or creates `path`; `:memory:` for none.
    package init(path: String, configuration: Configuration = Configuration()) throws { fatalError("stub") }

    package struct Configuration: Sendable {
        /// How long a statement waits for another process's lock.
        package var busyTimeout: Duration = .milliseconds(0)
        /// `PRAGMA synchronous`: `NORMAL` survives a crash of the process, `FULL` also of the machine.
        package var synchronous: String = "NORMAL"
        package var readOnly = false
        package init() {}
    }

    /// Runs statements without parameters and rows, separated by semicolons.
    package func execute(script: String) throws { fatalError("stub") }
    /// Runs one statement; returns how many rows it changed.
    @discardableResult
    package func execute(_ sql: StaticString, _ parameters: Value...) throws -> Int { fatalError("stub") }
    /// The rows of a query, each read by `read`.
    package func query<T>(_ sql: StaticString, _ parameters: Value..., read: (borrowing Row) throws -> T) throws -> [T] {
        fatalError("stub")
    }
    /// The first row of a query, or `nil`.
    package func first<T>(_ sql: StaticString, _ parameters: Value..., read: (borrowing Row) throws -> T) throws -> T? {
        fatalError("stub")
    }
    /// As ``query(_:_:read:)`` for a text that is built at run time.
    package func query<T>(dynamic sql: String, _ parameters: [Value], read: (borrowing Row) throws -> T) throws -> [T] {
        fatalError("stub")
    }
    @discardableResult
    package func execute(dynamic sql: String, _ parameters: [Value]) throws -> Int { fatalError("stub") }
    /// Runs `body` in a transaction (`BEGIN IMMEDIATE`): committed if it returns, rolled back if it throws.
    package func transaction<T>(_ body: () throws -> T) throws -> T { fatalError("stub") }
    /// Brings the schema up to date: `migrations` are scripts in order, each applied once (`PRAGMA user_version`).
    package func migrate(_ migrations: [String]) throws { fatalError("stub") }
    package var lastInsertRowID: Int64 { fatalError("stub") }
    /// Moves the write-ahead log into the database (`TRUNCATE`), then closes.
    package func close() { fatalError("stub") }

    package enum Value: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
        ExpressibleByNilLiteral
    {
        case null
        case integer(Int64)
        case real(Double)
        case text(String)
        case blob([UInt8])
        package init(stringLiteral value: String) { self = .text(value) }
        package init(integerLiteral value: Int64) { self = .integer(value) }
        package init(nilLiteral: ()) { self = .null }
        package static func optional(_ value: String?) -> Value { value.map(Value.text) ?? .null }
        package static func optional(_ value: Int64?) -> Value { value.map(Value.integer) ?? .null }
    }

    /// The current row of a query; valid only inside `read`. Columns count from 0.
    package struct Row: ~Copyable {
        package func int64(_ column: Int32) -> Int64 { fatalError("stub") }
        package func double(_ column: Int32) -> Double { fatalError("stub") }
        package func text(_ column: Int32) -> String { fatalError("stub") }
        package func optionalText(_ column: Int32) -> String? { fatalError("stub") }
        package func optionalInt64(_ column: Int32) -> Int64? { fatalError("stub") }
        package func blob(_ column: Int32) -> [UInt8] { fatalError("stub") }
        /// Lends the bytes of a text or blob without copying them.
        package func withBytes<R>(_ column: Int32, _ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
            fatalError("stub")
        }
        package func isNull(_ column: Int32) -> Bool { fatalError("stub") }
    }
}

/// An error of SQLite.
package struct SQLiteError: Error, Equatable, CustomStringConvertible {
    /// The extended result code.
    package var code: Int32
    package var message: String
    package var sql: String?
    package init(code: Int32, message: String, sql: String? = nil) {
        self.code = code
        self.message = message
        self.sql = sql
    }
    package var description: String { "SQLite error \(code): \(message)" }
    /// Another connection holds the lock.
    package var isBusy: Bool { code & 0xFF == 5 || code & 0xFF == 6 }
    /// A UNIQUE, CHECK, FOREIGN KEY or NOT NULL constraint failed.
    package var isConstraint: Bool { code & 0xFF == 19 }
}
