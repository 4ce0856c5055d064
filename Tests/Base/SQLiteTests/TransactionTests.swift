import Glibc
import Testing

@testable import SQLite

@Suite("Transactions")
struct TransactionTests {
    private struct Failure: Error, Equatable {}
    let folder: TemporaryFolder
    let database: Database

    init() throws {
        folder = try TemporaryFolder()
        database = try Database(path: folder.file("db"))
        try database.execute("CREATE TABLE moves (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL)")
    }

    private func amounts(_ database: Database) throws -> [Int64] {
        try database.query("SELECT amount FROM moves ORDER BY id") { $0.int64(0) }
    }

    @Test func aTransactionThatReturnsIsCommitted() throws {
        let id = try database.transaction {
            try database.execute("INSERT INTO moves (amount) VALUES (5)")
            #expect(database.isInTransaction)
            return database.lastInsertRowID
        }
        #expect(id == 1 && !database.isInTransaction)
        #expect(try amounts(Database(path: folder.file("db"))) == [5])
    }

    @Test func aTransactionThatThrowsIsRolledBack() throws {
        #expect(throws: Failure()) {
            try database.transaction {
                try database.execute("INSERT INTO moves (amount) VALUES (5)")
                throw Failure()
            }
        }
        #expect(!database.isInTransaction)
        #expect(try amounts(database) == [])
    }

    @Test func aFailedStatementRollsBackTheTransaction() throws {
        let error = #expect(throws: SQLiteError.self) {
            try database.transaction {
                try database.execute("INSERT INTO moves (amount) VALUES (5)")
                try database.execute("INSERT INTO moves (amount) VALUES (?)", nil)
            }
        }
        #expect(error?.isConstraint == true)
        #expect(try amounts(database) == [])
    }

    @Test func aNestedTransactionIsAnErrorAndUndoesBoth() throws {
        let error = #expect(throws: SQLiteError.self) {
            try database.transaction {
                try database.execute("INSERT INTO moves (amount) VALUES (5)")
                try database.transaction {}
            }
        }
        #expect(error?.message == "a transaction is already open")
        #expect(try amounts(database) == [])
    }

    @Test func aSecondWriterIsBusyAndAReaderIsNot() throws {
        let other = try Database(path: folder.file("db"))
        try database.transaction {
            try database.execute("INSERT INTO moves (amount) VALUES (5)")
            var ran = false
            let error = #expect(throws: SQLiteError.self) { try other.transaction { ran = true } }
            #expect(error?.isBusy == true && !ran)
            #expect(throws: SQLiteError.self) { try other.execute("INSERT INTO moves (amount) VALUES (6)") }
            // Write-ahead log: readers see the last commit meanwhile.
            #expect(try amounts(other) == [])
        }
        try other.execute("INSERT INTO moves (amount) VALUES (6)")
        #expect(try amounts(other) == [5, 6])
    }

    @Test func aBusyTimeoutWaitsForTheOtherWriter() throws {
        let path = folder.file("db")
        var patient = Database.Configuration()
        patient.busyTimeout = .seconds(30)
        let other = try Database(path: path, configuration: patient)
        // A thread of its own commits while this one waits, or even before: both end the same.
        let holder = try Holder(path: path)
        try other.execute("INSERT INTO moves (amount) VALUES (2)")
        holder.join()
        #expect(try amounts(other) == [1, 2])
    }

    @Test func aTransactionThatAlreadyEndedIsNotRolledBackAgain() throws {
        #expect(throws: Failure()) {
            try database.transaction {
                try database.execute("ROLLBACK")
                throw Failure()
            }
        }
        #expect(throws: SQLiteError.self) { try database.transaction { try database.execute("COMMIT") } }
        try database.transaction { try database.execute("INSERT INTO moves (amount) VALUES (1)") }
        #expect(try amounts(database) == [1])
    }
}

/// Holds the write lock from its creation on, and commits on a thread of its own.
private final class Holder {
    private let database: Database
    private var thread = pthread_t()

    init(path: String) throws {
        database = try Database(path: path)
        try database.execute("BEGIN IMMEDIATE")
        try database.execute("INSERT INTO moves (amount) VALUES (1)")
        // The database is only touched by the new thread from here on, and this object outlives it: see `join`.
        pthread_create(
            &thread, nil,
            { holder in
                guard let holder else { return nil }
                let database = Unmanaged<Holder>.fromOpaque(holder).takeUnretainedValue().database
                do { try database.execute("COMMIT") } catch { Issue.record(error) }
                return nil
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func join() { pthread_join(thread, nil) }
}
