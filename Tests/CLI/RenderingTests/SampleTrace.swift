import Verification

/// A trace as the services leave it: a request that the payments service refuses.
enum SampleTrace {
    static let id = "4bf92f3577b34da6a3ce929d0e0e4736"
    /// 2026-11-20T16:32:01.000Z
    static let start: UInt64 = 1_795_192_321_000_000_000

    static func span(
        _ id: String, _ parent: String?, _ service: String, _ name: String, _ from: Double, _ to: Double,
        error: String? = nil, _ attributes: [SpanRecord.Attribute] = []
    ) -> SpanRecord {
        SpanRecord(
            traceID: Self.id, spanID: id, parentSpanID: parent, service: service, name: name, kind: .server,
            startNS: start + UInt64(from * 1e6), endNS: start + UInt64(to * 1e6), statusError: error != nil,
            statusMessage: error ?? "", attributes: attributes)
    }

    static func line(
        _ at: UInt64, _ span: String?, _ service: String, _ level: String, _ message: String, _ rest: String = ""
    )
        -> LogRecord
    {
        let time = "2026-11-20T16:32:01.\(String(1000 + at).dropFirst())Z"
        let ids = span.map { #","trace_id":"\#(id)","span_id":"\#($0)","trace_sampled":true"# } ?? ""
        let text =
            #"{"timestamp":"\#(time)","level":"\#(level)","service":"\#(service)","message":"\#(message)"\#(ids),"version":"1"\#(rest)}"#
        return LogRecord(timestampNS: start + at * 1_000_000, labels: [:], line: text)
    }

    static let trace = TraceData(
        traceID: id,
        spans: [
            span("a1", "ffff", "gateway", "POST /v1/tasks", 0, 80, [.init("http.response.status_code", "402")]),
            span("a2", "a1", "gateway", "POST", 5, 75, error: "402 Payment Required"),
            span("b1", "a2", "tasks", "POST /v1/tasks", 10, 70, [.init("tailspan.guild.id", "g-3")]),
            span("b2", "b1", "tasks", "INSERT tasks", 12, 13, [.init("db.system.name", "sqlite")]),
            span("b3", "b1", "tasks", "POST", 20, 60, error: "402 Payment Required"),
            span("c1", "b3", "payments", "POST /v1/reservations", 25, 50),
        ])

    static let lines = [
        line(1, "a1", "gateway", "info", "request received"),
        line(15, "b1", "tasks", "info", "task stored", #","task_id":"t-1""#),
        line(60, "b3", "tasks", "error", "call failed", #","error":{"type":"HTTPError","message":"no money"}"#),
        line(71, "a1", "gateway", "warning", "request refused", #","duration_ms":79.12345,"status":402"#),
    ]
}
