import Encoding
import HTTP
import Synchronization
import Vocabulary
import Workload

@testable import Verification

/// Services, Loki and Tempo in one transport, on a virtual time: what a request leaves behind can be asked for a while
/// after it was sent.
final class FakeEnvironment: HTTPTransport {
    struct Behaviour: Sendable {
        var arrivalDelay: Duration = .seconds(2)
        /// How much later each request's telemetry arrives than the one's before.
        var trickle: Duration = .zero
        /// Polls that a task needs to be done.
        var pollsUntilDone = 2
        var finalState = "settled"
        var syncState = "settled"
        /// Answers instead of the usual ones, by the beginning of the URL without its scheme; an error if `nil`.
        var answers: [String: HTTPClient.Response?] = [:]
        /// From when on something answers, by the beginning of the URL without its scheme.
        var answersFrom: [String: Duration] = [:]
        /// The request whose root the trace store loses.
        var lostRoot: Int?
        /// Changes what a request leaves behind.
        var distort: @Sendable (Int, inout SyntheticTelemetryParts) -> Void = { _, _ in }
        /// Answers 500 to so many requests to the stores first.
        var hiccups = 0
        var otherTraffic = 0
        /// What Grafana says.
        var dataSources = RecordedGrafana.dataSources
        /// The path of a data source's sign of life that Grafana's proxy does not get.
        var silentSource = ""
        /// When a trace of somebody else's began that is in the store, which looks for it in the time that is asked for.
        var oldTraceAt: UInt64?
        /// Whether spans in protobuf have a status.
        var protobufStatus = true
        /// Whether the services' metrics tell how many spans wait to be exported.
        var saysWhatWaits = true
    }

    struct SyntheticTelemetryParts {
        var trace: TraceData
        var lines: [LogRecord]
    }

    private struct State {
        var now: Duration = .zero
        var sent: [(parts: SyntheticTelemetryParts, at: Duration, request: VerificationRequest)] = []
        var polls: [String: Int] = [:]
        var pollCount = 0
        var hiccups = 0
        var requests: [HTTPClient.Request] = []
        var hasRoots = false
    }

    static let start: UInt64 = 1_795_192_321_000_000_000
    private let state = Mutex(State())
    private let plan: [String: VerificationRequest]
    private let behaviour: Behaviour

    init(_ configuration: VerificationConfiguration, _ behaviour: Behaviour = Behaviour()) {
        let requests = VerificationPlan(seed: configuration.seed, count: configuration.requests).requests
        plan = Dictionary(uniqueKeysWithValues: requests.map { ($0.planned.traceParent, $0) })
        self.behaviour = behaviour
        state.withLock { $0.hiccups = behaviour.hiccups }
    }

    /// From now on the trace store has the spans that the requests were sent from.
    func storesRoots() { state.withLock { $0.hasRoots = true } }

    var requests: [HTTPClient.Request] { state.withLock { $0.requests } }

    var clock: LoadClock {
        LoadClock(now: { self.state.withLock { $0.now } }) { time in
            try Task.checkCancellation()
            self.state.withLock { $0.now = max($0.now, time) }
            await Task.yield()
        }
    }

    var wallClock: WallClock {
        WallClock { Self.start + UInt64(self.state.withLock { $0.now } / .nanoseconds(1)) }
    }

    func execute(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response {
        let address = String(request.url.dropFirst("http://".count))
        for (prefix, answer) in behaviour.answers where address.hasPrefix(prefix) {
            guard let answer else { throw HTTPClientError.connectFailed("refused") }
            return answer
        }
        for (prefix, time) in behaviour.answersFrom where address.hasPrefix(prefix) && clock.now() < time {
            throw HTTPClientError.connectFailed("refused")
        }
        return state.withLock { state in
            state.requests.append(request)
            if address.hasPrefix("loki/") || address.hasPrefix("tempo/"), state.now > .zero, state.hiccups > 0 {
                state.hiccups -= 1
                return .init(.internalServerError, "too busy")
            }
            if address.hasPrefix("gateway/v1/tasks/") { return poll(address, &state) }
            if address.hasPrefix("gateway/v1/tasks") { return create(request, &state) }
            if let inner = proxied(address) { return proxy(inner, request, state) }
            if address.hasPrefix("tempo/api/v2/traces/") { return proxy(address, request, state) }
            if address.hasPrefix("tempo/api/traces/") { return trace(String(address.dropFirst(17)), state) }
            if address.hasPrefix("loki/loki/api/v1/query_range") { return lines(request.query, state) }
            switch address {
            case "grafana/api/datasources": return .init(.ok, behaviour.dataSources)
            case "grafana/api/search?type=dash-db&limit=5000": return .init(.ok, RecordedGrafana.search)
            case "grafana/api/dashboards/uid/logs": return .init(.ok, RecordedGrafana.dashboard)
            case "grafana/api/v1/provisioning/alert-rules": return .init(.ok, RecordedGrafana.alerts)
            default: break
            }
            return metrics(String(address.prefix { $0 != "/" }), state)
        }
    }

    /// What Grafana's proxy asks a data source for: `loki/loki/api/v1/…`.
    private func proxied(_ address: String) -> String? {
        let prefix = "grafana/api/datasources/proxy/uid/"
        return address.hasPrefix(prefix) ? String(address.dropFirst(prefix.count)) : nil
    }

    private func proxy(_ address: String, _ request: HTTPClient.Request, _ state: State) -> HTTPClient.Response {
        if address == behaviour.silentSource { return .init(.badGateway) }
        if address.hasPrefix("loki/loki/api/v1/query_range") { return lines(request.query, state) }
        if let old = behaviour.oldTraceAt {
            if address.hasPrefix("tempo/api/search?") {
                let found = #"{"traceID":"abc","startTimeUnixNano":"\#(old)","durationMs":5}"#
                return .init(.ok, #"{"traces":[\#(found)]}"#)
            }
            if address.hasPrefix("tempo/api/v2/traces/\(TempoClient.padded("abc"))") {
                let window = (UInt64(request.query["start"] ?? "") ?? 0)...(UInt64(request.query["end"] ?? "") ?? .max)
                let span = arrived(state).first?.trace.spans.first
                let spans = window.contains(old / 1_000_000_000) ? [span].compactMap { $0 } : []
                return HTTPClient.Response(status: .ok, body: FakeProtobuf.trace(spans, true))
            }
        }
        if address.hasPrefix("tempo/api/v2/traces/") {
            let id = String(address.dropFirst(20).prefix { $0 != "?" })
            let spans = arrived(state).first { $0.trace.traceID == id }?.trace.spans ?? []
            return HTTPClient.Response(status: .ok, body: FakeProtobuf.trace(spans, behaviour.protobufStatus))
        }
        if address.hasPrefix("tempo/api/search?") { return .init(.ok, "{}") }
        let signs = [
            "loki/loki/api/v1/labels", "tempo/api/search/tags", "prometheus/api/v1/status/buildinfo",
        ]
        if signs.contains(address) { return .init(.ok, "{}") }
        return address.hasPrefix("prometheus/api/v1/labels")
            ? .init(.ok, #"{"status":"success","data":["__name__","service"]}"#) : .init(.notFound)
    }

    private func create(_ request: HTTPClient.Request, _ state: inout State) -> HTTPClient.Response {
        guard let sent = plan[request.headers["traceparent"] ?? ""] else { return .init(.badRequest) }
        let telemetry = SyntheticTelemetry(
            of: sent, at: Self.start + UInt64(state.now / .nanoseconds(1)),
            firstSpanID: UInt64(sent.planned.index + 1) << 16)
        var parts = SyntheticTelemetryParts(trace: telemetry.trace, lines: telemetry.lines)
        behaviour.distort(sent.planned.index, &parts)
        state.sent.append((parts, state.now, sent))
        // Requests take a while, so that not all of them happen at once.
        state.now += .milliseconds(1)
        switch sent.kind {
        case .sync:
            return .init(.created, #"{"task_id":"t-\#(sent.planned.index)","state":"\#(behaviour.syncState)"}"#)
        case .async: return .init(.accepted, #"{"task_id":"t-\#(sent.planned.index)"}"#)
        case .unknownGuild: return .init(.notFound)
        case .poor: return .init(.paymentRequired)
        case .badBody: return .init(.unprocessableContent)
        }
    }

    private func poll(_ address: String, _ state: inout State) -> HTTPClient.Response {
        state.pollCount += 1
        state.polls[address, default: 0] += 1
        let isDone = state.polls[address] ?? 0 >= behaviour.pollsUntilDone
        let id = address.split(separator: "/").last ?? ""
        return .init(
            .ok, #"{"task_id":"\#(id)","state":"\#(isDone ? behaviour.finalState : "executing")","error":"x"}"#)
    }

    private func arrived(_ state: State) -> [SyntheticTelemetryParts] {
        state.sent.enumerated().filter { index, sent in
            sent.at + behaviour.arrivalDelay + behaviour.trickle * index <= state.now
        }.map(\.element.parts)
    }

    private func trace(_ id: String, _ state: State) -> HTTPClient.Response {
        var spans = arrived(state).first { $0.trace.traceID == id }?.trace.spans ?? []
        if state.hasRoots, let sent = state.sent.first(where: { $0.request.traceID == id }),
            sent.request.planned.index != behaviour.lostRoot, let first = sent.parts.trace.spans.first
        {
            var root = first
            (root.spanID, root.parentSpanID) = (sent.request.parentSpanID, nil)
            (root.service, root.kind) = ("verify", .client)
            spans.append(root)
        }
        guard !spans.isEmpty else { return .init(.notFound) }
        var json = JSONWriter()
        json.object {
            $0.name("batches")
            $0.array { for span in spans { Self.write(span, to: &$0) } }
        }
        return .init(.ok, json.string)
    }

    private static func write(_ span: SpanRecord, to json: inout JSONWriter) {
        func attribute(_ name: String, _ value: String) -> JSONValue {
            ["key": .string(name), "value": ["stringValue": .string(value)]]
        }
        func bytes(_ id: String) -> JSONValue {
            let digits = Array(id.utf8)
            let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(Hex.parse(digits[$0..<($0 + 2)]) ?? 0) }
            return .string(Base64.string(bytes))
        }
        json.value([
            "resource": ["attributes": [attribute("service.name", span.service)]],
            "scopeSpans": [
                [
                    "spans": [
                        [
                            "traceId": bytes(span.traceID), "spanId": bytes(span.spanID),
                            "parentSpanId": bytes(span.parentSpanID ?? ""), "name": .string(span.name),
                            "kind": .string("SPAN_KIND_" + span.kind.rawValue.uppercased()),
                            "startTimeUnixNano": .string(String(span.startNS)),
                            "endTimeUnixNano": .string(String(span.endNS)),
                            "attributes": .array(span.attributes.map { attribute($0.name, $0.value) }),
                            "status": span.statusError ? ["code": "STATUS_CODE_ERROR"] : [:],
                        ]
                    ]
                ]
            ],
        ])
    }

    private func lines(_ query: QueryParameters, _ state: State) -> HTTPClient.Response {
        let range = (UInt64(query["start"] ?? "") ?? 0)..<(UInt64(query["end"] ?? "") ?? 0)
        guard let selector = FakeLogQL(query["query"] ?? "") else {
            return .init(.badRequest, "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER")
        }
        let lines = arrived(state).flatMap(\.lines)
            .filter { range.contains($0.timestampNS) && selector.matches($0.labels) }
            .sorted { $0.timestampNS < $1.timestampNS }.prefix(Int(query["limit"] ?? "") ?? 100)
        var json = JSONWriter()
        json.value([
            "status": "success",
            "data": [
                "resultType": "streams",
                "result": .array(
                    lines.map { line in
                        [
                            "stream": .object(JSONObject(line.labels.map { ($0.key, .string($0.value)) })),
                            "values": [[.string(String(line.timestampNS)), .string(line.line)]],
                        ]
                    }),
            ],
        ])
        return .init(.ok, json.string)
    }

    private func metrics(_ service: String, _ state: State) -> HTTPClient.Response {
        guard let role = ServiceRole(rawValue: service) else { return .init(.notFound, "404 page not found") }
        let exported = arrived(state).reduce(0) { $0 + $1.trace.spans.count { $0.service == service } }
        let waiting = state.sent.reduce(0) { $0 + $1.parts.trace.spans.count { $0.service == service } } - exported
        var served = state.sent.reduce(0) {
            $0 + (ExpectedEdges.serverSpans(of: $1.request.kind, $1.request.computation)[role] ?? 0)
        }
        if role == .gateway || role == .tasks { served += state.pollCount }
        if state.now > .zero { served += behaviour.otherTraffic }
        return .init(
            .ok,
            """
            # TYPE otel_sdk_exporter_span_exported_total counter
            otel_sdk_exporter_span_exported_total{otel_component_type="otlp_http_span_exporter"} \(1000 + exported)
            otel_sdk_exporter_span_exported_total{error_type="503"} 17
            \(behaviour.saysWhatWaits ? "otel_sdk_processor_span_queue_size \(waiting)" : "")
            http_server_request_duration_seconds_count{http_route="/v1/tasks",le="}"} \(served)
            http_server_request_duration_seconds_count{http_route="/v1/other"} 5

            """)
    }
}

extension VerificationConfiguration {
    static func fake(requests: Int = 9, deadline: Duration = .seconds(60)) -> VerificationConfiguration {
        var configuration = VerificationConfiguration(
            seed: 11, requests: requests,
            services: Dictionary(uniqueKeysWithValues: ServiceRole.allCases.map { ($0, "http://\($0.rawValue)") }),
            loki: "http://loki", tempo: "http://tempo")
        configuration.deadline = deadline
        configuration.provisioning = .grafana("http://grafana", nil)
        return configuration
    }
}

/// The wire format, as far as a trace needs it.
enum FakeProtobuf {
    static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length = content.count
        var bytes = [number << 3 | 2]
        while length > 127 {
            bytes.append(UInt8(length & 127) | 128)
            length >>= 7
        }
        return bytes + [UInt8(length)] + content
    }

    /// A `TraceByIDResponse`.
    static func trace(_ spans: [SpanRecord], _ hasStatus: Bool) -> [UInt8] {
        let scope = spans.flatMap { span in
            let digits = Array(span.spanID.utf8)
            let id = stride(from: 0, to: digits.count, by: 2).map { UInt8(Hex.parse(digits[$0..<($0 + 2)]) ?? 0) }
            return field(2, field(2, id) + (hasStatus ? field(15, []) : []))
        }
        return field(1, spans.isEmpty ? [] : field(1, field(1, []) + field(2, field(1, []) + scope)))
    }
}
