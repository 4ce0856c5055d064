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

    @Test func whatReturnsIsCommitted() throws {
        let id = try database.transaction {
            try database.execute("INSERT INTO moves (amount) VALUES (5)")
            #expect(database.isInTransaction)
            return database.lastInsertRowID
        }
        #expect(id == 1 && !database.isInTransaction)
        #expect(try amounts(Database(path: folder.file("db"))) == [5])
    }

    @Test func whatThrowsIsRolledBack() throws {
        #expect(throws: Failure()) {
            try database.transaction {
                try database.execute("INSERT INTO moves (amount) VALUES (5)")
                throw Failure()
            }
        }
        #expect(!database.isInTransaction)
        #expect(try amounts(database) == [])
    }

    @Test func aFailedStatementRollsAllBack() throws {
        let error = #expect(throws: SQLiteError.self) {
            try database.transaction {
                try database.execute("INSERT INTO moves (amount) VALUES (5)")
                try database.execute("INSERT INTO moves (amount) VALUES (?)", nil)
            }
        }
        #expect(error?.isConstraint == true)
        #expect(try amounts(database) == [])
    }

    @Test func oneInsideAnotherIsAnErrorAndUndoesBoth() throws {
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

    @Test func aBusyTimeoutWaitsForTheOtherWriter() async throws {
        let path = folder.file("db")
        var patient = Database.Configuration()
        patient.busyTimeout = .seconds(30)
        let other = try Database(path: path, configuration: patient)
        try database.execute("BEGIN IMMEDIATE")
        try database.execute("INSERT INTO moves (amount) VALUES (1)")
        // The holder commits from its own thread once the waiter has surely had to wait, or even before: both end the same.
        let holder = database
        try await withThrowingTaskGroup(of: Void.self) { group in
            let box = UncheckedBox(holder)
            group.addTask { try box.value.execute("COMMIT") }
            try other.execute("INSERT INTO moves (amount) VALUES (2)")
            try await group.waitForAll()
        }
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

/// Hands a connection to one other task.
/// Safe because the test does not touch the value until that task has ended.
private struct UncheckedBox: @unchecked Sendable {
    let value: Database
    init(_ value: Database) { self.value = value }
}
