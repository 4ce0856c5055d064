import Contracts
import Encoding
import HTTP
import Testing
import Vocabulary

/// Requests of every kind: those that succeed, are refused, fail half way, go through the queue.
struct SampleTraffic: Sendable {
    let backends: LiveBackends

    /// Sends them all and returns the trace of one that succeeded.
    func send() async throws -> String {
        var trace = ""
        for (number, kind) in WorkloadSpec.Kind.allCases.enumerated() {
            let answer = try await task(guild: number + 1, kind: kind)
            #expect(answer.status == .created)
            trace = answer.headers[Header.traceID] ?? ""
            #expect(try await task("?mode=async", guild: number + 1, kind: kind).status == .accepted)
        }
        #expect(try await task(guild: 999).status == .notFound)
        #expect(try await task(guild: 1, amount: 9_000_000_000_000).status == .paymentRequired)
        #expect(try await task(guild: 1, amount: -1).status == .unprocessableContent)
        try await failHalfWay()
        try await pushMarkedLine()
        try await pushChangeOfFaults()
        try await sendMarkedSpan()
        return trace
    }

    /// Has the executor fail once the amount is held, so that the task is compensated. Where requests may bring no
    /// faults, the caller's impatience with long work does the same.
    private func failHalfWay() async throws {
        let headers: HTTPFields =
            backends.takesFaults ? ["baggage": "tailspan.fault=executor%3Aerror"] : [Header.requestTimeout: "150"]
        var failures = 0
        for number in 1...3 {
            let size: Int64 = backends.takesFaults ? 500 : 4_000_000
            let answer = try await task(guild: number, kind: .mandelbrot, size: size, headers)
            failures += answer.status.isServerError ? 1 : 0
        }
        #expect(failures > 0, "no task failed half way")
    }

    private func task(
        _ query: String = "", guild: Int, amount: Int64 = 25, kind: WorkloadSpec.Kind = .sha256, size: Int64 = 500,
        _ headers: HTTPFields = [:]
    ) async throws -> HTTPClient.Response {
        let body: JSONValue = [
            "guild_id": .string("g-\(guild)"), "amount": .integer(amount),
            "workload": ["kind": .string(kind.rawValue), "size": .integer(size)],
        ]
        var headers = headers
        headers["content-type"] = "application/json"
        let request = HTTPClient.Request(
            method: .post, url: backends.gateway + "/v1/tasks" + query, headers: headers,
            body: Array(body.description.utf8))
        return try await backends.client.execute(request, timeout: .seconds(60))
    }

    /// A line such as the services write while a fault is injected.
    private func pushMarkedLine() async throws {
        let now = WallClock.system.now()
        let line: JSONValue = [
            "timestamp": .string(RFC3339.string(nanosecondsSinceEpoch: now)), "level": "error", "service": "payments",
            "message": "request completed", "tailspan.fault.id": "slow-payments", "tailspan.fault.kind": "latency",
        ]
        try await push(line, level: "error", at: now)
    }

    /// A line such as the services write when faults are set or taken out.
    private func pushChangeOfFaults() async throws {
        let now = WallClock.system.now()
        let line: JSONValue = [
            "timestamp": .string(RFC3339.string(nanosecondsSinceEpoch: now)), "level": "notice", "service": "payments",
            "message": "fault rules changed", "rules": [], "count": 0,
        ]
        try await push(line, level: "notice", at: now)
    }

    private func push(_ line: JSONValue, level: JSONValue, at now: UInt64) async throws {
        let push: JSONValue = [
            "streams": [
                [
                    "stream": [
                        "job": "tailspan", "service": "payments", "service_name": "payments",
                        "service_namespace": "tailspan", "level": level,
                    ],
                    "values": [[.string("\(now)"), .string(line.description)]],
                ]
            ]
        ]
        let answer = try await backends.client.execute(
            HTTPClient.Request(
                method: .post, url: backends.loki + "/loki/api/v1/push", headers: ["content-type": "application/json"],
                body: Array(push.description.utf8)))
        #expect(answer.status.code == 204, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    /// A span such as the services send while a fault is injected.
    private func sendMarkedSpan() async throws {
        let now = WallClock.system.now()
        let span: JSONValue = [
            "traceId": .string(Hex.string(now) + Hex.string(now ^ 1)), "spanId": .string(Hex.string(now)),
            "name": "POST /v1/reservations", "kind": 2, "startTimeUnixNano": .string("\(now - 5_000_000)"),
            "endTimeUnixNano": .string("\(now)"), "status": ["code": 2],
            "attributes": [
                attribute("tailspan.fault.id", "slow-payments"), attribute("tailspan.fault.kind", "latency"),
            ],
        ]
        let resource: JSONValue = [
            "attributes": [attribute("service.name", "payments"), attribute("service.namespace", "tailspan")]
        ]
        let traces: JSONValue = ["resourceSpans": [["resource": resource, "scopeSpans": [["spans": [span]]]]]]
        let answer = try await backends.client.execute(
            HTTPClient.Request(
                method: .post, url: backends.otlp + "/v1/traces", headers: ["content-type": "application/json"],
                body: Array(traces.description.utf8)))
        #expect(answer.status == .ok, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    private func attribute(_ key: String, _ value: String) -> JSONValue {
        ["key": .string(key), "value": ["stringValue": .string(value)]]
    }
}
