import Encoding
import HTTP
import Synchronization
import Testing
import Workload

@testable import Verification

/// Traces that can be found by their lines or their spans.
private final class Library: HTTPTransport {
    struct Trace {
        var id: String
        var hasLines = true
        var hasSpans = true
        var durationMS: UInt64 = 1
        /// Before now.
        var ageMinutes: UInt64 = 5
    }

    static let now: UInt64 = 1_795_192_321_000_000_000
    private let traces: [Trace]
    private let knowsExpressions: Bool
    private let asked = Mutex<[HTTPClient.Request]>([])
    private let time = Mutex(Duration.zero)

    init(_ traces: [Trace], knowsExpressions: Bool = true) {
        self.traces = traces
        self.knowsExpressions = knowsExpressions
    }

    var requests: [HTTPClient.Request] { asked.withLock { $0 } }

    func finder(withTempo: Bool = true) -> TraceFinder {
        TraceFinder(
            tempo: withTempo ? TempoClient(baseURL: "http://tempo", transport: self) : nil,
            loki: LokiClient(baseURL: "http://loki", transport: self),
            clock: LoadClock(now: { self.time.withLock { $0 } }) { moment in self.time.withLock { $0 = moment } },
            wallClock: WallClock { Self.now })
    }

    private func start(_ trace: Trace) -> UInt64 { Self.now - trace.ageMinutes * 60_000_000_000 }

    func execute(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response {
        asked.withLock { $0.append(request) }
        if request.url.hasPrefix("http://loki/") { return lines(request.query) }
        if request.url.hasPrefix("http://tempo/api/search") { return search(request.query) }
        let id = String(request.url.split(separator: "/").last ?? "")
        guard traces.contains(where: { $0.id == id && $0.hasSpans }) else { return .init(.notFound) }
        return .init(.ok, #"{"batches":[{"scopeSpans":[{"spans":[{"traceId":"\#(id)","spanId":"1"}]}]}]}"#)
    }

    private func lines(_ query: QueryParameters) -> HTTPClient.Response {
        let text = query["q"] ?? query["query"] ?? ""
        let prefix = text.split(separator: "=~\"").last?.prefix { $0 != "." } ?? ""
        let excluded = text.split(separator: "trace_id!=\"").dropFirst().map { String($0.prefix(32)) }
        let range = (UInt64(query["start"] ?? "") ?? 0)..<(UInt64(query["end"] ?? "") ?? 0)
        let found = traces.first {
            $0.hasLines && $0.id.hasPrefix(prefix) && !excluded.contains($0.id) && range.contains(start($0))
        }
        let stream = found.map {
            #"{"stream":{"trace_id":"\#($0.id)"},"values":[["\#(start($0))","a line"]]}"#
        }
        return .init(.ok, #"{"data":{"resultType":"streams","result":[\#(stream ?? "")]}}"#)
    }

    private func search(_ query: QueryParameters) -> HTTPClient.Response {
        let text = query["q"] ?? ""
        if text.contains("trace:id =~"), !knowsExpressions { return .init(.badRequest, "not supported") }
        let least =
            text.split(separator: "trace:duration >= ").dropFirst().first
            .flatMap { UInt64($0.prefix { $0.isNumber }) } ?? 0
        let found = traces.filter { $0.hasSpans && $0.durationMS >= least }.prefix(Int(query["limit"] ?? "") ?? 20)
        let items = found.map { trace in
            let id = trace.id.drop { $0 == "0" }
            return
                #"{"traceID":"\#(id)","startTimeUnixNano":"\#(start(trace))","durationMs":\#(trace.durationMS)}"#
        }
        return .init(.ok, #"{"traces":[\#(items.joined(separator: ","))]}"#)
    }
}

private func id(_ beginning: String) -> String { beginning + String(repeating: "7", count: 32 - beginning.count) }

@Suite("The search for a trace")
struct TraceFinderTests {
    @Test(
        "A trace is found by the prefix of its id, whether it has lines or spans",
        arguments: [(true, true), (true, false), (false, true)])
    func aTraceIsFoundByItsPrefixInEitherStore(hasLines: Bool, hasSpans: Bool) async throws {
        let library = Library([
            .init(id: id("0bc16f3f"), hasLines: hasLines, hasSpans: hasSpans), .init(id: id("ffff")),
        ])
        #expect(try await library.finder().traceID("0bc1") == id("0bc16f3f"))
    }

    @Test("An ambiguous prefix lists its traces")
    func anAmbiguousPrefixListsItsTraces() async throws {
        let library = Library([.init(id: id("0bc12")), .init(id: id("0bc11")), .init(id: id("0bc2"))])
        let failure = await #expect(throws: TraceFinder.Failure.self) { try await library.finder().traceID("0bc1") }
        #expect(failure == .ambiguous(prefix: "0bc1", [id("0bc11"), id("0bc12")]))
        #expect(failure?.description.contains("\n  \(id("0bc11"))\n  \(id("0bc12"))") == true)
        let many = Library((0..<30).map { .init(id: id("aaaa" + Hex.string(UInt64($0)).suffix(2))) })
        let crowd = await #expect(throws: TraceFinder.Failure.self) { try await many.finder().traceID("aaaa") }
        #expect(crowd?.description.split(separator: "\n  aaaa").count == TraceFinder.mostCandidates + 1)
        #expect(crowd?.description.hasSuffix("and perhaps more") == true)
    }

    @Test("An unknown prefix is reported, after a wait for a trace that has just begun")
    func anUnknownPrefixIsReportedAfterAWait() async throws {
        for knows in [true, false] {
            let library = Library([.init(id: id("ffff"))], knowsExpressions: knows)
            let failure = await #expect(throws: TraceFinder.Failure.self) {
                try await library.finder().traceID("0bc1")
            }
            #expect(failure == .unknown(prefix: "0bc1"))
            #expect(library.requests.count { $0.url.contains("/api/search") } > 5)
        }
    }

    @Test("Older traces are found as well")
    func olderTracesAreFound() async throws {
        let library = Library([.init(id: id("0bc1"), hasSpans: false, ageMinutes: 3 * 24 * 60)])
        #expect(try await library.finder().traceID("0bc1") == id("0bc1"))
        #expect(try await library.finder(withTempo: false).traceID("0bc1") == id("0bc1"))
    }

    @Test("An id that lacks its leading zeros is taken for a whole one")
    func anIDWithoutItsLeadingZerosIsAWholeID() async throws {
        let whole = "000" + String(repeating: "a", count: 29)
        let library = Library([.init(id: whole, hasLines: false), .init(id: id("ffff"))])
        #expect(try await library.finder().traceID(String(whole.dropFirst(3))) == whole)
        // It may be another's beginning as well.
        let both = Library([.init(id: String(repeating: "0", count: 24) + "0bc16f3f"), .init(id: id("0bc16f3f"))])
        await #expect(throws: TraceFinder.Failure.self) { try await both.finder().traceID("0bc16f3f") }
    }

    @Test("An unreachable store is reported unless the other one has the trace")
    func anUnreachableStoreIsReported() async throws {
        let transport = FakeTransport { _ in throw HTTPClientError.connectFailed("refused") }
        let finder = TraceFinder(
            tempo: TempoClient(baseURL: "http://tempo", transport: transport),
            loki: LokiClient(baseURL: "http://loki", transport: transport),
            clock: LoadClock(now: { .zero }) { _ in }, wallClock: WallClock { Library.now })
        let error = await #expect(throws: BackendError.self) { try await finder.traceID("0bc1") }
        #expect(error?.backend == "Loki")
        let library = Library([.init(id: id("0bc1"))])
        let half = FakeTransport { request in
            guard request.url.hasPrefix("http://tempo") else { throw HTTPClientError.connectFailed("refused") }
            return try await library.execute(request, timeout: .zero)
        }
        let other = TraceFinder(
            tempo: TempoClient(baseURL: "http://tempo", transport: half),
            loki: LokiClient(baseURL: "http://loki", transport: half),
            clock: LoadClock(now: { .zero }) { _ in }, wallClock: WallClock { Library.now })
        #expect(try await other.traceID("0bc1") == id("0bc1"))
    }

    @Test("The newest and the slowest trace are found among any number")
    func theNewestAndTheSlowestTraceAreFound() async throws {
        var traces = (0..<500).map {
            Library.Trace(id: id("a" + Hex.string(UInt64($0)).suffix(4)), durationMS: UInt64($0 % 50))
        }
        traces[7].ageMinutes = 1
        traces[450].durationMS = 900
        traces[470].durationMS = 800
        let library = Library(traces)
        let range = Library.now - 3_600_000_000_000..<Library.now
        #expect(try await library.finder().find(.newest, in: range)?.traceID == traces[7].id)
        #expect(try await library.finder().find(.slowest, in: range)?.traceID == traces[450].id)
        #expect(try await Library([]).finder().find(.slowest, in: range) == nil)
        #expect(try await Library([]).finder().find(.newest, in: range) == nil)
        _ = try await library.finder().find(.newest, service: #"a"b"#, hasErrors: true, in: range)
        #expect(
            library.requests.last?.query["q"]
                == #"{ resource.service.name = "a\"b" && status = error } with (most_recent=true)"#)
    }
}
