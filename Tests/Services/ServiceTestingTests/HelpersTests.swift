import Encoding
import EventLoop
import HTTP
import Logging
import ServiceTesting
import Synchronization
import Testing
import TraceContext
import Tracing

@Suite("The helpers that tests are built from")
struct HelpersTests {
    @Test("A test clock stands still until it is moved")
    func aTestClockStandsUntilItIsMoved() {
        let clock = TestClock(nanosecondsSinceEpoch: 1000)
        let wall = clock.wallClock
        #expect(wall.now() == 1000 && wall.now() == 1000)
        clock.advance(by: .nanoseconds(5))
        #expect(wall.now() == 1005)
        clock.advance(by: .seconds(2))
        #expect(wall.now() == 2_000_001_005)
    }

    @Test("Copies of a log handler share their entries, with the ids of the current context")
    func copiesOfALogHandlerShareTheirEntries() {
        let handler = InMemoryLogHandler(logLevel: .info)
        var logger = Logger(label: "test", handler: handler)
        logger.debug("too little")
        logger[metadataKey: "shared"] = "yes"
        let span = SpanContext(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), traceFlags: .sampled)
        var context = ServiceContext.topLevel
        context.spanContext = span
        context.requestID = "r-1"
        struct Oops: Error, CustomStringConvertible { var description: String { "oops" } }
        ServiceContext.withValue(context) { logger.error("inside", error: Oops(), metadata: ["own": "too"]) }
        logger.info("outside")
        let entries = handler.entries
        #expect(entries.map(\.message) == ["inside", "outside"])
        #expect(entries[0].traceID == span.traceID.description && entries[0].spanID == span.spanID.description)
        #expect(entries[0].requestID == "r-1" && entries[0].error == "oops" && entries[0].level == .error)
        #expect(Set(entries[0].metadata.map { "\($0)=\($1)" }) == ["shared=yes", "own=too"])
        #expect(entries[1].traceID == nil && entries[1].spanID == nil && entries[1].requestID == nil)
    }

    @Test("A fake upstream answers as it is told and records its requests")
    func aFakeUpstreamAnswersAndRecordsRequests() async throws {
        let upstream = try await FakeUpstream { request in
            request.path == "/known" ? Response.text("here") : nil
        }
        let loop = try EventLoop(name: "client")
        try loop.start()
        defer { loop.stop() }
        let client = HTTPClient(eventLoop: loop)
        let known = try await client.execute(
            HTTPClient.Request(method: .post, url: upstream.url + "/known?a=1", body: Array("x".utf8)))
        #expect(known.status == .ok && known.body == Array("here".utf8))
        #expect(try await client.execute(HTTPClient.Request(url: upstream.url + "/other")).status == .notFound)
        #expect(upstream.asked == ["POST /known", "GET /other"])
        #expect(upstream.requests.first?.body == Array("x".utf8) && upstream.requests.first?.query == "a=1")
        let url = upstream.url
        await upstream.stop()
        let error = await #expect(throws: HTTPClientError.self) {
            try await client.execute(HTTPClient.Request(url: url + "/known"))
        }
        #expect(error?.errorType == "connect_failed")
        await client.shutdown()
    }

    @Test("Waiting ends when the condition holds, or throws an error that names it")
    func waitingEndsWithTheConditionOrAnError() async throws {
        let looks = Atomic(0)
        try await eventually { looks.add(1, ordering: .relaxed).newValue == 3 }
        #expect(looks.load(ordering: .relaxed) == 3)
        let error = await #expect(throws: ConditionNotMet.self) {
            try await eventually(within: .zero, "pigs fly") { false }
        }
        #expect(error?.description == "pigs fly did not come true within 0.0 seconds")
        struct Oops: Error {}
        await #expect(throws: Oops.self) { try await eventually { throw Oops() } }
    }
}
