import Testing

@testable import SQLite

@Suite("Migrations")
struct MigrationTests {
    private let scripts = [
        "CREATE TABLE tasks (id TEXT PRIMARY KEY); CREATE TABLE queue (id TEXT);",
        "ALTER TABLE tasks ADD COLUMN state TEXT NOT NULL DEFAULT 'new'",
    ]

    @Test func eachScriptRunsOnce() throws {
        let folder = try TemporaryFolder()
        do {
            let database = try Database(path: folder.file("db"))
            try database.migrate([scripts[0]])
            #expect(try database.schemaVersion() == 1)
            try database.execute("INSERT INTO tasks (id) VALUES ('t-1')")
            database.close()
        }
        let database = try Database(path: folder.file("db"))
        try database.migrate(scripts)
        try database.migrate(scripts)
        #expect(try database.schemaVersion() == 2)
        #expect(try database.query("SELECT id, state FROM tasks") { $0.text(0) + " " + $0.text(1) } == ["t-1 new"])
    }

    @Test func aFailedScriptIsRolledBackAndEarlierOnesStay() throws {
        let database = try Database(path: ":memory:")
        let error = #expect(throws: SQLiteError.self) {
            try database.migrate([scripts[0], "CREATE TABLE half (id); CREATE TABLE tasks (id)"])
        }
        #expect(error?.message == "table tasks already exists")
        #expect(try database.schemaVersion() == 1)
        let tables = try database.query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
            $0.text(0)
        }
        #expect(tables == ["queue", "tasks"])
        try database.migrate(scripts)
        #expect(try database.schemaVersion() == 2)
    }

    @Test func aNewerDatabaseIsRefused() throws {
        let database = try Database(path: ":memory:")
        try database.migrate(scripts)
        let error = #expect(throws: SQLiteError.self) { try database.migrate([scripts[0]]) }
        #expect(
            error?.message
                == "the database has schema version 2, this program knows versions up to 1: run a newer program or use another database"
        )
    }

    @Test func aScriptMayNotEndItsTransaction() throws {
        let database = try Database(path: ":memory:")
        let error = #expect(throws: SQLiteError.self) { try database.migrate(["CREATE TABLE a (id); COMMIT"]) }
        #expect(error?.message == "migration 1 ends the transaction it runs in")
    }

    @Test func twoConnectionsThatOpenTogetherMigrateOnce() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("db"))
        let other = try Database(path: folder.file("db"))
        var calls = 0
        try database.migrate(scripts) {
            calls += 1
            try other.migrate(scripts)
        }
        #expect(calls == 1)
        #expect(try database.schemaVersion() == 2 && other.schemaVersion() == 2)
    }
}
