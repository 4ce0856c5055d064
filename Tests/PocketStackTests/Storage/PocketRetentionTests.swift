import Encoding
import EventLoop
import Logging
import Metrics
import SQLite
import Testing

@testable import PocketStack

@Suite struct PocketRetentionTests {
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

    @Test func dropsWhatIsTooOld() async throws {
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

    @Test func dropsTheOldestUntilItFits() async throws {
        let folder = TemporaryFolder()
        let fixture = try await PocketFixture(path: folder.path + "/pocket.db")
        let text = String(repeating: "x", count: 4000)
        for group in 0..<10 {
            _ = try await fixture.push(
                [("service", "s")], (0..<50).map { (Double(group * 50 + $0), "\(group * 50 + $0) \(text)", []) })
        }
        let retention = try retention(fixture) { $0.maximumBytes = 1 << 20 }
        #expect(try await retention.sweep() > 200)
        let rest = try await lines(fixture)
        #expect(rest.last?.hasPrefix("499 ") == true)
        #expect(rest.count > 100)
        #expect(try await fixture.database.write { try $0.usedBytes() } <= 1 << 20)
        #expect(try await retention.sweep() == 0)
        await fixture.close()
    }

    @Test func endsWhenThereIsNothingLeftToDrop() async throws {
        let fixture = try await PocketFixture()
        let retention = try retention(fixture) { $0.maximumBytes = 1 }
        #expect(try await retention.sweep() == 0)
    }
}
