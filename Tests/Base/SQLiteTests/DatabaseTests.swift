import Testing

@testable import SQLite

@Suite("The database")
struct DatabaseTests {
    let database: Database

    init() throws {
        database = try Database(path: ":memory:")
        try database.execute(
            script: """
                CREATE TABLE guilds (id TEXT PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0), note TEXT);
                CREATE TABLE holds (id INTEGER PRIMARY KEY, guild TEXT NOT NULL REFERENCES guilds (id));
                """)
    }

    private func count() throws -> Int64? { try database.first("SELECT count(*) FROM guilds") { $0.int64(0) } }

    @Test func everyKindOfValueReadsBackUnchanged() throws {
        let values: [Database.Value] = [
            nil, 0, -1, .integer(.max), .integer(.min), 0.5, .real(.infinity), "", "plain",
            "über 🦀 \u{0}nul \"quoted\" '",
            .blob([]), .blob([0, 255, 10]),
        ]
        for value in values {
            let read = try database.query("SELECT ?1", value) { $0.value(0) }
            #expect(read == [value])
        }
    }

    @Test func textGivenAsBytesIsStoredAsText() throws {
        let row = try database.first("SELECT ?1, typeof(?1)", .text(bytes: Array("naïve".utf8))) {
            ($0.text(0), $0.text(1))
        }
        #expect(row?.0 == "naïve")
        #expect(row?.1 == "text")
        let empty = try database.first("SELECT typeof(?1)", .text(bytes: [])) { $0.text(0) }
        #expect(empty == "text")
    }

    @Test func nullReadsAsNilOrAsAnEmptyValue() throws {
        _ = try database.query("SELECT NULL, 7, 'x', 1.5, NULL") { row in
            #expect(row.columnCount == 5)
            #expect(row.isNull(0) && row.optionalText(0) == nil && row.optionalInt64(0) == nil)
            #expect(row.optionalDouble(0) == nil && row.optionalDouble(3) == 1.5)
            #expect(row.text(0) == "" && row.int64(0) == 0 && row.blob(0).isEmpty)
            #expect(!row.isNull(1) && row.optionalInt64(1) == 7 && row.optionalText(2) == "x")
            #expect(row.text(1) == "7")
        }
        #expect(Database.Value.optional(nil as String?) == .null && Database.Value.optional("a") == .text("a"))
        #expect(Database.Value.optional(nil as Int64?) == .null && Database.Value.optional(3 as Int64) == .integer(3))
    }

    @Test func executeCountsTheRowsItChanged() throws {
        #expect(try database.execute("INSERT INTO guilds VALUES ('a', 1, NULL), ('b', 2, NULL)") == 2)
        #expect(try database.execute("CREATE INDEX byNote ON guilds (note)") == 0)
        #expect(try database.execute("UPDATE guilds SET balance = 9 WHERE id = ?", "a") == 1)
        #expect(try database.execute("UPDATE guilds SET balance = 9 WHERE id = ?", "none") == 0)
        #expect(try database.execute("SELECT * FROM guilds") == 0)
        #expect(try database.execute(dynamic: "DELETE FROM guilds WHERE id IN (?, ?)", ["a", "b"]) == 2)
    }

    @Test func lastInsertRowIDIsThatOfTheNewestRow() throws {
        try database.execute("INSERT INTO guilds VALUES ('a', 1, NULL)")
        try database.execute("INSERT INTO holds (id, guild) VALUES (41, 'a')")
        #expect(database.lastInsertRowID == 41)
    }

    @Test func firstReadsOneRowOrNil() throws {
        var calls = 0
        let found = try database.first("SELECT column1 FROM (VALUES (1), (2))") { row in
            calls += 1
            return row.int64(0)
        }
        #expect(found == 1 && calls == 1)
        #expect(try database.first("SELECT 1 WHERE 0", read: { $0.int64(0) }) == nil)
    }

    @Test func aReaderCanStopBeforeTheLastRow() throws {
        var seen: [Int64] = []
        try database.forEachRow(
            dynamic: "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", [5]
        ) {
            seen.append($0.int64(0))
            return seen.count < 3
        }
        #expect(seen == [5, 6, 7])
    }

    @Test(arguments: [
        ("INSERT INTO guilds VALUES ('a', 1, NULL)", true, "UNIQUE constraint failed: guilds.id"),
        ("INSERT INTO guilds VALUES ('z', -1, NULL)", false, "CHECK constraint failed"),
        ("INSERT INTO guilds VALUES ('z', NULL, NULL)", false, "NOT NULL constraint failed: guilds.balance"),
        ("INSERT INTO holds (guild) VALUES ('nobody')", false, "FOREIGN KEY constraint failed"),
    ])
    func anErrorNamesTheViolatedConstraint(sql: String, isUnique: Bool, message: String) throws {
        try database.execute("INSERT INTO guilds VALUES ('a', 1, NULL)")
        let error = try #require(throws: SQLiteError.self) { try database.execute(dynamic: sql) }
        #expect(error.isConstraint && error.isUniqueViolation == isUnique && !error.isBusy)
        #expect(error.message.contains(message))
        #expect(error.sql == sql)
        #expect(error.description.contains(message) && error.description.contains(sql))
        #expect(try count() == 1)
    }

    @Test func aStatementWorksAgainAfterItFailed() throws {
        for attempt in 0..<3 {
            let insert = { (id: String) in
                try database.execute("INSERT INTO guilds VALUES (?, 1, 'n')", .text(id))
            }
            #expect(try insert("a\(attempt)") == 1)
            #expect(throws: SQLiteError.self) { try insert("a\(attempt)") }
        }
        #expect(try count() == 3)
    }

    @Test func aStatementForgetsItsParametersAfterEachRun() throws {
        try database.withStatement("SELECT ?1") { statement in
            try statement.bind(1, "left over")
            try statement.run()
            var values: [Database.Value] = []
            try statement.forEachRow { row in
                values.append(row.value(0))
                return true
            }
            #expect(values == [.null])
        }
    }

    @Test func aQueryMayRunInsideItself() throws {
        func depth(_ left: Int64) throws -> [Int64] {
            try database.query("SELECT value FROM (SELECT ?1 AS value UNION ALL SELECT ?1 * 10)", .integer(left)) {
                row in
                let value = row.int64(0)
                return left > 1 ? value + (try depth(left - 1).reduce(0, +)) : value
            }
        }
        // 3 + (2 + 11 + 20 + 11), 30 + the same.
        #expect(try depth(3) == [47, 74])
    }

    @Test func anErrorThrownByTheReaderEndsTheQuery() throws {
        struct Stop: Error {}
        #expect(throws: Stop.self) { try database.query("SELECT 1 UNION SELECT 2") { _ -> Int in throw Stop() } }
        #expect(try database.query("SELECT 1 UNION SELECT 2") { $0.int64(0) } == [1, 2])
    }

    @Test func anErrorSaysWhatIsWrongWithAStatement() throws {
        func message(_ body: () throws -> Void) throws -> String {
            try #require(throws: SQLiteError.self, performing: body).message
        }
        #expect(try message { try database.execute("SELEC 1") }.contains("syntax error"))
        #expect(try message { try database.execute("SELECT * FROM nowhere") } == "no such table: nowhere")
        #expect(try message { try database.execute("  -- nothing") } == "there is no statement in the text")
        #expect(try message { try database.execute("SELECT ?, ?", 1) } == "expected 2 parameters, given 1")
        #expect(try message { try database.execute("SELECT 1", 1) } == "expected 0 parameters, given 1")
        #expect(try message { try database.execute("SELECT 1; SELECT 2") }.hasPrefix("expected one statement"))
        #expect(try message { try database.execute(script: "SELECT 1; SELEC 2") }.contains("syntax error"))
        try database.execute("SELECT 1; -- and a comment\n ;")
    }

    @Test func manyDynamicStatementsKeepWorking() throws {
        for number in 0..<200 {
            #expect(try database.query(dynamic: "SELECT \(number)", read: { $0.int64(0) }) == [Int64(number)])
        }
        #expect(try database.query(dynamic: "SELECT 0", read: { $0.int64(0) }) == [0])
    }

    @Test func aClosedDatabaseRefusesToWork() throws {
        try database.execute("INSERT INTO guilds VALUES ('a', 1, NULL)")
        database.close()
        database.close()
        let error = #expect(throws: SQLiteError.self) { try count() }
        #expect(error?.message == "the database is closed")
        #expect(throws: SQLiteError.self) { try database.execute(script: "SELECT 1") }
        #expect(throws: SQLiteError.self) { try database.transaction {} }
        #expect(database.lastInsertRowID == 0 && !database.isInTransaction)
    }
}
