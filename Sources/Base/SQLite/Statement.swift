import CSQLite

extension Database {
    /// A prepared statement. Parameters are numbered from 1, columns from 0.
    ///
    /// It belongs to its database's thread and, outside ``Database/withStatement(_:_:)``, to the database's cache.
    package final class Statement {
        private let handle: OpaquePointer
        /// Whether the statement is between binding and reading, in which case the cache must not hand it out again.
        var isInUse = false
        /// Whether it was bound or run since the last ``reset()``.
        private var isDirty = false
        /// Whether the statement leaves the database as it is.
        let isReadOnly: Bool

        /// Prepares the single statement in `sql`. Set `isPersistent` if it will be kept and run often.
        init(connection: OpaquePointer, sql: UnsafeBufferPointer<UInt8>, isPersistent: Bool) throws {
            var prepared: OpaquePointer?
            let text = { String(decoding: sql, as: UTF8.self) }
            let flags = isPersistent ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
            let rest = try sql.withMemoryRebound(to: CChar.self) { characters in
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    connection, characters.baseAddress, Int32(characters.count), flags, &prepared, &tail)
                guard code == SQLITE_OK else { throw SQLiteError(connection: connection, sql: text()) }
                guard let start = characters.baseAddress, let tail else { return characters[0..<0] }
                return characters[(tail - start)...]
            }
            guard let prepared else { throw SQLiteError.misuse("there is no statement in the text", sql: text()) }
            handle = prepared
            isReadOnly = sqlite3_stmt_readonly(prepared) != 0
            guard !Statement.holdsStatement(rest, connection: connection) else {
                throw SQLiteError.misuse("expected one statement; run several with execute(script:)", sql: text())
            }
        }

        deinit { sqlite3_finalize(handle) }

        /// Whether anything but white space, semicolons and comments follows.
        private static func holdsStatement(_ rest: Slice<UnsafeBufferPointer<CChar>>, connection: OpaquePointer) -> Bool
        {
            guard rest.contains(where: { $0 > 0x20 && $0 != 0x3B }) else { return false }
            let rest = UnsafeBufferPointer(rebasing: rest)
            var next: OpaquePointer?
            let code = sqlite3_prepare_v2(connection, rest.baseAddress, Int32(rest.count), &next, nil)
            defer { sqlite3_finalize(next) }
            return code != SQLITE_OK || next != nil
        }

        /// The text of the statement.
        package var sql: String { sqlite3_sql(handle).map { String(cString: $0) } ?? "" }

        /// The last error of the connection.
        private func lastError() -> SQLiteError { SQLiteError(connection: sqlite3_db_handle(handle), sql: sql) }

        /// Takes the result of binding a parameter.
        private func check(_ code: Int32) throws {
            isDirty = true
            if code != SQLITE_OK { throw lastError() }
        }

        // MARK: Parameters

        package func bind(_ index: Int32, _ value: Int64) throws { try check(sqlite3_bind_int64(handle, index, value)) }

        package func bind(_ index: Int32, _ value: Double) throws {
            try check(sqlite3_bind_double(handle, index, value))
        }

        package func bind(_ index: Int32, _ value: String) throws {
            var value = value
            try value.withUTF8 { try bind(index, text: $0) }
        }

        /// Binds a constant string without copying it.
        package func bind(_ index: Int32, literal value: StaticString) throws {
            guard value.hasPointerRepresentation else { return try bind(index, value.description) }
            let bytes = UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount)
            try bind(index, borrowedText: bytes)
        }

        /// Binds UTF-8 bytes as text. SQLite copies them.
        package func bind(_ index: Int32, text bytes: UnsafeBufferPointer<UInt8>) throws {
            try Statement.withAddress(of: bytes) {
                try check(csqlite_bind_text_copied(handle, index, $0, UInt64(bytes.count)))
            }
        }

        /// Binds UTF-8 bytes as text without copying them. `bytes` must stay valid until ``run()`` or
        /// ``forEachRow(_:)`` has returned.
        package func bind(_ index: Int32, borrowedText bytes: UnsafeBufferPointer<UInt8>) throws {
            // An empty text needs no borrowed memory, so it is copied, which keeps the placeholder address short-lived.
            guard !bytes.isEmpty else { return try bind(index, text: bytes) }
            try check(csqlite_bind_text_borrowed(handle, index, bytes.baseAddress, UInt64(bytes.count)))
        }

        /// Binds bytes. SQLite copies them.
        package func bind(_ index: Int32, blob bytes: UnsafeBufferPointer<UInt8>) throws {
            try Statement.withAddress(of: bytes) {
                try check(csqlite_bind_blob_copied(handle, index, $0, UInt64(bytes.count)))
            }
        }

        /// Binds bytes without copying them. They must stay valid until ``run()`` or ``forEachRow(_:)`` has returned.
        package func bind(_ index: Int32, borrowedBlob bytes: UnsafeBufferPointer<UInt8>) throws {
            guard !bytes.isEmpty else { return try bind(index, blob: bytes) }
            try check(csqlite_bind_blob_borrowed(handle, index, bytes.baseAddress, UInt64(bytes.count)))
        }

        package func bindNull(_ index: Int32) throws { try check(sqlite3_bind_null(handle, index)) }

        package func bind(_ index: Int32, _ value: Value) throws {
            switch value {
            case .null: try bindNull(index)
            case .integer(let value): try bind(index, value)
            case .real(let value): try bind(index, value)
            case .text(let value): try bind(index, value)
            case .utf8(let value): try value.withUnsafeBufferPointer { try bind(index, text: $0) }
            case .blob(let value): try value.withUnsafeBufferPointer { try bind(index, blob: $0) }
            }
        }

        /// Binds all parameters. Their number must match the statement's.
        package func bind(all values: [Value]) throws {
            let expected = Int(sqlite3_bind_parameter_count(handle))
            guard values.count == expected else {
                throw SQLiteError.misuse("expected \(expected) parameters, given \(values.count)", sql: sql)
            }
            var index: Int32 = 1
            for value in values {
                try bind(index, value)
                index += 1
            }
        }

        /// Provides an address even for an empty buffer: SQLite treats a null pointer as `NULL`, not as the empty text.
        private static func withAddress(
            of bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeRawPointer) throws -> Void
        ) rethrows {
            if let address = bytes.baseAddress { return try body(address) }
            var nothing: UInt8 = 0
            try body(&nothing)
        }

        // MARK: Running

        /// Runs the statement to completion and clears its parameters; returns the number of rows changed.
        @discardableResult
        package func run() throws -> Int {
            defer { reset() }
            let connection = sqlite3_db_handle(handle)
            // SQLite's own count keeps its old value if a statement changes nothing, such as CREATE TABLE.
            let before = sqlite3_total_changes64(connection)
            while try step() {}
            return sqlite3_total_changes64(connection) == before ? 0 : Int(sqlite3_changes64(connection))
        }

        /// Reads rows one by one until `body` returns `false`, then clears the parameters.
        package func forEachRow(_ body: (borrowing Row) throws -> Bool) throws {
            defer { reset() }
            while try step(), try body(Row(statement: handle)) {}
        }

        /// Advances to the next row; `false` after the last.
        private func step() throws -> Bool {
            isDirty = true
            switch sqlite3_step(handle) {
            case SQLITE_ROW: return true
            case SQLITE_DONE: return false
            default: throw lastError()
            }
        }

        /// Prepares the statement for its next use, whatever happened in this one.
        func reset() {
            guard isDirty else { return }
            isDirty = false
            // The result repeats the error of the last step, which has already been thrown.
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
    }
}
