import Contracts
import Encoding
import HTTP
import Testing

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
        return trace
    }

    /// Keeps the executor busy, so that a task whose amount is held finds nobody to compute it and is compensated. The
    /// caller's impatience does the same to an executor that is large enough.
    private func failHalfWay() async throws {
        let deadline: HTTPFields = backends.executorIsSmall ? [:] : [Header.requestTimeout: "150"]
        let failures = try await withThrowingTaskGroup(of: HTTPStatus.self) { group in
            for number in 1...6 {
                group.addTask { try await task(guild: number, kind: .mandelbrot, size: 4_000_000, deadline).status }
            }
            return try await group.reduce(into: 0) { $0 += $1.isServerError ? 1 : 0 }
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
            "message": "request completed", "fault.id": "slow-payments", "fault.kind": "latency",
        ]
        let push: JSONValue = [
            "streams": [
                [
                    "stream": [
                        "job": "tailspan", "service": "payments", "service_name": "payments",
                        "service_namespace": "tailspan", "level": "error",
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
}
