import Encoding
import Executor
import Gateway
import HTTP
import Logging
import OTelSDK
import Payments
import ServiceTesting
import Tasks
import Testing
import TraceContext
import Tracing

/// Faults inside a service and in the calls that it makes.
@Suite("Faults inside a service") struct ProcessFaultTests {
    private static let task: JSONValue = [
        "guild_id": "g-1", "amount": 5, "workload": ["kind": "sha256", "size": 10],
    ]

    private func reserve(_ rule: String) async throws -> FaultTrial {
        try await FaultTrial.run(
            PaymentsService.self, rule, uri: "/v1/reservations",
            json: ["guild_id": "g-1", "task_id": "t-1", "amount": 5])
    }

    /// Asks the gateway, whose upstreams are `upstream`.
    private func gateway(_ rule: String, _ upstream: FakeUpstream) async throws -> FaultTrial {
        try await FaultTrial.run(
            GatewayService.self, rule, environment: ["TASKS_URL": upstream.url, "PAYMENTS_URL": upstream.url],
            uri: "/v1/tasks", json: Self.task)
    }

    @Test func aSlowStatementTakesTheGivenTime() async throws {
        let trial = try await reserve("payments:db-slow=30ms")
        #expect(trial.status == 201)
        #expect(trial.shows("payments-db-slow", "db-slow"))
        let statement = try #require(trial.spans.first { $0.attributes["db.system.name"] == "sqlite" })
        #expect(statement.endTime - statement.startTime >= 30_000_000)
    }

    @Test func aFailingStatementMarksItsSpan() async throws {
        let trial = try await reserve("payments:db-error")
        #expect(trial.status == 500)
        #expect(trial.shows("payments-db-error", "db-error"))
        let statement = try #require(trial.spans.first { $0.attributes["db.system.name"] == "sqlite" })
        #expect(statement.status?.code == .error)
        #expect(trial.lines.contains { $0.level == .error && $0.spanID == statement.context.spanID.description })
    }

    @Test(arguments: [("40ms", 201), ("1s", 500)])
    func aStatementWaitsForALockUntilItsTimeout(_ time: String, _ status: Int) async throws {
        let trial = try await reserve("payments:lock=\(time)")
        #expect(trial.status == status)
        #expect(trial.elapsed >= .milliseconds(40))
        #expect(trial.shows("payments-lock", "lock"))
        #expect(trial.lines.contains { $0.error?.contains("database is locked") == true } == (status == 500))
    }

    @Test func aReadPassesALock() async throws {
        let trial = try await FaultTrial.run(
            PaymentsService.self, "payments:lock=1s", method: .get, uri: "/v1/guilds/g-1/balance")
        #expect(trial.status == 200)
        #expect(trial.ledger.isEmpty)
    }

    @Test func cpuLoadDelaysTheRequest() async throws {
        let trial = try await reserve("payments:cpu=30ms")
        #expect(trial.status == 201)
        #expect(trial.elapsed >= .milliseconds(30))
        #expect(trial.shows("payments-cpu", "cpu"))
    }

    @Test func aLeakShowsInResidentMemory() async throws {
        let without = try await reserve("payments.settle:error")
        let trial = try await reserve("payments:memory-leak=64MiB")
        #expect(trial.status == 201)
        #expect(trial.shows("payments-memory-leak", "memory-leak"))
        func resident(_ trial: FaultTrial) throws -> Double {
            let line = try #require(
                trial.metrics.split(separator: "\n").first { $0.hasPrefix("process_resident_memory_bytes ") })
            return try #require(Double(line.split(separator: " ")[1]))
        }
        #expect(try resident(trial) - resident(without) > 40_000_000)
    }

    @Test func anExhaustedPoolMakesWorkWait() async throws {
        let trial = try await FaultTrial.run(
            ExecutorService.self, "executor:pool-exhaustion=80ms", uri: "/v1/executions",
            json: ["task_id": "t-1", "workload": ["kind": "sha256", "size": 10]])
        #expect(trial.status == 201)
        #expect(trial.shows("executor-pool-exhaustion", "pool-exhaustion"))
        #expect(trial.elapsed >= .milliseconds(80))
    }

    @Test func aRefusedCallNeverReachesTheUpstream() async throws {
        let upstream = try await FakeUpstream { _ in Response(status: .created, body: Array("{}".utf8)) }
        let trial = try await gateway("gateway:refuse=tasks", upstream)
        #expect(upstream.requests.allSatisfy { $0.path != "/v1/tasks" })
        await upstream.stop()
        #expect(trial.status == 503 || trial.status == 502)
        #expect(trial.shows("gateway-refuse", "refuse"))
        #expect(trial.spans.contains { $0.kind == .client && $0.attributes["error.type"] == "connect_failed" })
    }

    @Test func aDuplicatedRequestIsSentSeveralTimes() async throws {
        let upstream = try await FakeUpstream { _ in Response(status: .created, body: Array("{}".utf8)) }
        let trial = try await gateway("gateway:duplicate-request=3", upstream)
        let sent = upstream.requests.filter { $0.path == "/v1/tasks" }
        await upstream.stop()
        #expect(trial.status == 201)
        #expect(sent.count == 3)
        #expect(Set(sent.map { $0.headers["idempotency-key"] }).count == 1)
        #expect(trial.shows("gateway-duplicate-request", "duplicate-request"))
    }

    @Test func aRetryStormDoesNotPause() async throws {
        let upstream = try await FakeUpstream { _ in Response(status: .serviceUnavailable) }
        let trial = try await gateway("gateway:retry-storm=8", upstream)
        let sent = upstream.requests.filter { $0.path == "/v1/tasks" }
        await upstream.stop()
        #expect(trial.status == 503)
        #expect(sent.count == 8)
        #expect(trial.shows("gateway-retry-storm", "retry-storm"))
    }

    @Test func aStormNeedsAFailure() async throws {
        let upstream = try await FakeUpstream { _ in Response(status: .created, body: Array("{}".utf8)) }
        let trial = try await gateway("gateway:retry-storm=8", upstream)
        await upstream.stop()
        #expect(trial.status == 201)
        #expect(trial.ledger.isEmpty)
    }

    /// The next service starts a new trace each time, yet the caller's trace decides about its faults.
    @Test func faultsBehindADroppedContextFollowTheCallersTrace() async throws {
        var hits: Set<Bool> = []
        for digit in 1...8 {
            let trace = String(repeating: "\(digit)", count: 32)
            var statuses: Set<Int?> = []
            for _ in 1...3 {
                let trial = try await FaultTrial.run(
                    PaymentsService.self, "payments.reserve:error,rate=50%", uri: "/v1/reservations",
                    headers: ["baggage": "tailspan.cut=\(trace)"],
                    json: ["guild_id": "g-1", "task_id": "t-1", "amount": 5])
                statuses.insert(trial.status)
                #expect(trial.ledger.allSatisfy { $0["replay_of"]?.string == trace })
            }
            #expect(statuses.count == 1)
            hits.formUnion(statuses.map { $0 == 503 })
        }
        #expect(hits == [true, false])
    }

    @Test func contextIsDroppedAtOneHop() async throws {
        let upstream = try await FakeUpstream { _ in Response(status: .created, body: Array("{}".utf8)) }
        let trial = try await gateway("gateway:drop-context", upstream)
        let sent = try #require(upstream.requests.first { $0.path == "/v1/tasks" })
        await upstream.stop()
        #expect(sent.headers["traceparent"] == nil)
        let traceID = try #require(trial.server?.context.traceID.description)
        #expect(sent.headers["baggage"]?.contains("tailspan.cut=\(traceID)") == true)
        #expect(sent.headers["x-request-id"] != nil)
        #expect(trial.shows("gateway-drop-context", "drop-context"))
    }

    @Test func theTraceparentBecomesMalformed() async throws {
        let upstream = try await FakeUpstream { _ in Response(status: .created, body: Array("{}".utf8)) }
        let trial = try await gateway("gateway:malformed-traceparent=tasks", upstream)
        let sent = try #require(upstream.requests.first { $0.path == "/v1/tasks" }?.headers["traceparent"])
        await upstream.stop()
        let traceID = try #require(trial.server?.context.traceID.description)
        #expect(sent.hasPrefix("00:\(traceID):"))
        #expect(trial.shows("gateway-malformed-traceparent", "malformed-traceparent"))
    }

    @Test func aQueueStallShowsInTheTasksOwnTrace() async throws {
        let upstream = try await FakeUpstream { _ in Response(status: .notFound) }
        let traceID = "0af7651916cd43dd8448eb211c80319c"
        let app = TestApplication(
            TasksService.self,
            environment: [
                "FAULTS": "tasks:queue-stall=60ms", "PAYMENTS_URL": upstream.url, "EXECUTOR_URL": upstream.url,
            ])
        try await app.test(.live) { client in
            let answer = try await client.execute(
                uri: "/v1/tasks?mode=async", method: .post,
                headers: ["traceparent": "00-\(traceID)-b7ad6b7169203331-01", "idempotency-key": "k"], json: Self.task)
            #expect(answer.status == .accepted)
            try await eventually { app.spans.spans.contains { $0.kind == .consumer } }
        }
        await upstream.stop()
        let consumer = try #require(app.spans.spans.first { $0.kind == .consumer })
        #expect(consumer.context.traceID.description == traceID)
        #expect(consumer.attributes["tailspan.fault.kind"] == "queue-stall")
        #expect(consumer.endTime - consumer.startTime >= 60_000_000)
    }
}
