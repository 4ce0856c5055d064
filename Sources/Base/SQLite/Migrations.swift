import CSQLite

extension Database {
    /// Brings the schema up to date: `migrations` are scripts in order, each applied once and in a transaction of its own.
    /// `PRAGMA user_version` counts the applied ones.
    /// - Throws: an error if the database is newer than `migrations`, or if a script fails; the scripts before it stay.
    package func migrate(_ migrations: [String]) throws {
        do { try migrate(migrations, beforeLocking: {}) } catch let error as SQLiteError where error.sql == nil {
            throw error.opening(path)
        }
    }

    /// As ``migrate(_:)``; calls `beforeLocking` between finding a migration to apply and locking the database for it,
    /// where another process may come first.
    func migrate(_ migrations: [String], beforeLocking: () throws -> Void) throws {
        while try schemaVersion() < migrations.count {
            try beforeLocking()
            try transaction {
                // Read again under the lock: another process may have been here first.
                let version = try schemaVersion()
                guard version < migrations.count else { return }
                try execute(script: migrations[version])
                guard isInTransaction else {
                    throw SQLiteError.misuse(
                        "migration \(version + 1) ends the transaction it runs in", sql: migrations[version])
                }
                try execute(script: "PRAGMA user_version = \(version + 1)")
            }
        }
        let version = try schemaVersion()
        guard version == migrations.count else {
            throw SQLiteError(
                code: SQLITE_SCHEMA,
                message: "the database has schema version \(version), this program knows versions up to "
                    + "\(migrations.count): run a newer program or use another database")
        }
    }

    /// How many migrations were applied.
    package func schemaVersion() throws -> Int {
        try first("PRAGMA user_version") { Int($0.int64(0)) } ?? 0
    }
}
