import SQLite
import Synchronization
import Testing

@testable import PocketStore
@testable import QuerySupport

@Suite("The pocket stack's database") struct PocketDatabaseTests {
    private struct Failure: Error {}
    private static let notes = PocketDatabase.Component(
        name: "notes", migrations: ["CREATE TABLE notes(text TEXT NOT NULL)"])

    private static func count(_ database: Database) throws -> Int64 {
        try database.first("SELECT count(*) FROM notes") { $0.int64(0) } ?? 0
    }

    @Test(arguments: [false, true])
    func aReadSeesWhatWasWritten(inMemory: Bool) async throws {
        let folder = TemporaryFolder()
        let database = try await PocketDatabase.open(
            path: inMemory ? ":memory:" : folder.path + "/x.db", components: [Self.notes])
        try await database.write { try $0.execute("INSERT INTO notes VALUES ('a')") }
        let texts = try await database.read { database, _ in
            try database.query("SELECT text FROM notes") { $0.text(0) }
        }
        #expect(texts == ["a"])
        await database.close()
    }

    @Test func onlyTheFailedWriteIsRolledBack() async throws {
        let folder = TemporaryFolder()
        let database = try await PocketDatabase.open(path: folder.path + "/x.db", components: [Self.notes])
        let succeeded = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await database.write { connection in
                            try connection.execute("INSERT INTO notes VALUES (?)", .integer(Int64(number)))
                            if number % 3 == 0 { throw Failure() }
                        }
                        return true
                    } catch is Failure {
                        return false
                    }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        let stored = try await database.read { database, _ in
            try database.query("SELECT text FROM notes") { Int($0.text(0)) ?? -1 }
        }
        #expect(succeeded == 133)
        #expect(Set(stored) == Set((0..<200).filter { $0 % 3 != 0 }))
        await database.close()
    }

    @Test func aWriteIsRefusedWhenTooManyAreWaiting() async throws {
        let folder = TemporaryFolder()
        var configuration = PocketDatabase.Configuration()
        configuration.maximumPendingWrites = 2
        let database = try await PocketDatabase.open(
            path: folder.path + "/x.db", components: [Self.notes], configuration: configuration)
        let gate = WorkQueue<Void>(limit: 1)
        let (running, start) = AsyncStream<Void>.makeStream()
        async let blocker: Void = database.write { _ in
            start.finish()
            _ = gate.next(1)
        }
        for await _ in running {}
        async let first: Int = database.write { try $0.execute("INSERT INTO notes VALUES ('1')") }
        async let second: Int = database.write { try $0.execute("INSERT INTO notes VALUES ('2')") }
        let deadline = ContinuousClock.now + .seconds(10)
        while database.pendingWrites < 2, ContinuousClock.now < deadline { await Task.yield() }
        await #expect(throws: PocketDatabaseError.busy) { try await database.write { _ in } }
        _ = gate.push(())
        try await blocker
        _ = try await (first, second)
        await database.close()
    }

    @Test func aQueryThatTakesTooLongIsStopped() async throws {
        let folder = TemporaryFolder()
        let database = try await PocketDatabase.open(path: folder.path + "/x.db", components: [Self.notes])
        await #expect(throws: QueryBudgetError.timedOut(.milliseconds(5))) {
            try await database.read(timeout: .milliseconds(5)) { _, deadline in
                while true { try deadline.check() }
            }
        }
        await database.close()
    }

    @Test func eachComponentMigratesItsOwnSchema() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/x.db"
        let first = try await PocketDatabase.open(path: path, components: [Self.notes])
        try await first.write { try $0.execute("INSERT INTO notes VALUES ('kept')") }
        await first.close()

        var grown = Self.notes
        grown.migrations.append("ALTER TABLE notes ADD COLUMN author TEXT")
        let other = PocketDatabase.Component(name: "other", migrations: ["CREATE TABLE other(x)"])
        let second = try await PocketDatabase.open(path: path, components: [other, grown])
        #expect(try await second.read { database, _ in try Self.count(database) } == 1)
        try await second.write { try $0.execute("INSERT INTO notes(text, author) VALUES ('b', 'c')") }
        await second.close()

        await #expect(throws: SQLiteError.self) { try await PocketDatabase.open(path: path, components: [Self.notes]) }
    }

    @Test func aClosedDatabaseRefusesWork() async throws {
        let database = try await PocketDatabase.open(path: ":memory:", components: [Self.notes])
        await database.close()
        await #expect(throws: PocketDatabaseError.closed) { try await database.write { _ in } }
        await #expect(throws: PocketDatabaseError.closed) { try await database.read { _, _ in } }
    }

    @Test func aDatabaseThatCannotBeOpenedThrows() async {
        await #expect(throws: SQLiteError.self) {
            try await PocketDatabase.open(path: "/nonexistent/folder/x.db", components: [])
        }
    }
}
