import CSQLite

extension Database {
    /// Updates the schema. `migrations` are scripts in order, each applied once and in its own transaction. `PRAGMA
    /// user_version` counts the applied ones.
    /// - Throws: an error if the database is newer than `migrations`, or if a script fails; earlier scripts stay
    ///   applied.
    package func migrate(_ migrations: [String]) throws {
        do { try migrate(migrations, beforeLocking: {}) } catch let error as SQLiteError where error.sql == nil {
            throw error.opening(path)
        }
    }

    /// Like ``migrate(_:)``, but calls `beforeLocking` between finding a pending migration and locking the database for
    /// it, where another process may come first.
    func migrate(_ migrations: [String], beforeLocking: () throws -> Void) throws {
        while try schemaVersion() < migrations.count {
            try beforeLocking()
            try transaction {
                // Read again under the lock, because another process may have migrated in the meantime.
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

    /// The number of applied migrations.
    package func schemaVersion() throws -> Int {
        try first("PRAGMA user_version") { Int($0.int64(0)) } ?? 0
    }
}
