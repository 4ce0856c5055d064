import CSQLite
import Foundation
import Testing

@testable import SQLite

@Suite("Opening, checking and closing a database")
struct OpeningTests {
    private func pragma(_ name: String, _ database: Database) throws -> String? {
        try database.query(dynamic: "PRAGMA \(name)") { $0.text(0) }.first
    }

    @Test func aFileIsOpenedAsConfigured() throws {
        let folder = try TemporaryFolder()
        var configuration = Database.Configuration()
        configuration.synchronous = "FULL"
        configuration.walAutocheckpoint = 7
        configuration.pageSize = 512
        configuration.busyTimeout = .milliseconds(250)
        let database = try Database(path: folder.file("db"), configuration: configuration)
        #expect(try pragma("journal_mode", database) == "wal")
        #expect(try pragma("foreign_keys", database) == "1")
        #expect(try pragma("synchronous", database) == "2")
        #expect(try pragma("wal_autocheckpoint", database) == "7")
        #expect(try pragma("page_size", database) == "512")
        #expect(try pragma("busy_timeout", database) == "250")
    }

    @Test func theDefaultsNeverWaitForALock() throws {
        let database = try Database(path: ":memory:")
        #expect(try pragma("busy_timeout", database) == "0")
        #expect(try pragma("synchronous", database) == "1")
        #expect(try pragma("wal_autocheckpoint", database) == "1000")
    }

    @Test func theShortRowsPresetUsesSmallPagesAndAnExclusiveFile() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"), configuration: .shortRows)
        #expect(try pragma("page_size", database) == "1024")
        #expect(try pragma("locking_mode", database) == "exclusive")
        #expect(try pragma("journal_mode", database) == "wal")
    }

    @Test func anErrorNamesAFileThatCannotBeOpened() throws {
        let folder = try TemporaryFolder()
        let missing = folder.file("no/such/folder")
        let error = #expect(throws: SQLiteError.self) { try Database(path: missing) }
        #expect(
            error?.message
                == "cannot use \(missing): unable to open database file: expected a folder that is there and "
                + "that this user may write")
        var configuration = Database.Configuration()
        configuration.readOnly = true
        #expect(throws: SQLiteError.self) { try Database(path: folder.file("none"), configuration: configuration) }
        configuration = Database.Configuration()
        configuration.synchronous = "SOMETIMES"
        let badSetting = #expect(throws: SQLiteError.self) {
            try Database(path: ":memory:", configuration: configuration)
        }
        #expect(badSetting?.message == "synchronous: expected OFF, NORMAL, FULL or EXTRA, not SOMETIMES")
    }

    /// The message names the file and a remedy, not one of our own statements.
    @Test(arguments: [
        "not a database, but long enough to have a header of a hundred bytes, as all databases must have, or so", "x",
    ])
    func anErrorNamesAFileThatIsNotADatabase(_ text: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("tasks.sqlite")
        try Data(String(repeating: text, count: 20).utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: SQLiteError.self) { try Database(path: path, configuration: .shortRows) }
        #expect(error?.isDamage == true)
        #expect(
            error?.description
                == "SQLite error 26: cannot use \(path): file is not a database: restore it from a backup, or "
                + "move it and its -wal and -shm away to begin with an empty one")
    }

    @Test func anErrorNamesADamagedDatabase() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("tasks.sqlite")
        let database = try Database(path: path)
        try database.execute("CREATE TABLE t (x)")
        for _ in 0..<200 { try database.execute("INSERT INTO t VALUES (randomblob(500))") }
        database.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // All but the header, and with it the schema.
        for index in 100..<bytes.count { bytes[index] = 0xA5 }
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: SQLiteError.self) {
            let damaged = try Database(path: path)
            try damaged.migrate([])
            _ = try damaged.first("SELECT count(*) FROM t") { $0.int64(0) }
        }
        #expect(error?.isDamage == true && error?.description.contains(path) == true)
        #expect(error?.description.contains("restore it from a backup") == true)
    }

    @Test func anErrorNamesTheFileWithANewerSchema() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("tasks.sqlite")
        let database = try Database(path: path)
        try database.execute(script: "PRAGMA user_version = 9")
        let error = #expect(throws: SQLiteError.self) { try database.migrate(["CREATE TABLE t (x)"]) }
        #expect(error?.message.hasPrefix("cannot use \(path): the database has schema version 9, ") == true)
    }

    @Test(arguments: [
        (SQLITE_BUSY, "another process has it open"), (SQLITE_READONLY, "that this user may write"),
        (SQLITE_FULL, "no room"), (SQLITE_IOERR, "the disk does not"), (SQLITE_CANTOPEN, "a folder that is there"),
        (SQLITE_BUSY | 2 << 8, "another process has it open"),
    ])
    func anErrorNamesTheObstacleAndItsRemedy(_ code: Int32, _ remedy: String) {
        let error = SQLiteError(code: code, message: "no", sql: "PRAGMA journal_mode = WAL").opening("/d/t.sqlite")
        #expect(error.code == code && error.sql == nil)
        #expect(error.message.hasPrefix("cannot use /d/t.sqlite: no: ") && error.message.contains(remedy))
    }

    @Test func theWriteCheckFailsWhenWritingIsImpossible() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        try database.migrate(["CREATE TABLE t (x)"])
        try database.proveWritable()
        #expect(try database.schemaVersion() == 1)
        // As a full disk: reading works, writing does not.
        try database.execute(script: "PRAGMA query_only = ON")
        _ = try database.first("SELECT 1") { $0.int64(0) }
        let error = #expect(throws: SQLiteError.self) { try database.proveWritable() }
        #expect(error?.message.hasPrefix("cannot use \(folder.file("db")): ") == true && error?.sql == nil)
    }

    @Test func aReadOnlyConnectionCannotWrite() throws {
        let folder = try TemporaryFolder()
        let writer = try Database(path: folder.file("db"))
        try writer.execute("CREATE TABLE t (x)")
        try writer.execute("INSERT INTO t VALUES (1)")
        var configuration = Database.Configuration()
        configuration.readOnly = true
        let reader = try Database(path: folder.file("db"), configuration: configuration)
        #expect(try reader.query("SELECT x FROM t") { $0.int64(0) } == [1])
        let error = #expect(throws: SQLiteError.self) { try reader.execute("INSERT INTO t VALUES (2)") }
        #expect(error?.message == "attempt to write a readonly database")
    }

    @Test func closingMovesTheWriteAheadLogIntoTheDatabase() throws {
        let folder = try TemporaryFolder()
        let keepsOpen = try Database(path: folder.file("db"))
        let database = try Database(path: folder.file("db"))
        try database.execute("CREATE TABLE t (x)")
        #expect(try #require(folder.size(of: "db-wal")) > 0)
        // The last connection to close would remove the log: another one has to have read from the database.
        #expect(try keepsOpen.query("SELECT count(*) FROM t") { $0.int64(0) } == [0])
        database.close()
        #expect(folder.size(of: "db-wal") == 0)
        #expect(try keepsOpen.query("SELECT count(*) FROM t") { $0.int64(0) } == [0])
    }

    @Test func aCheckpointRunsOnItsOwnConnectionInAnotherThread() async throws {
        let folder = try TemporaryFolder()
        var configuration = Database.Configuration()
        configuration.walAutocheckpoint = 0
        let path = folder.file("db")
        let database = try Database(path: path, configuration: configuration)
        try database.execute("CREATE TABLE t (x)")
        for number in 0..<2000 { try database.execute("INSERT INTO t VALUES (?)", .integer(Int64(number))) }
        #expect(try #require(folder.size(of: "db-wal")) > 4_000_000)
        let result = try await Task.detached { try Database.checkpoint(path: path, .truncate) }.value
        // A log that was emptied has no pages left to report.
        #expect(result == Database.CheckpointResult(pagesInLog: 0, pagesMoved: 0))
        #expect(folder.size(of: "db-wal") == 0)
        #expect(try database.first("SELECT count(*) FROM t") { $0.int64(0) } == 2000)
    }

    @Test func aPassiveCheckpointReportsHowFarItGot() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        try database.execute("CREATE TABLE t (x)")
        let result = try database.checkpoint()
        #expect(result.pagesInLog > 0 && result.pagesMoved == result.pagesInLog)
        #expect(try Database(path: ":memory:").checkpoint() == .init(pagesInLog: -1, pagesMoved: -1))
    }

    @Test func aCheckpointThatMustWaitForAReaderIsBusy() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        try database.execute("CREATE TABLE t (x)")
        try database.execute("INSERT INTO t VALUES (1)")
        let reader = try Database(path: folder.file("db"))
        try reader.forEachRow(dynamic: "SELECT x FROM t") { _ in
            try database.execute("INSERT INTO t VALUES (2)")
            let error = #expect(throws: SQLiteError.self) { try database.checkpoint(.truncate) }
            #expect(error?.isBusy == true)
            return false
        }
        try database.checkpoint(.truncate)
    }
}
