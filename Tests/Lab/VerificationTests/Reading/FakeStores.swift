import Encoding
import HTTP
import Synchronization
import Workload

@testable import Verification

/// A trace store and a log store of one trace, of which each part arrives when it does, on a virtual time.
final class FakeStores: HTTPTransport {
    static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    /// When the request began: nanoseconds since the Unix epoch.
    static let start: UInt64 = 1_795_192_321_000_000_000

    private struct State {
        var now: Duration
        var spans: [(span: SpanRecord, at: Duration)] = []
        var lines: [(line: LogRecord, at: Duration)] = []
        var lookups = 0
        var failingLookups: Set<Int> = []
        var losesLines = false
        var requests: [HTTPClient.Request] = []
    }

    private let state: Mutex<State>

    /// - Parameter age: how long ago the request began.
    init(age: Duration = .zero) { state = Mutex(State(now: age)) }

    // MARK: What arrives

    /// A span of the request's first second, which arrives after `delay`.
    func send(
        _ id: Int, _ parent: Int?, _ service: String, _ kind: SpanRecord.Kind, after delay: Duration,
        _ attributes: [SpanRecord.Attribute] = []
    ) {
        let span = SpanRecord(
            traceID: Self.traceID, spanID: Self.spanID(id), parentSpanID: parent.map(Self.spanID), service: service,
            name: "\(service) \(id)", kind: kind, startNS: Self.start + UInt64(id) * 1000,
            endNS: Self.start + 5_000_000, attributes: attributes)
        state.withLock { $0.spans.append((span, delay)) }
    }

    /// A line written in a span at the request's beginning, which arrives after `delay`.
    func write(_ span: Int, _ service: String, after delay: Duration, isSampled: Bool = true) {
        let text =
            #"{"level":"info","service":"\#(service)","message":"m","trace_id":"\#(Self.traceID)","#
            + #""span_id":"\#(Self.spanID(span))","trace_sampled":\#(isSampled)}"#
        let line = LogRecord(timestampNS: Self.start + 1_000_000, labels: ["service": service], line: text)
        state.withLock { $0.lines.append((line, delay)) }
    }

    /// From the gateway's SERVER span down to payments, as the services send it; each in its own time.
    func sendChain(caller: Int? = nil, gateway: Duration, tasks: Duration, payments: Duration) {
        let answered = [SpanRecord.Attribute("http.response.status_code", "201")]
        send(1, caller, "gateway", .server, after: gateway)
        send(2, 1, "gateway", .client, after: gateway, answered)
        send(3, 2, "tasks", .server, after: tasks)
        send(4, 3, "tasks", .client, after: tasks, answered)
        send(5, 4, "payments", .server, after: payments)
        send(6, 5, "payments", .client, after: payments, [.init("db.system.name", "sqlite")])
        write(1, "gateway", after: .milliseconds(300))
        write(3, "tasks", after: .milliseconds(300))
        write(5, "payments", after: .milliseconds(300))
    }

    func failLookups(_ numbers: Set<Int>) { state.withLock { $0.failingLookups = numbers } }
    func loseLines() { state.withLock { $0.losesLines = true } }

    static func spanID(_ number: Int) -> String { "00f067aa0ba9" + String(Hex.string(UInt64(number)).suffix(4)) }

    // MARK: Time

    /// Since the request began.
    var now: Duration { state.withLock { $0.now } }
    var lookups: Int { state.withLock { $0.lookups } }
    var requests: [HTTPClient.Request] { state.withLock { $0.requests } }

    private var clock: LoadClock {
        LoadClock(now: { self.now }) { time in
            try Task.checkCancellation()
            self.state.withLock { $0.now = max($0.now, time) }
            await Task.yield()
        }
    }

    private var wallClock: WallClock { WallClock { Self.start + UInt64(self.now / .nanoseconds(1)) } }

    var reader: TraceReader {
        TraceReader(
            tempo: TempoClient(baseURL: "http://tempo", transport: self),
            loki: LokiClient(baseURL: "http://loki", transport: self), clock: clock, wallClock: wallClock)
    }

    // MARK: Answers

    func execute(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response {
        state.withLock { state in
            state.requests.append(request)
            // Asking takes a moment, as it does.
            state.now += .milliseconds(1)
            return request.url.hasPrefix("http://tempo") ? trace(&state) : lines(request.query, state)
        }
    }

    private func trace(_ state: inout State) -> HTTPClient.Response {
        state.lookups += 1
        if state.failingLookups.contains(state.lookups) { return .init(.internalServerError, "too busy") }
        let spans = state.spans.filter { $0.at <= state.now }.map(\.span)
        guard !spans.isEmpty else { return .init(.notFound) }
        let batches: [JSONValue] = spans.map { span in
            let json: JSONValue = [
                "traceId": .string(span.traceID), "spanId": .string(span.spanID),
                "parentSpanId": .string(span.parentSpanID ?? ""), "name": .string(span.name),
                "kind": .string("SPAN_KIND_" + span.kind.rawValue.uppercased()),
                "startTimeUnixNano": .string("\(span.startNS)"), "endTimeUnixNano": .string("\(span.endNS)"),
                "attributes": .array(
                    span.attributes.map { ["key": .string($0.name), "value": ["stringValue": .string($0.value)]] }),
            ]
            return [
                "resource": [
                    "attributes": [["key": "service.name", "value": ["stringValue": .string(span.service)]]]
                ], "scopeSpans": [["spans": [json]]],
            ]
        }
        return .init(.ok, JSONValue.object(JSONObject([("batches", .array(batches))])).description)
    }

    private func lines(_ query: QueryParameters, _ state: State) -> HTTPClient.Response {
        if state.losesLines { return .init(.serviceUnavailable, "gone") }
        let range = (UInt64(query["start"] ?? "") ?? 0)..<(UInt64(query["end"] ?? "") ?? 0)
        let lines = state.lines.filter { $0.at <= state.now && range.contains($0.line.timestampNS) }.map(\.line)
        let streams: [JSONValue] = lines.map { line in
            [
                "stream": ["service": .string(line.service ?? "")],
                "values": [[.string("\(line.timestampNS)"), .string(line.line)]],
            ]
        }
        return .init(
            .ok,
            JSONValue.object(
                JSONObject([
                    ("status", "success"), ("data", ["resultType": "streams", "result": .array(streams)]),
                ])
            ).description)
    }
}
