import CSQLite

extension SQLiteError {
    /// Rewords the error for opening or testing the database at `path`: it names the file and the remedy, not the
    /// statement.
    func opening(_ path: String) -> SQLiteError {
        guard path != ":memory:", code != SQLITE_MISUSE, !message.hasPrefix("cannot ") else { return self }
        let remedy = remedy.map { ": " + $0 } ?? ""
        return SQLiteError(code: code, message: "cannot use \(path): \(message)\(remedy)")
    }

    /// Rewords an error that occurs later: a damaged file is named, because no statement caused it.
    func using(_ path: String) -> SQLiteError {
        guard isDamage, path != ":memory:", let remedy, !message.contains(path) else { return self }
        var error = self
        error.damage = "\(path): \(remedy)"
        return error
    }

    /// Whether the file is not a database, or is a damaged one.
    package var isDamage: Bool { code & 0xFF == SQLITE_CORRUPT || code & 0xFF == SQLITE_NOTADB }

    /// The remedy in a few words; `nil` if there is no general one.
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
    /// Checks that changes can be stored, by storing one that changes nothing.
    /// - Throws: the error that a service's own change would throw (the disk is full, the file is not writable, is
    ///   damaged …), with the file's name and the remedy.
    package func proveWritable() throws {
        do {
            try execute(script: "PRAGMA user_version = \(try schemaVersion())")
        } catch let error as SQLiteError {
            throw error.opening(path)
        }
    }

    /// Adds the file name to an error about its damage.
    func named<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as SQLiteError { throw error.using(path) }
    }
}
