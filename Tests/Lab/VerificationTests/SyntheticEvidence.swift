import Encoding
import Testing
import Vocabulary
import Workload

@testable import Verification

/// Makes the evidence that a faultless environment leaves behind: spans from the table of expected edges, lines as the
/// services write them.
struct SyntheticEvidence {
    private(set) var evidence: Evidence
    private static let start: UInt64 = 1_795_192_321_123_456_789

    private static let usual = SyntheticEvidence(requests: 18).evidence

    /// Made once: each test changes a copy of its own.
    static func good() -> Evidence { usual }

    private static let small = SyntheticEvidence(requests: 9).evidence

    /// The same with as few requests as there may be of every kind, for tests that judge it a hundred times.
    static func few() -> Evidence { small }

    static func good(requests: Int) -> Evidence { SyntheticEvidence(requests: requests).evidence }

    private init(requests: Int) {
        let plan = VerificationPlan(seed: 7, count: requests)
        evidence = Evidence(requests: [], polls: 5)
        for (index, request) in plan.requests.enumerated() {
            add(request, at: Self.start + UInt64(index) * 50_000_000)
        }
        // The line of a service's own life, of somebody else's request, and of a request that asks for a task's state.
        evidence.lines.append(.made("gateway", Self.start, "info", "listening", [:]))
        let foreign = ["trace_id": String(repeating: "f", count: 32), "span_id": String(repeating: "e", count: 16)]
        evidence.lines.append(
            .made("gateway", Self.start, "info", "request completed", foreign.merging(["request_id": "other"]) { $1 }))
        let poll = ["trace_id": String(repeating: "d", count: 32), "span_id": String(repeating: "c", count: 16)]
        evidence.lines.append(
            .made("tasks", Self.start, "info", "request completed", poll.merging(["trace_sampled": "false"]) { $1 }))
        count()
        evidence.provisioned = .known(ProvisionedLinks(.good, from: "here", alerts: .good, dashboards: .good))
    }

    private mutating func count() {
        var exported: [String: Int] = [:]
        for trace in evidence.traces.values { for span in trace.spans { exported[span.service, default: 0] += 1 } }
        for role in ServiceRole.allCases {
            let servers = evidence.requests.reduce(0) {
                $0 + (ExpectedEdges.serverSpans(of: $1.request.kind, $1.request.computation)[role] ?? 0)
            }
            let polls = role == .gateway || role == .tasks ? evidence.polls : 0
            evidence.counts[role.rawValue] = CountDelta(
                spansExported: exported[role.rawValue] ?? 0, requestsServed: servers + polls)
        }
    }

    private mutating func add(_ request: VerificationRequest, at start: UInt64) {
        let telemetry = SyntheticTelemetry(
            of: request, at: start, firstSpanID: UInt64(evidence.requests.count + 1) << 16)
        evidence.requests.append(SentRequest(request: request, outcome: .asPlanned))
        evidence.traces[request.traceID] = telemetry.trace
        evidence.lines += telemetry.lines
    }
}

/// The spans and lines that one request leaves behind in a faultless environment.
struct SyntheticTelemetry {
    private(set) var trace: TraceData
    private(set) var lines: [LogRecord] = []
    private let request: VerificationRequest
    private var now: UInt64
    private var nextSpanID: UInt64

    init(of request: VerificationRequest, at start: UInt64, firstSpanID: UInt64) {
        self.request = request
        trace = TraceData(traceID: request.traceID, spans: [])
        now = start
        // With a hexadecimal letter in it, so that upper and lower case differ.
        nextSpanID = 0x00AB_0000_0000_0000 + firstSpanID
        add(ExpectedEdges.root(of: request.kind, request.computation), under: request.parentSpanID)
        trace.spans.sort { $0.startNS < $1.startNS }
    }

    /// A step inwards or outwards takes 0.3 ms, so that spans share milliseconds with their neighbours.
    private mutating func add(_ expected: ExpectedSpan, under parent: String) {
        for _ in 0..<expected.count {
            let id = Hex.string(nextSpanID)
            nextSpanID += 1
            let startNS = now
            now += 300_000
            for child in expected.children { add(child, under: id) }
            let isRefused = request.kind == .unknownGuild || request.kind == .poor
            let isHTTPCall = expected.kind == .client && expected.name.hasPrefix("POST")
            let status = isRefused ? (request.kind == .poor ? "402" : "404") : "201"
            let isError = isHTTPCall && isRefused
            trace.spans.append(
                SpanRecord(
                    traceID: request.traceID, spanID: id, parentSpanID: parent, service: expected.service.rawValue,
                    name: expected.name, kind: expected.kind, startNS: startNS, endNS: now + 300_000,
                    statusError: isError,
                    attributes: isHTTPCall ? [.init("http.response.status_code", status)] : [],
                    resource: [.init("service.name", expected.service.rawValue)]))
            let ids = [
                "trace_id": request.traceID, "span_id": id, "trace_sampled": "true", "request_id": request.requestID,
            ]
            let service = expected.service.rawValue
            if isError {
                lines.append(.made(service, now, "warning", "upstream call failed", ids))
            } else if expected.kind == .server {
                lines.append(.made(service, now - 300_000, "info", "something done", ids))
                lines.append(.made(service, now, isRefused ? "warning" : "info", "request completed", ids))
            }
            now += 300_000
        }
    }
}

extension LogRecord {
    /// The line of a call that was refused.
    var isRefusal: Bool { message == "upstream call failed" }

    /// A line as a service writes it and a shipper stores it: whole microseconds, fields as structured metadata.
    static func made(
        _ service: String, _ time: UInt64, _ level: String, _ message: String, _ fields: [String: String]
    ) -> LogRecord {
        var json = JSONWriter()
        json.object {
            $0.member("timestamp", RFC3339.string(nanosecondsSinceEpoch: time))
            $0.member("level", level)
            $0.member("service", service)
            $0.member("message", message)
            for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
                if name == "trace_sampled" { $0.member(name, value == "true") } else { $0.member(name, value) }
            }
        }
        var labels = [
            "service_namespace": "tailspan", "service": service, "service_name": service, "level": level,
        ]
        for name in LokiShape.metadata { labels[name] = name == "message" ? message : fields[name] }
        return LogRecord(timestampNS: time - time % 1000, labels: labels, line: json.string)
    }
}

/// One way to break an evidence.
struct Mutation: Sendable, CustomTestStringConvertible {
    var rule: Int
    var what: String
    var apply: @Sendable (inout Evidence) -> Void
    /// Breaks what the data sources answer.
    var answers: @Sendable (inout ClickAnswers) -> Void = { _ in }

    init(_ rule: Int, _ what: String, _ apply: @escaping @Sendable (inout Evidence) -> Void) {
        self.rule = rule
        self.what = what
        self.apply = apply
    }

    /// - Parameter answers: what is broken is not evidence, but what a data source answers to a click.
    static func answer(
        _ rule: Int, _ what: String, _ answers: @escaping @Sendable (inout ClickAnswers) -> Void
    ) -> Mutation {
        var mutation = Mutation(rule, what) { _ in }
        mutation.answers = answers
        return mutation
    }

    var testDescription: String { "\(rule): \(what)" }
}

extension Evidence {
    /// The trace of the first request of a kind.
    func traceID(of kind: RequestKind) -> String { requests.first { $0.request.kind == kind }?.traceID ?? "" }

    /// Changes the first span of that kind of request that `choose` likes.
    mutating func changeSpan(
        of kind: RequestKind = .sync, where choose: (SpanRecord) -> Bool, _ change: (inout SpanRecord) -> Void
    ) {
        let id = traceID(of: kind)
        guard let index = traces[id]?.spans.firstIndex(where: choose) else { preconditionFailure("no such span") }
        change(&traces[id]!.spans[index])
    }

    mutating func removeSpan(of kind: RequestKind = .sync, where choose: (SpanRecord) -> Bool) {
        let id = traceID(of: kind)
        guard let index = traces[id]?.spans.firstIndex(where: choose) else { preconditionFailure("no such span") }
        countExported(traces[id]!.spans.remove(at: index).service, -1)
    }

    /// Adds a span, and says that its service exported it.
    mutating func addSpan(of kind: RequestKind = .sync, _ span: SpanRecord) {
        traces[traceID(of: kind)]?.spans.append(span)
        countExported(span.service, 1)
    }

    mutating func countExported(_ service: String, _ change: Int) {
        counts[service]?.spansExported! += change
    }

    func span(of kind: RequestKind = .sync, where choose: (SpanRecord) -> Bool) -> SpanRecord {
        guard let span = traces[traceID(of: kind)]?.spans.first(where: choose) else {
            preconditionFailure("no such span")
        }
        return span
    }

    /// Writes the first line of that kind of request that `choose` likes anew, with other fields or time.
    mutating func rewriteLine(
        of kind: RequestKind = .sync, where choose: (LogRecord) -> Bool = { $0.message == "something done" },
        timeNS: UInt64? = nil, level: String? = nil, _ fields: [String: String?] = [:]
    ) {
        let id = traceID(of: kind)
        guard let index = lines.firstIndex(where: { $0.traceID == id && choose($0) }) else {
            preconditionFailure("no such line")
        }
        let old = lines[index]
        var all: [String: String] = [:]
        for member in old.fields.members { all[member.name] = member.value.plainText }
        for (name, value) in fields { all[name] = value }
        for name in ["timestamp", "level", "service", "message"] { all[name] = nil }
        lines[index] = .made(
            fields["service"].flatMap { $0 } ?? old.service ?? "", timeNS ?? old.ownTimestampNS ?? 0,
            level ?? old.level ?? "", old.message, all)
    }

    /// Removes a service's spans from a trace: they were never exported.
    mutating func removeSpans(_ service: String, of kind: RequestKind) {
        let id = traceID(of: kind)
        let count = traces[id]?.spans.count { $0.service == service } ?? 0
        traces[id]?.spans.removeAll { $0.service == service }
        countExported(service, -count)
    }

    /// Takes all that a service and those below it did out of a trace: it is in another one, which nobody asks for.
    mutating func breakOff(
        _ service: String, of kind: RequestKind, _ change: (inout [String: String]) -> Void
    ) {
        let id = traceID(of: kind)
        let services = ["tasks", "executor", "payments"]
        traces[id]?.spans.removeAll { services.contains($0.service) }
        for service in services { rewriteLines(service, of: kind, change) }
    }

    /// Writes all lines of a service in a trace anew, with other fields.
    mutating func rewriteLines(_ service: String, of kind: RequestKind, _ change: (inout [String: String]) -> Void) {
        let id = traceID(of: kind)
        for (index, line) in lines.enumerated() where line.traceID == id && line.service == service {
            var fields: [String: String] = ["service": service]
            for name in ["trace_id", "span_id", "trace_sampled", "request_id"] { fields[name] = line.field(name) }
            change(&fields)
            let name = fields.removeValue(forKey: "service") ?? service
            lines[index] = .made(name, line.ownTimestampNS ?? 0, line.level ?? "", line.message, fields)
        }
    }
}
