import Synchronization
import Testing

@testable import SQLite

@Suite("Writes that are committed as a group")
struct GroupTests {
    private struct Failure: Error, Equatable {}
    let folder: TemporaryFolder
    let database: Database
    /// Sees what is stored.
    let other: Database
    private let begun = Counter()

    init() throws {
        folder = try TemporaryFolder()
        database = try Database(path: folder.file("db"))
        try database.execute(script: "CREATE TABLE moves (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL)")
        other = try Database(path: folder.file("db"))
        database.groupWrites { [begun] in begun.value.add(1, ordering: .relaxed) }
    }

    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    private func add(_ amount: Int64) throws {
        try database.execute("INSERT INTO moves (amount) VALUES (?)", .integer(amount))
    }

    private func stored() throws -> [Int64] { try amounts(other) }
    private func seen() throws -> [Int64] { try amounts(database) }

    private func amounts(_ database: Database) throws -> [Int64] {
        try database.query("SELECT amount FROM moves ORDER BY id") { $0.int64(0) }
    }

    @Test("Single writes and transactions are stored together, and seen on the same connection before")
    func writesAreStoredTogether() throws {
        try add(1)
        try database.transaction {
            try add(2)
            try add(3)
        }
        #expect(try stored() == [])
        #expect(try seen() == [1, 2, 3])
        #expect(database.endGroup() == nil)
        #expect(try stored() == [1, 2, 3])
        #expect(begun.value.load(ordering: .relaxed) == 1)
        try add(4)
        #expect(database.endGroup() == nil)
        #expect(begun.value.load(ordering: .relaxed) == 2)
    }

    @Test("Reading begins no group")
    func readingBeginsNoGroup() throws {
        _ = try seen()
        #expect(!database.isInTransaction && begun.value.load(ordering: .relaxed) == 0)
        #expect(database.endGroup() == nil)
    }

    @Test("A transaction that throws undoes its own writes and leaves those of others")
    func aTransactionUndoesItsOwnWrites() throws {
        try add(1)
        #expect(throws: Failure()) {
            try database.transaction {
                try add(2)
                throw Failure()
            }
        }
        try database.transaction { try add(3) }
        #expect(database.endGroup() == nil)
        #expect(try stored() == [1, 3])
    }

    @Test("The first transaction of a group that throws leaves room for the next")
    func theFirstTransactionIsUndone() throws {
        #expect(throws: Failure()) {
            try database.transaction {
                try add(1)
                throw Failure()
            }
        }
        #expect(try seen() == [])
        try database.transaction { try add(2) }
        #expect(database.endGroup() == nil)
        #expect(try stored() == [2])
    }

    @Test("A transaction that throws before it wrote anything costs no savepoint and undoes nothing")
    func aTransactionThatOnlyReadUndoesNothing() throws {
        try add(1)
        #expect(throws: Failure()) {
            try database.transaction {
                _ = try seen()
                throw Failure()
            }
        }
        #expect(database.endGroup() == nil)
        #expect(try stored() == [1])
    }

    @Test("A transaction within a transaction is an error")
    func aNestedTransactionIsAnError() throws {
        let error = #expect(throws: SQLiteError.self) {
            try database.transaction {
                try add(1)
                try database.transaction {}
            }
        }
        #expect(error?.message == "a transaction is already open")
        #expect(database.endGroup() == nil)
        #expect(try stored() == [])
    }

    @Test("A commit that fails stores nothing of the group, and the next group is stored")
    func aFailedCommitStoresNothing() throws {
        try database.execute(
            script: "CREATE TABLE broken (x INTEGER REFERENCES moves (id) DEFERRABLE INITIALLY DEFERRED)")
        try add(1)
        try database.execute("INSERT INTO broken VALUES (77)")
        let error = try #require(database.endGroup() as? SQLiteError)
        #expect(error.isConstraint)
        #expect(!database.isInTransaction)
        #expect(try seen() == [])
        try add(2)
        #expect(database.endGroup() == nil)
        #expect(try stored() == [2])
    }

    @Test("A disk that is full at the commit stores nothing of the group, and the next group is stored")
    func aDiskThatIsFullAtTheCommitStoresNothing() throws {
        try add(1)
        #expect(database.endGroup() == nil)
        try add(2)
        try database.transaction { try add(3) }
        let disk = try FullDisk(log: folder.file("db-wal"))
        #expect((database.endGroup() as? SQLiteError)?.isFull == true)
        disk.makeRoom()
        #expect(try seen() == [1])
        try add(4)
        #expect(database.endGroup() == nil)
        #expect(try stored() == [1, 4])
    }

    @Test("A full disk takes the writes of others along, so every further write fails until the end of the group")
    func aFullDiskLosesTheWholeGroup() throws {
        try add(1)
        let pages = try #require(try database.first("PRAGMA page_count") { $0.int64(0) })
        _ = try database.first(dynamic: "PRAGMA max_page_count = \(pages)")
        try fill()
        let refused = #expect(throws: SQLiteError.self) { try add(2) }
        #expect(refused?.isFull == true)
        #expect((database.endGroup() as? SQLiteError)?.isFull == true)
        #expect(try seen() == [])
        try add(3)
        #expect(database.endGroup() == nil)
        #expect(try stored() == [3])
    }

    /// Writes until SQLite finds no page and rolls back.
    private func fill() throws {
        let error = #expect(throws: SQLiteError.self) {
            for number in 0..<100_000 { try add(Int64(number)) }
        }
        #expect(error?.isFull == true)
    }

    @Test("The error of a lone write is told to its caller, and is no failure of the group")
    func aLoneWriteFailsAlone() throws {
        let pages = try #require(try database.first("PRAGMA page_count") { $0.int64(0) })
        _ = try database.first(dynamic: "PRAGMA max_page_count = \(pages)")
        #expect(throws: SQLiteError.self) {
            try database.execute("INSERT INTO moves (amount) VALUES (zeroblob(100000))")
        }
        #expect(database.endGroup() == nil)
        #expect(throws: SQLiteError.self) { try database.execute("INSERT INTO moves (amount) VALUES (NULL)") }
        try add(1)
        #expect(database.endGroup() == nil)
        #expect(try stored() == [1])
    }

    @Test("Leaving the group commits it first, and its failure is told at the end")
    func leavingTheGroupCommitsIt() throws {
        try add(1)
        database.leaveGroup()
        #expect(try stored() == [1])
        try add(2)
        #expect(try stored() == [1, 2])
        database.rejoinGroup()
        try add(3)
        #expect(try stored() == [1, 2])
        #expect(database.endGroup() == nil)
        #expect(try stored() == [1, 2, 3])

        try database.execute(
            script: "CREATE TABLE broken (x INTEGER REFERENCES moves (id) DEFERRABLE INITIALLY DEFERRED)")
        try database.execute("INSERT INTO broken VALUES (77)")
        database.leaveGroup()
        try add(4)
        database.rejoinGroup()
        #expect(throws: SQLiteError.self) { try add(5) }
        #expect((database.endGroup() as? SQLiteError)?.isConstraint == true)
        #expect(try stored() == [1, 2, 3, 4])
    }

    @Test("A script is no part of the group, unless it runs within a transaction")
    func aScriptIsNoPartOfTheGroup() throws {
        try add(1)
        try database.execute(script: "INSERT INTO moves (amount) VALUES (2)")
        #expect(try stored() == [1, 2])
        try add(3)
        #expect(throws: Failure()) {
            try database.transaction {
                try database.execute(script: "INSERT INTO moves (amount) VALUES (4)")
                throw Failure()
            }
        }
        #expect(database.endGroup() == nil)
        #expect(try stored() == [1, 2, 3])
    }

    @Test("A checkpoint and closing commit the group")
    func aCheckpointAndClosingCommitTheGroup() throws {
        try add(1)
        try database.checkpoint()
        #expect(try stored() == [1])
        try add(2)
        database.close()
        #expect(try stored() == [1, 2])
        #expect(database.endGroup() == nil)
    }
}

extension Database {
    fileprivate func first(dynamic sql: String) throws -> Int64? { try query(dynamic: sql) { $0.int64(0) }.first }
}
