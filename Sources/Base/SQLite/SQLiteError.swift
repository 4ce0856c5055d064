import CSQLite
import Encoding

/// An error from SQLite, or from incorrect use of it.
package struct SQLiteError: StackTraceError, Equatable, CustomStringConvertible {
    /// The extended result code (https://www.sqlite.org/rescode.html).
    package var code: Int32
    /// SQLite's error message.
    package var message: String
    /// The statement that failed, if there was one.
    package var sql: String?
    /// For a damaged file: its name and the remedy.
    var damage: String?
    private let stack = StackTrace()

    package init(code: Int32, message: String, sql: String? = nil) {
        self.code = code
        self.message = message
        self.sql = sql
    }

    package var stackTrace: String { stack.text }

    package var description: String {
        let statement = sql.map { " in: " + $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") } ?? ""
        let damage = damage.map { " (\($0))" } ?? ""
        return "SQLite error \(code): \(message)\(damage)\(statement)"
    }

    /// Another connection holds the lock.
    package var isBusy: Bool { code & 0xFF == SQLITE_BUSY || code & 0xFF == SQLITE_LOCKED }
    /// A UNIQUE, CHECK, FOREIGN KEY or NOT NULL constraint failed.
    package var isConstraint: Bool { code & 0xFF == SQLITE_CONSTRAINT }
    /// A UNIQUE or PRIMARY KEY constraint failed.
    package var isUniqueViolation: Bool {
        // These extended codes are macro expressions, which Swift does not import: CONSTRAINT | 8 << 8, CONSTRAINT | 6
        // << 8.
        code == SQLITE_CONSTRAINT | 8 << 8 || code == SQLITE_CONSTRAINT | 6 << 8
    }
    /// The disk is full.
    package var isFull: Bool { code & 0xFF == SQLITE_FULL }

    /// Creates an error from the last error of `connection`.
    init(connection: OpaquePointer?, sql: String? = nil) {
        self.init(
            code: sqlite3_extended_errcode(connection), message: String(cString: sqlite3_errmsg(connection)), sql: sql)
    }

    /// An error for a call that can never work.
    static func misuse(_ message: String, sql: String? = nil) -> SQLiteError {
        SQLiteError(code: SQLITE_MISUSE, message: message, sql: sql)
    }
}
