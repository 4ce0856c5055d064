import Encoding
import HTTP
import Logging
import Prometheus
import Synchronization
import Testing
import TraceContext
import Tracing
import Vocabulary

@testable import FaultKinds
@testable import FaultRules
@testable import ServiceKit

@Suite("The journal of requests")
struct RequestJournalTests {
    private let injector: FaultInjector
    private let clock = WallClock { 1_795_192_321_000_000_000 }

    init() {
        var configuration = FaultInjector.Configuration(service: .gateway)
        configuration.seed = 7
        configuration.acceptsFromRequests = true
        injector = FaultInjector(
            configuration: configuration, ledger: FaultLedger(path: nil) { _ in }, logger: .noOp,
            metrics: PrometheusMetricsFactory())
    }

    private func trace(_ number: UInt64) -> TraceID { TraceID(high: 1, low: number) }

    /// Has the journal follow one request to its end.
    private func send(
        _ request: Request, trace number: UInt64? = 1, baggage: Baggage? = nil, status: HTTPStatus = .created,
        written: Bool = true, to journal: RequestJournal
    ) {
        var current = ServiceContext.topLevel
        if let number {
            current.spanContext = SpanContext(
                traceID: trace(number), spanID: SpanID(value: 1), traceFlags: [.sampled, .random])
        }
        current.baggage = baggage
        let context = RequestContext(id: "req-\(number ?? 0)", logger: .noOp)
        journal.follow(request, context, current)
        context.completion.complete(ResponseCompletion.Outcome(written: written, status: status, bodySize: 2))
    }

    private func journal(_ capacity: Int = 3) -> RequestJournal {
        RequestJournal(capacity: capacity, injector: injector, clock: clock)
    }

    @Test("A record holds all that a replay needs and reads back from JSON")
    func aRecordHoldsAllThatAReplayNeeds() throws {
        let journal = journal()
        try injector.replace(FaultRule.list(parsing: "payments:error=503,rate=40%;gateway:latency=5ms,from=1h"))
        var baggage = Baggage()
        baggage["tailspan.at"] = "12"
        baggage["team"] = "red"
        let body = Array(#"{"guild_id":"g-1"}"#.utf8)
        send(
            Request(
                method: .post, uri: "/v1/tasks?mode=async",
                headers: [
                    "content-type": "application/json", "authorization": "Bearer geheim", "cookie": "sid=geheim",
                    "x-other": "geheim",
                ], body: body), baggage: baggage, to: journal)
        let record = try #require(journal.requests(of: trace(1)).first)
        #expect(record.method == "POST" && record.uri == "/v1/tasks?mode=async" && record.body == body)
        #expect(record.traceFlags == "03" && record.requestID == "req-1" && record.status == 201 && record.isWritten)
        #expect(record.contentType == "application/json")
        #expect(record.baggage == "tailspan.at=12,team=red")
        #expect(record.rules == ["payments:error=503,rate=40%"], "the other's time had not come")
        #expect(record.seed == 7)
        var json = JSONWriter()
        record.write(to: &json)
        #expect(!json.string.contains("geheim"))
        var read = try #require(JournalRecord(try JSONValue(parsing: json.bytes)))
        // Times are told in milliseconds, durations in microseconds.
        (read.time, read.duration) = (record.time, record.duration)
        #expect(read == record)
    }

    @Test("A binary body reads back unchanged")
    func aBinaryBodyReadsBackUnchanged() throws {
        let journal = journal()
        send(Request(method: .post, uri: "/v1/tasks", body: [0xFF, 0, 0xFE]), to: journal)
        var json = JSONWriter()
        try #require(journal.requests(of: trace(1)).first).write(to: &json)
        #expect(JournalRecord(try JSONValue(parsing: json.bytes))?.body == [0xFF, 0, 0xFE])
    }

    @Test("The oldest record is dropped first, and the newest is listed first")
    func theOldestRecordIsDroppedFirst() {
        let journal = journal(3)
        for number in 1...5 { send(Request(uri: "/v1/tasks"), trace: UInt64(number), to: journal) }
        #expect(journal.total == 5)
        #expect(journal.newest(10).map(\.requestID) == ["req-5", "req-4", "req-3"])
        #expect(journal.newest(2).map(\.requestID) == ["req-5", "req-4"])
        #expect(journal.requests(of: trace(2)).isEmpty)
        #expect(journal.requests(of: trace(3)).count == 1)
    }

    @Test("Only traced requests to the public API are kept")
    func onlyTracedRequestsToThePublicAPIAreKept() {
        let journal = journal()
        send(Request(uri: "/healthz"), to: journal)
        send(Request(uri: "/v1/tasks"), trace: nil, to: journal)
        send(Request(uri: "/v1/tasks?x=" + String(repeating: "x", count: 5000)), to: journal)
        #expect(journal.total == 0)
    }

    @Test("A large body is left out, and its size is kept")
    func aLargeBodyIsReplacedByItsSize() throws {
        let journal = journal()
        let size = RequestJournal.largestBody
        send(Request(method: .post, uri: "/v1/tasks", body: Array(repeating: 32, count: size)), to: journal)
        send(Request(method: .post, uri: "/v1/tasks", body: Array(repeating: 32, count: size + 1)), to: journal)
        #expect(journal.requests(of: trace(1)).map { $0.body?.count } == [size, nil])
        #expect(journal.requests(of: trace(1)).map(\.bodySize) == [size, size + 1])
    }

    @Test(
        "Likely secrets in the query are redacted and listed",
        arguments: [
            ("token=abc", "token=REDACTED", ["query token"]),
            ("limit=5&Access%5FToken=abc", "limit=5&Access%5FToken=REDACTED", ["query Access%5FToken"]),
            ("limit=5&cursor=7", "limit=5&cursor=7", []),
        ])
    func secretsInTheQueryAreRedacted(query: String, kept: String, redacted: [String]) throws {
        let journal = journal()
        send(Request(uri: "/v1/tasks?" + query), to: journal)
        let record = try #require(journal.requests(of: trace(1)).first)
        #expect(record.query == kept)
        #expect(record.redacted == redacted)
    }

    @Test("Likely secrets in the baggage are left out and listed")
    func secretsInTheBaggageAreLeftOut() throws {
        let journal = journal()
        var baggage = Baggage()
        baggage["session-id"] = "abc"
        baggage["team"] = "red"
        send(Request(uri: "/v1/tasks"), baggage: baggage, to: journal)
        let record = try #require(journal.requests(of: trace(1)).first)
        #expect(record.baggage == "team=red")
        #expect(record.redacted == ["baggage session-id"])
    }

    @Test("A response that was never written is marked as such")
    func anUnwrittenResponseIsMarked() throws {
        let journal = journal()
        send(Request(uri: "/v1/tasks"), written: false, to: journal)
        #expect(journal.requests(of: trace(1)).first?.isWritten == false)
    }
}
