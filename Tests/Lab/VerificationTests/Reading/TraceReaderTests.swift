import Synchronization
import Testing

@testable import Verification

@Suite("Reading a trace until it is complete")
struct TraceReaderTests {
    private func read(
        _ stores: FakeStores, _ patience: TraceReader.Patience = .usual, awaitsCaller: Bool = true
    ) async throws -> TraceReading {
        try await stores.reader.read(FakeStores.traceID, patience, awaitsCaller: awaitsCaller)
    }

    @Test(
        "A fresh trace is whole, whichever service sends its spans last",
        arguments: [(1, 3, 5), (5, 3, 1), (3, 5, 1), (5, 1, 3), (0, 0, 0), (5, 5, 5), (1, 1, 5), (0, 0, 5)])
    func whole(gateway: Int, tasks: Int, payments: Int) async throws {
        let stores = FakeStores()
        stores.sendChain(gateway: .seconds(gateway), tasks: .seconds(tasks), payments: .seconds(payments))
        let reading = try await read(stores)
        #expect(reading.trace?.spans.count == 6)
        #expect(reading.lines.count == 3)
        #expect(reading.isComplete)
        #expect(reading.gaps == TraceGaps())
        #expect(stores.now < .seconds(8))
    }

    @Test("Lines that come after the spans are waited for")
    func lateLines() async throws {
        let stores = FakeStores()
        stores.send(1, nil, "gateway", .server, after: .milliseconds(100))
        stores.write(1, "gateway", after: .seconds(3))
        stores.write(1, "gateway", after: .milliseconds(3600))
        // Somebody's line is there: so lines come.
        stores.send(2, 1, "tasks", .server, after: .milliseconds(100))
        stores.write(2, "tasks", after: .milliseconds(100))
        #expect(try await read(stores).lines.count == 3)
    }

    @Test("An old trace that is whole is shown after one look")
    func old() async throws {
        let stores = FakeStores(age: .seconds(60))
        stores.sendChain(gateway: .zero, tasks: .zero, payments: .zero)
        #expect(try await read(stores).isComplete)
        #expect(stores.lookups == 1)
    }

    @Test("An old trace that is torn is not waited for, and says what is missing")
    func torn() async throws {
        let stores = FakeStores(age: .seconds(60))
        stores.sendChain(gateway: .zero, tasks: .seconds(999), payments: .zero)
        let reading = try await read(stores)
        #expect(stores.lookups == 1)
        #expect(!reading.isComplete)
        #expect(reading.gaps.spans.map(\.spanID) == [4, 3].map(FakeStores.spanID))
        #expect(reading.missing.contains("span \(FakeStores.spanID(3)) of tasks"))
        #expect(reading.missing.contains("span \(FakeStores.spanID(4)), the parent of payments payments 5"))
    }

    @Test("It is waited for an old one as long as one says")
    func explicit() async throws {
        let stores = FakeStores(age: .seconds(60))
        stores.sendChain(gateway: .zero, tasks: .seconds(75), payments: .zero)
        #expect(try await !read(stores, .upTo(.seconds(5))).isComplete)
        #expect(stores.now >= .seconds(65) && stores.now < .seconds(66))
        #expect(try await read(stores, .upTo(.seconds(30))).isComplete)
        #expect(stores.now < .seconds(77))
    }

    @Test("What stays missing is not waited for for ever")
    func bounded() async throws {
        let stores = FakeStores()
        stores.sendChain(gateway: .seconds(5), tasks: .seconds(999), payments: .seconds(5))
        #expect(try await !read(stores).isComplete)
        #expect(stores.now <= .seconds(20))
    }

    @Test("Nor is a trace that grows and grows")
    func growing() async throws {
        let stores = FakeStores()
        for second in 0..<100 { stores.send(second + 10, 1, "gateway", .internal, after: .seconds(second)) }
        #expect(try await !read(stores).isComplete)
        #expect(stores.now < .seconds(21))
    }

    @Test("A caller's span that is never sent is waited for a while, and is nothing that is missing")
    func caller() async throws {
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

    @Test("A caller's span that is sent late is there; who knows that none comes does not wait")
    func lateCaller() async throws {
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

    @Test("A trace that was not sampled is not waited for")
    func unsampled() async throws {
        let stores = FakeStores()
        stores.write(1, "gateway", after: .milliseconds(300), isSampled: false)
        let reading = try await read(stores)
        #expect(reading.trace == nil && reading.isUnsampled && !reading.isComplete)
        #expect(stores.now < .seconds(2))
    }

    @Test("A trace that nobody knows is waited for as one that is new")
    func unknown() async throws {
        let stores = FakeStores()
        let reading = try await read(stores)
        #expect(reading.trace == nil && reading.lines.isEmpty && !reading.isComplete)
        #expect(stores.now >= .seconds(10) && stores.now < .seconds(11))
        let other = FakeStores()
        #expect(try await read(other, .none).trace == nil)
        #expect(other.lookups == 1)
    }

    @Test("A store that hiccups is asked again; one that never answers is not")
    func hiccups() async throws {
        let stores = FakeStores()
        stores.sendChain(gateway: .seconds(2), tasks: .seconds(2), payments: .seconds(2))
        stores.failLookups([2, 3])
        #expect(try await read(stores).isComplete)
        let gone = FakeStores()
        gone.failLookups([1])
        await #expect(throws: BackendError.self) { try await read(gone) }
    }

    @Test("Without lines the spans alone tell")
    func withoutLines() async throws {
        let stores = FakeStores()
        stores.loseLines()
        stores.sendChain(gateway: .seconds(1), tasks: .seconds(4), payments: .seconds(2))
        let reading = try await read(stores)
        #expect(reading.isComplete)
        #expect(reading.trace?.spans.count == 6)
        #expect(reading.withoutLines?.description == "Loki at http://loki: answered 503: gone")
    }

    @Test("Each look that did not suffice is told of")
    func progress() async throws {
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
