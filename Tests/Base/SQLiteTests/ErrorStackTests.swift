import Encoding
import SQLite
import Testing

@Suite("The stack trace of a SQLite error")
struct ErrorStackTests {
    @inline(never)
    private func breakSomething(_ database: Database) throws { try database.execute("INSERT INTO nowhere VALUES (1)") }

    @Test("An error carries the stack of its statement, and the stack does not affect equality")
    func anErrorCarriesTheStackOfItsStatement() throws {
        let folder = try TemporaryFolder()
        let database = try Database(path: folder.file("a.sqlite"))
        defer { database.close() }
        let error = try #require(throws: SQLiteError.self) { try breakSomething(database) }
        #expect((error as any Error) is any StackTraceError)
        #expect(error.stackTrace.contains("SQLiteTests.ErrorStackTests.breakSomething"), "\(error.stackTrace)")
        #expect(error == SQLiteError(code: error.code, message: error.message, sql: error.sql))
    }
}
