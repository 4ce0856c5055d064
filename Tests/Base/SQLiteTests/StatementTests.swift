import Testing

@testable import SQLite

@Suite("Prepared statements")
struct StatementTests {
    @Test func manyRowsGoThroughOneStatement() throws {
        let database = try Database(path: ":memory:")
        try database.execute("CREATE TABLE lines (time INTEGER, rate REAL, level TEXT, text TEXT, raw BLOB, note TEXT)")
        try database.transaction {
            try database.withStatement("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?)") { statement in
                for number in 0..<1000 {
                    let line = Array("line \(number) ⚙️".utf8)
                    try line.withUnsafeBufferPointer { bytes in
                        try statement.bind(1, Int64(number))
                        try statement.bind(2, Double(number) / 2)
                        try statement.bind(3, literal: "info")
                        try statement.bind(4, borrowedText: bytes)
                        try statement.bind(5, borrowedBlob: bytes)
                        try statement.bindNull(6)
                        #expect(try statement.run() == 1)
                    }
                }
            }
        }
        let last = try database.first("SELECT * FROM lines WHERE time = 999") { row in
            (0..<row.columnCount).map { row.value($0) }
        }
        #expect(last == [999, 499.5, "info", "line 999 ⚙️", .blob(Array("line 999 ⚙️".utf8)), nil])
        #expect(try database.first("SELECT count(DISTINCT text) FROM lines") { $0.int64(0) } == 1000)
    }

    @Test func emptyBytesAreNotNull() throws {
        let database = try Database(path: ":memory:")
        let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        try database.withStatement("SELECT typeof(?1), typeof(?2), typeof(?3), typeof(?4), typeof(?5)") { statement in
            try statement.bind(1, text: nothing)
            try statement.bind(2, borrowedText: nothing)
            try statement.bind(3, blob: nothing)
            try statement.bind(4, borrowedBlob: nothing)
            try statement.bind(5, "")
            var types: [String] = []
            try statement.forEachRow { row in
                types = (0..<5).map { row.text($0) }
                return true
            }
            #expect(types == ["text", "text", "blob", "blob", "text"])
        }
    }

    @Test func copiedBytesMayChangeAfterwards() throws {
        let database = try Database(path: ":memory:")
        try database.withStatement("SELECT ?1") { statement in
            var bytes = Array("before".utf8)
            try bytes.withUnsafeBufferPointer { try statement.bind(1, text: $0) }
            for index in bytes.indices { bytes[index] = 0x2D }
            var read = ""
            try statement.forEachRow { row in
                read = row.text(0)
                return true
            }
            #expect(read == "before")
        }
    }

    @Test func anUnknownParameterIsAnError() throws {
        let database = try Database(path: ":memory:")
        let error = #expect(throws: SQLiteError.self) {
            try database.withStatement("SELECT ?1") { try $0.bind(2, Int64(1)) }
        }
        #expect(error?.code == 25)
        #expect(error?.sql == "SELECT ?1")
    }

    @Test func theBytesOfAColumnCanBeBorrowed() throws {
        let database = try Database(path: ":memory:")
        let sizes = try database.query(
            "SELECT 'añb' UNION ALL SELECT x'0001' UNION ALL SELECT NULL UNION ALL SELECT 1234"
        ) {
            $0.withBytes(0) { $0.count }
        }
        #expect(sizes == [4, 2, 0, 4])
    }
}
