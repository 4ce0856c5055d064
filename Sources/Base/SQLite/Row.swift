import CSQLite

extension Database {
    /// The current row of a query; valid only inside `read`. Columns are numbered from 0.
    ///
    /// Reading a column as a different type converts it by SQLite's rules: `NULL` reads as 0 and as the empty string.
    package struct Row: ~Copyable {
        private let statement: OpaquePointer

        init(statement: OpaquePointer) { self.statement = statement }

        package func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

        package func double(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

        package func text(_ column: Int32) -> String {
            withBytes(column) { String(decoding: $0, as: UTF8.self) }
        }

        package func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

        package func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }

        package func optionalDouble(_ column: Int32) -> Double? { isNull(column) ? nil : double(column) }

        package func blob(_ column: Int32) -> [UInt8] { withBytes(column) { Array($0) } }

        /// Gives `body` the bytes of a text or blob without copying them.
        package func withBytes<R>(_ column: Int32, _ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
            // The order matters: requesting the blob may convert the column, and only then is its size known.
            let bytes = sqlite3_column_blob(statement, column)
            let count = Int(sqlite3_column_bytes(statement, column))
            return try body(
                UnsafeBufferPointer(start: bytes?.assumingMemoryBound(to: UInt8.self), count: bytes == nil ? 0 : count))
        }

        package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

        /// The number of columns in the row.
        package var columnCount: Int32 { sqlite3_data_count(statement) }

        /// The column with its SQLite type.
        package func value(_ column: Int32) -> Value {
            switch sqlite3_column_type(statement, column) {
            case SQLITE_INTEGER: .integer(int64(column))
            case SQLITE_FLOAT: .real(double(column))
            case SQLITE_TEXT: .text(text(column))
            case SQLITE_BLOB: .blob(blob(column))
            default: .null
            }
        }
    }
}
