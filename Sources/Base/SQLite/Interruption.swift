import CSQLite

extension Database {
    /// The number of SQLite instructions between two checks.
    private static let instructions: Int32 = 10_000

    /// Runs `body`, whose statements fail with an interruption error once `goesOn` returns `false`. This includes
    /// statements that scan many rows and return none.
    package func interruptible<T>(_ goesOn: () -> Bool, _ body: () throws -> T) throws -> T {
        let connection = try connection
        return try withoutActuallyEscaping(goesOn) { goesOn in
            var question = goesOn
            return try withUnsafeMutablePointer(to: &question) { pointer in
                sqlite3_progress_handler(
                    connection, Self.instructions,
                    { context in
                        guard let context else { return 0 }
                        return context.assumingMemoryBound(to: (() -> Bool).self).pointee() ? 0 : 1
                    }, pointer)
                defer { sqlite3_progress_handler(connection, 0, nil, nil) }
                return try body()
            }
        }
    }
}
