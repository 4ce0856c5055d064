import Glibc
import Testing

@testable import SQLite

@Suite("Commits that write the log with one system call")
struct CombinedWritesTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ name: String, combined: Bool, cachePages: Int = 2000) throws -> Database {
        var configuration = Database.Configuration()
        configuration.pageSize = 512
        configuration.walAutocheckpoint = 200
        configuration.combinesWrites = combined
        let database = try Database(path: folder.file(name), configuration: configuration)
        try database.execute(script: "PRAGMA cache_size = \(cachePages)")
        try database.execute(
            script: "CREATE TABLE IF NOT EXISTS moves (id INTEGER PRIMARY KEY, key TEXT UNIQUE, data BLOB)")
        return database
    }

    private func rows(_ database: Database) throws -> [String] {
        try database.query("SELECT id, key, hex(data) FROM moves ORDER BY id") {
            "\($0.int64(0)) \($0.text(1)) \($0.text(2))"
        }
    }

    /// The numbers are the same on every run.
    private struct Numbers {
        var state: UInt64
        mutating func next(below limit: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % limit
        }
    }

    /// Does the same to two databases, one of which combines writes. With few pages in memory, transactions write to
    /// the log long before they end. After each commit, a connection of the system's kind must find all of it.
    @Test(arguments: [(1, 5), (2, 10), (3, 2000)] as [(UInt64, Int)])
    func aLogIsTheSameAsWithoutCombining(_ seed: UInt64, _ cachePages: Int) throws {
        var numbers = Numbers(state: seed)
        var combined = try open("combined", combined: true, cachePages: cachePages)
        var plain = try open("plain", combined: false, cachePages: cachePages)
        for round in 0..<60 {
            let changes = 1 + numbers.next(below: 40)
            let isRolledBack = numbers.next(below: 4) == 0
            let script = (0..<changes).map { _ in statement(&numbers) }.joined(separator: ";\n")
            for database in [combined, plain] {
                try database.execute(
                    script: "BEGIN IMMEDIATE; \(script); \(isRolledBack ? "ROLLBACK" : "COMMIT")")
            }
            let expected = try rows(plain)
            #expect(try rows(combined) == expected)
            let reader = try Database(path: folder.file("combined"))
            #expect(try rows(reader) == expected)
            if round % 10 == 9 {
                #expect(try reader.query("PRAGMA integrity_check") { $0.text(0) } == ["ok"])
            }
            reader.close()
            if round % 20 == 19 {
                try combined.checkpoint(.truncate)
            } else if round % 15 == 14 {
                combined.close()
                plain.close()
                combined = try open("combined", combined: true, cachePages: cachePages)
                plain = try open("plain", combined: false, cachePages: cachePages)
            }
        }
    }

    private func statement(_ numbers: inout Numbers) -> String {
        let key = numbers.next(below: 400)
        switch numbers.next(below: 6) {
        case 0: return "DELETE FROM moves WHERE key = 'k\(key)'"
        case 1: return "UPDATE moves SET data = zeroblob(\(numbers.next(below: 900))) WHERE key = 'k\(key)'"
        case 2:
            return """
                SAVEPOINT part; UPDATE moves SET data = NULL WHERE id % 7 = \(key % 7);
                ROLLBACK TO part; RELEASE part
                """
        default: return "INSERT OR REPLACE INTO moves (key, data) VALUES ('k\(key)', zeroblob(\(key)))"
        }
    }

    @Test func aCommitIsOneSystemCall() throws {
        var calls: [Int] = []
        for combined in [false, true] {
            let database = try open("db-\(combined)", combined: combined)
            try database.execute("INSERT INTO moves (key, data) VALUES ('first', NULL)")
            let before = try Self.writeCalls()
            try database.transaction {
                for number in 0..<20 {
                    try database.execute(
                        "INSERT INTO moves (key, data) VALUES (?, zeroblob(400))", .text("key \(number)"))
                }
            }
            calls.append(try Self.writeCalls() - before)
        }
        #expect(calls[0] > 40 && calls[1] <= 2)
    }

    /// How many system calls for writing this thread has made.
    private static func writeCalls() throws -> Int {
        let file = try #require(fopen("/proc/thread-self/io", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        while fgets(&line, 128, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("syscw: ") { return try #require(Int(text.dropFirst(7).dropLast())) }
        }
        throw TemporaryFolder.Failure(errno: ENOENT)
    }

    /// Nothing is kept back for later: the error of the disk is the error of the commit.
    @Test func aLogThatCannotBeWrittenFailsTheCommit() throws {
        let database = try open("db", combined: true)
        try database.execute("INSERT INTO moves (key) VALUES ('first')")
        let disk = try FullDisk(log: folder.file("db-wal"))
        let error = #expect(throws: SQLiteError.self) {
            try database.execute("INSERT INTO moves (key) VALUES ('lost')")
        }
        #expect(error?.isFull == true)
        disk.makeRoom()
        try database.execute("INSERT INTO moves (key) VALUES ('second')")
        #expect(try database.query("SELECT key FROM moves") { $0.text(0) } == ["first", "second"])
        let other = try Database(path: folder.file("db"))
        #expect(try other.query("SELECT key FROM moves") { $0.text(0) } == ["first", "second"])
    }
}
