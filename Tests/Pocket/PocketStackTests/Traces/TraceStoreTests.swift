import Encoding
import HTTP
import SQLite
import Testing
import TraceContext

@testable import PocketStore

@Suite("The store of traces") struct TraceStoreTests {
    /// A span is identified by its id and kind, as in Tempo's combiner, so a batch sent again adds nothing.
    @Test func aSpanReceivedTwiceIsKeptOnce() async throws {
        let tempo = try await TraceFixture()
        for _ in 0..<2 { _ = try await tempo.push(json: TraceFixture.span()) }
        _ = try await tempo.push(json: TraceFixture.span(name: "again", milliseconds: 7))
        #expect(try await tempo.store.spanCount() == 1)
        let metrics = "/api/metrics/query?q=%7B%7D%7Ccount_over_time()&start=1795193000&end=1795194000"
        #expect(try JSONValue(parsing: try await tempo.get(metrics).body)["series"]?[0]?["value"]?.double == 1)
        _ = try await tempo.push(
            json: TraceFixture.span().replacingKind())
        let trace = try JSONValue(parsing: try await tempo.get("/api/traces/195af3c8d2e4b7f9a6c1e5d70f2b384").body)
        #expect(trace["batches"]?.array?.count == 1)
        let spans = trace["batches"]?[0]?["scopeSpans"]?[0]?["spans"]?.array ?? []
        #expect(spans.map { $0["name"] } == ["hold", "hold"])
        #expect(spans.map { $0["kind"] } == ["SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER"])
    }

    /// Spans that an older version stored twice are stored once after the update and can be searched.
    @Test func anOlderDatabaseLosesItsDuplicates() async throws {
        let folder = TemporaryFolder()
        var older = TraceStore.component
        older.migrations.removeLast()
        let before = try await PocketDatabase.open(path: folder.path + "/p.db", components: [older])
        try await before.write { database in
            try database.execute(
                script: """
                    INSERT INTO trace_contexts VALUES (1, 0, 's', x'', x'', 2);
                    INSERT INTO spans VALUES (1, 1, 2, 3, 0, 10, 5, 1, 0, 1, 'first', x''), (2, 1, 2, 3, 0, 10, 5, 1, 0, 1, 'second', x'');
                    """)
        }
        await before.close()
        let after = try await PocketDatabase.open(path: folder.path + "/p.db", components: [TraceStore.component])
        let names = try await after.read { database, _ in try database.query("SELECT name FROM spans") { $0.text(0) } }
        #expect(names == ["first"])
        await after.close()
    }

    @Test func spansShareOneStoredContext() async throws {
        let tempo = try await TraceFixture()
        for index in 1...5 {
            _ = try await tempo.push(json: TraceFixture.span(id: "000000000000000\(index)", name: "n\(index)"))
        }
        _ = try await tempo.push(json: TraceFixture.span(service: "other"))
        let count = try await tempo.store.database.read { database, _ in
            try database.first("SELECT count(*) FROM trace_contexts") { $0.int64(0) }
        }
        #expect(count == 2)
    }

    @Test func aTraceGroupsItsSpansInOrderOfArrival() async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(
            json: TraceFixture.span(id: "0000000000000002", parent: "0000000000000001", service: "b"))
        _ = try await tempo.push(json: TraceFixture.span(id: "0000000000000001", service: "a"))
        _ = try await tempo.push(
            json: TraceFixture.span(id: "0000000000000003", parent: "0000000000000002", service: "b"))
        let trace = try JSONValue(parsing: try await tempo.get("/api/traces/195af3c8d2e4b7f9a6c1e5d70f2b384").body)
        let services = trace["batches"]?.array?.map {
            $0["resource"]?["attributes"]?[0]?["value"]?["stringValue"]?.string
        }
        #expect(services == ["b", "a"])
    }

    /// The ids differ in one half only, and the index knows the other half alone.
    @Test func traceIDsThatShareAHalfStayApart() async throws {
        let tempo = try await TraceFixture()
        _ = try await tempo.push(json: TraceFixture.span(trace: "00000000000000010000000000000009"))
        _ = try await tempo.push(json: TraceFixture.span(trace: "00000000000000020000000000000009"))
        let id = try #require(TraceID("00000000000000010000000000000009"))
        #expect(try await tempo.store.trace(id)?.spans.count == 1)
    }

    @Test func unknownFieldsAndTimesOutOfOrderSurvive() async throws {
        let tempo = try await TraceFixture()
        // start 9, end 5, then field 99 with the number 7.
        let times: [UInt8] = [0x39, 9, 0, 0, 0, 0, 0, 0, 0, 0x41, 5, 0, 0, 0, 0, 0, 0, 0, 0x98, 0x06, 7]
        let span: [UInt8] = [0x0A, 16] + [UInt8](1...16) + [0x12, 8, 1, 2, 3, 4, 5, 6, 7, 8] + times
        var scope = ByteWriter()
        scope.appendProtobuf(field: 2, size: span.count)
        scope.append(contentsOf: span)
        var resource = ByteWriter()
        resource.appendProtobuf(field: 2, size: scope.count)
        resource.append(contentsOf: scope.bytes)
        var request = ByteWriter()
        request.appendProtobuf(field: 1, size: resource.count)
        request.append(contentsOf: resource.bytes)
        #expect(try await tempo.push(request.bytes, type: "application/x-protobuf").status == .ok)
        let id = try #require(TraceID("0102030405060708090a0b0c0d0e0f10"))
        let trace = try #require(try await tempo.store.trace(id))
        #expect(trace.spans[0].payload == span)
        #expect(trace.spans[0].columns.duration == 0)
        #expect(try await tempo.search("{ duration = 0 }")["traces"]?.array?.count == 1)
    }

    @Test func retentionDeletesTheOldestSpansAndTheirContexts() async throws {
        let tempo = try await TraceFixture()
        for index in 1...6 {
            _ = try await tempo.push(
                json: TraceFixture.span(
                    trace: String(repeating: "0", count: 31) + "\(index)", service: index < 4 ? "old" : "new",
                    start: UInt64(index) * 1_000_000_000))
        }
        let database = tempo.store.database
        #expect(try await database.write { try TraceStore.retained.oldest($0) } == 1_000_000_000)
        let first = try await database.write { try TraceStore.retained.deleteOldest($0, 3_500_000_000, 2) }
        #expect(first == 2)
        #expect(try await database.write { try TraceStore.retained.oldest($0) } == 3_000_000_000)
        let second = try await database.write { try TraceStore.retained.deleteOldest($0, 3_500_000_000, 2) }
        #expect(second == 1)
        let services = try await database.read { database, _ in
            try database.query("SELECT service FROM trace_contexts") { $0.text(0) }
        }
        #expect(services == ["new"])
        _ = try await database.write { try TraceStore.retained.deleteOldest($0, .max, 100) }
        #expect(try await database.write { try TraceStore.retained.oldest($0) } == nil)
        // Row ids begin anew: what comes next must not meet contexts of before.
        _ = try await tempo.push(json: TraceFixture.span(service: "again"))
        #expect(try await tempo.search("{ resource.service.name = \"again\" }")["traces"]?.array?.count == 1)
    }
}

extension String {
    /// The request with a span of another kind.
    fileprivate func replacingKind() -> String {
        split(separator: #""kind":1"#, omittingEmptySubsequences: false).joined(separator: #""kind":2"#)
    }
}
