import Synchronization
import Testing

@testable import Verification

@Suite("The reader of traces that are still arriving")
struct TraceReaderTests {
    private func read(
        _ stores: FakeStores, _ patience: TraceReader.Patience = .usual, awaitsCaller: Bool = true
    ) async throws -> TraceReading {
        try await stores.reader.read(FakeStores.traceID, patience, awaitsCaller: awaitsCaller)
    }

    @Test(
        "A new trace is read whole, whichever service sends its spans last",
        arguments: [(1, 3, 5), (5, 3, 1), (3, 5, 1), (5, 1, 3), (0, 0, 0), (5, 5, 5), (1, 1, 5), (0, 0, 5)])
    func aNewTraceIsReadWhole(gateway: Int, tasks: Int, payments: Int) async throws {
        let stores = FakeStores()
        stores.sendChain(gateway: .seconds(gateway), tasks: .seconds(tasks), payments: .seconds(payments))
        let reading = try await read(stores)
        #expect(reading.trace?.spans.count == 6)
        #expect(reading.lines.count == 3)
        #expect(reading.isComplete)
        #expect(reading.gaps == TraceGaps())
        #expect(stores.now < .seconds(8))
    }

    @Test("The reader waits for lines that arrive after the spans")
    func theReaderWaitsForLateLines() async throws {
        let stores = FakeStores()
        stores.send(1, nil, "gateway", .server, after: .milliseconds(100))
        stores.write(1, "gateway", after: .seconds(3))
        stores.write(1, "gateway", after: .milliseconds(3600))
        // Somebody's line is there: so lines come.
        stores.send(2, 1, "tasks", .server, after: .milliseconds(100))
        stores.write(2, "tasks", after: .milliseconds(100))
        #expect(try await read(stores).lines.count == 3)
    }

    @Test("A complete old trace is read once")
    func aCompleteOldTraceIsReadOnce() async throws {
        let stores = FakeStores(age: .seconds(60))
        stores.sendChain(gateway: .zero, tasks: .zero, payments: .zero)
        #expect(try await read(stores).isComplete)
        #expect(stores.lookups == 1)
    }

    @Test("An incomplete old trace is not waited for, and its gaps are reported")
    func anIncompleteOldTraceIsNotWaitedFor() async throws {
        let stores = FakeStores(age: .seconds(60))
        stores.sendChain(gateway: .zero, tasks: .seconds(999), payments: .zero)
        let reading = try await read(stores)
        #expect(stores.lookups == 1)
        #expect(!reading.isComplete)
        #expect(reading.gaps.spans.map(\.spanID) == [4, 3].map(FakeStores.spanID))
        #expect(reading.missing.contains("span \(FakeStores.spanID(3)) of tasks"))
        #expect(reading.missing.contains("span \(FakeStores.spanID(4)), the parent of payments payments 5"))
    }

    @Test("An explicit wait applies to old traces")
    func anExplicitWaitAppliesToOldTraces() async throws {
        let stores = FakeStores(age: .seconds(60))
        stores.sendChain(gateway: .zero, tasks: .seconds(75), payments: .zero)
        #expect(try await !read(stores, .upTo(.seconds(5))).isComplete)
        #expect(stores.now >= .seconds(65) && stores.now < .seconds(66))
        #expect(try await read(stores, .upTo(.seconds(30))).isComplete)
        #expect(stores.now < .seconds(77))
    }

    @Test("The wait for missing spans is bounded")
    func theWaitForMissingSpansIsBounded() async throws {
        let stores = FakeStores()
        stores.sendChain(gateway: .seconds(5), tasks: .seconds(999), payments: .seconds(5))
        #expect(try await !read(stores).isComplete)
        #expect(stores.now <= .seconds(20))
    }

    @Test("The wait for a trace that keeps growing is bounded")
    func theWaitForAGrowingTraceIsBounded() async throws {
        let stores = FakeStores()
        for second in 0..<100 { stores.send(second + 10, 1, "gateway", .internal, after: .seconds(second)) }
        #expect(try await !read(stores).isComplete)
        #expect(stores.now < .seconds(21))
    }

    @Test("A caller's span that never arrives is waited for a while and is no gap")
    func aCallersSpanThatNeverArrivesIsNoGap() async throws {
        let stores = FakeStores()
        stores.sendChain(caller: 99, gateway: .seconds(5), tasks: .seconds(1), payments: .seconds(1))
        let reading = try await read(stores)
        #expect(reading.isComplete)
        #expect(reading.gaps.callers == [FakeStores.spanID(99)])
        #expect(stores.now >= .seconds(7) && stores.now < .seconds(8))

        let old = FakeStores(age: .seconds(60))
        old.sendChain(caller: 99, gateway: .zero, tasks: .zero, payments: .zero)
        #expect(try await read(old).isComplete)
        #expect(old.lookups == 1)
    }

    @Test("A caller's late span is read, and the wait is skipped when none is expected")
    func aLateCallersSpanIsRead() async throws {
        let stores = FakeStores()
        stores.sendChain(caller: 99, gateway: .seconds(1), tasks: .seconds(1), payments: .seconds(1))
        stores.send(99, nil, "load", .client, after: .seconds(6), [.init("http.response.status_code", "201")])
        let reading = try await read(stores)
        #expect(reading.trace?.spans.count == 7)
        #expect(reading.gaps == TraceGaps())

        let alone = FakeStores()
        alone.sendChain(caller: 99, gateway: .seconds(1), tasks: .seconds(1), payments: .seconds(1))
        #expect(try await read(alone, awaitsCaller: false).isComplete)
        #expect(alone.now < .seconds(4))
    }

    @Test("An unsampled trace is not waited for")
    func anUnsampledTraceIsNotWaitedFor() async throws {
        let stores = FakeStores()
        stores.write(1, "gateway", after: .milliseconds(300), isSampled: false)
        let reading = try await read(stores)
        #expect(reading.trace == nil && reading.isUnsampled && !reading.isComplete)
        #expect(stores.now < .seconds(2))
    }

    @Test("An unknown trace is waited for like a new one")
    func anUnknownTraceIsWaitedForLikeANewOne() async throws {
        let stores = FakeStores()
        let reading = try await read(stores)
        #expect(reading.trace == nil && reading.lines.isEmpty && !reading.isComplete)
        #expect(stores.now >= .seconds(10) && stores.now < .seconds(11))
        let other = FakeStores()
        #expect(try await read(other, .none).trace == nil)
        #expect(other.lookups == 1)
    }

    @Test("A failed lookup is repeated, and a store that never answers is an error")
    func aFailedLookupIsRepeated() async throws {
        let stores = FakeStores()
        stores.sendChain(gateway: .seconds(2), tasks: .seconds(2), payments: .seconds(2))
        stores.failLookups([2, 3])
        #expect(try await read(stores).isComplete)
        let gone = FakeStores()
        gone.failLookups([1])
        await #expect(throws: BackendError.self) { try await read(gone) }
    }

    @Test("Spans suffice when no lines are read")
    func spansSufficeWithoutALogStore() async throws {
        let stores = FakeStores()
        stores.loseLines()
        stores.sendChain(gateway: .seconds(1), tasks: .seconds(4), payments: .seconds(2))
        let reading = try await read(stores)
        #expect(reading.isComplete)
        #expect(reading.trace?.spans.count == 6)
        #expect(reading.withoutLines?.description == "Loki at http://loki: answered 503: gone")
    }

    @Test("Every incomplete lookup is reported")
    func everyIncompleteLookupIsReported() async throws {
        let stores = FakeStores()
        stores.sendChain(gateway: .seconds(2), tasks: .seconds(2), payments: .seconds(2))
        let counts = Mutex<[Int]>([])
        _ = try await stores.reader.read(FakeStores.traceID) { reading in
            counts.withLock { $0.append(reading.trace?.spans.count ?? 0) }
        }
        let told = counts.withLock { $0 }
        #expect(told.count == stores.lookups - 1)
        #expect(told.first == 0)
    }
}
