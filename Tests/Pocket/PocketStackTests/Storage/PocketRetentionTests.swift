import Encoding
import EventLoop
import Glibc
import Logging
import Metrics
import SQLite
import Testing

@testable import LogQL
@testable import PocketStore

@Suite("The pocket stack's retention") struct PocketRetentionTests {
    private func retention(
        _ fixture: PocketFixture, _ change: (inout PocketRetention.Configuration) -> Void
    ) throws
        -> PocketRetention
    {
        var configuration = PocketRetention.Configuration()
        configuration.batch = 10
        change(&configuration)
        return PocketRetention(
            database: fixture.database, tables: [LogSchema.retention], configuration: configuration,
            clock: fixture.clock.wallClock, eventLoop: try EventLoop(name: "retention"), logger: .noOp,
            metrics: NOOPMetricsHandler())
    }

    private func lines(_ fixture: PocketFixture) async throws -> [String] {
        try await fixture.database.read { database, _ in
            try database.query("SELECT line FROM log_lines ORDER BY time_ns") { $0.text(0) }
        }
    }

    @Test func dataBeyondTheMaximumAgeIsDeleted() async throws {
        let fixture = try await PocketFixture()
        _ = try await fixture.push([("service", "old")], (0..<25).map { (Double($0), "old \($0)", []) })
        fixture.clock.advance(seconds: 3600)
        _ = try await fixture.push([("service", "new")], [(0, "new", [])])
        let retention = try retention(fixture) { $0.maximumAge = .seconds(3595) }
        #expect(try await retention.sweep() == 5)
        #expect(try await lines(fixture).count == 21)
        fixture.clock.advance(seconds: 60)
        #expect(try await retention.sweep() == 20)
        #expect(try await lines(fixture) == ["new"])
        let labels = try await fixture.get("/loki/api/v1/label/service/values", [("since", "3h")])
        #expect(labels.json["data"] == ["new"])
    }

    /// Stores fifty lines of 4,000 bytes and more, numbered from `first` on, a hundredth of a second from one to the next.
    private func store(from first: Int, in fixture: PocketFixture) async throws {
        var batch = LogBatch()
        let stream = batch.stream([Label("service", "s")])
        let text = String(repeating: "x", count: 4000)
        for number in first..<first + 50 {
            var line = "\(number) \(text)"
            let time = Int64(PocketFixture.start) + Int64(number) * 10_000_000
            line.withUTF8 { batch.append(stream: stream, time: time, metadata: [], line: $0) }
        }
        try await LogStore(database: fixture.database).append(batch)
    }

    @Test func theOldestDataIsDeletedUntilTheRestFits() async throws {
        let folder = TemporaryFolder()
        let fixture = try await PocketFixture(path: folder.path + "/pocket.db")
        for group in 0..<10 { try await store(from: 50 * group, in: fixture) }
        let retention = try retention(fixture) { $0.maximumBytes = 1 << 20 }
        #expect(try await retention.sweep() > 200)
        let rest = try await lines(fixture)
        #expect(rest.last?.hasPrefix("499 ") == true)
        #expect(rest.count > 100)
        #expect(try await fixture.database.write { try $0.usedBytes() } <= 1 << 20)
        #expect(try await retention.sweep() == 0)
        await fixture.close()
    }

    /// How many bytes the database's files take on disk.
    private func bytesOnDisk(_ path: String) -> Int64 {
        ["", "-wal", "-shm"].reduce(0) { total, suffix in
            var status = stat()
            return total + (stat(path + suffix, &status) == 0 ? Int64(status.st_size) : 0)
        }
    }

    private func limited(_ path: String, _ bytes: Int64) async throws -> PocketFixture {
        var options = PocketDatabase.Configuration()
        options.walBytes = SizeLimiter.walBytes(for: bytes)
        options.limiter = SizeLimiter(tables: [LogSchema.retention], maximumBytes: bytes, metrics: NOOPMetricsHandler())
        return try await PocketFixture(path: path, configuration: options)
    }

    /// The limit holds at any rate of intake; no sweep is waited for.
    @Test func theFilesStayWithinTheirLimitUnderLoad() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/pocket.db"
        let limit: Int64 = 4 << 20
        let fixture = try await limited(path, limit)
        var largest: Int64 = 0
        for group in 0..<120 {
            try await store(from: 50 * group, in: fixture)
            largest = max(largest, bytesOnDisk(path))
        }
        #expect(largest < limit * 5 / 4, "\(largest)")
        let rest = try await lines(fixture)
        #expect(rest.last?.hasPrefix("5999 ") == true && rest.count > 300)
        await fixture.close()
        #expect(bytesOnDisk(path) < limit * 5 / 4)
    }

    /// An older version made the file larger, and without auto-vacuum it could not shrink.
    @Test func aLowerLimitMakesTheFileSmaller() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/pocket.db"
        let older = try Database(path: path)
        try older.execute(script: "PRAGMA auto_vacuum = NONE; CREATE TABLE other(x); VACUUM;")
        older.close()
        let before = try await PocketFixture(path: path)
        for group in 0..<40 { try await store(from: 50 * group, in: before) }
        await before.close()
        #expect(bytesOnDisk(path) > 6 << 20)
        let fixture = try await limited(path, 2 << 20)
        let retention = try retention(fixture) { $0.maximumBytes = 2 << 20 }
        for _ in 0..<2 { try await retention.sweep() }
        await fixture.close()
        #expect(bytesOnDisk(path) < 5 << 19)
    }

    @Test func aSweepEndsWhenNothingIsLeftToDelete() async throws {
        let fixture = try await PocketFixture()
        let retention = try retention(fixture) { $0.maximumBytes = 1 }
        #expect(try await retention.sweep() == 0)
    }
}
