import CSQLite

extension SQLiteError {
    /// As an error of opening or trying the database at `path`: names the file and what to do, not the statement.
    func opening(_ path: String) -> SQLiteError {
        guard path != ":memory:", code != SQLITE_MISUSE, !message.hasPrefix("cannot ") else { return self }
        let remedy = remedy.map { ": " + $0 } ?? ""
        return SQLiteError(code: code, message: "cannot use \(path): \(message)\(remedy)")
    }

    /// As an error met later: a damaged file is named, since no statement is to blame for it.
    func using(_ path: String) -> SQLiteError {
        guard isDamage, path != ":memory:", let remedy, !message.contains(path) else { return self }
        var error = self
        error.damage = "\(path): \(remedy)"
        return error
    }

    /// The file is no database, or not a whole one.
    package var isDamage: Bool { code & 0xFF == SQLITE_CORRUPT || code & 0xFF == SQLITE_NOTADB }

    /// What helps, in a few words; `nil` where nothing general does.
    private var remedy: String? {
        switch code & 0xFF {
        case SQLITE_NOTADB, SQLITE_CORRUPT:
            "restore it from a backup, or move it and its -wal and -shm away to begin with an empty one"
        case SQLITE_CANTOPEN: "expected a folder that is there and that this user may write"
        case SQLITE_READONLY: "expected a file and a folder that this user may write"
        case SQLITE_BUSY, SQLITE_LOCKED: "another process has it open: stop that one, or use another folder"
        case SQLITE_FULL: "the disk has no room"
        case SQLITE_IOERR: "the disk does not take or give the data"
        default: nil
        }
    }
}

extension Database {
    /// Proves that a change can be stored, by storing one that changes nothing.
    /// - Throws: what a service's own changes would throw (the disk is full, the file cannot be written, is damaged …), with
    ///   the file's name and what helps.
    package func proveWritable() throws {
        do {
            try execute(script: "PRAGMA user_version = \(try schemaVersion())")
        } catch let error as SQLiteError {
            throw error.opening(path)
        }
    }

    /// Names the file in an error that tells of its damage.
    func named<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as SQLiteError { throw error.using(path) }
    }
}
