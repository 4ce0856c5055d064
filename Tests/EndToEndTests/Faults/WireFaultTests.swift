import Encoding
import HTTP
import OTelSDK
import Payments
import ServiceTesting
import Testing
import TraceContext
import Tracing

/// Faults in a request and in its answer, over a real socket.
@Suite("Faults on the wire") struct WireFaultTests {
    private static let reservation: JSONValue = ["guild_id": "g-1", "task_id": "t-1", "amount": 5]

    private func reserve(_ rule: String, environment: [String: String] = [:]) async throws -> FaultTrial {
        try await FaultTrial.run(
            PaymentsService.self, rule, environment: environment, uri: "/v1/reservations", json: Self.reservation)
    }

    @Test func anOperationWithoutARuleShowsNoFault() async throws {
        let trial = try await reserve("payments.settle:error")
        #expect(trial.status == 201)
        #expect(trial.ledger.isEmpty)
        #expect(trial.server?.attributes["tailspan.fault.id"] == nil)
        #expect(!trial.metrics.contains("tailspan_faults_injected_total"))
        #expect(trial.metrics.contains("tailspan_faults_active 1"))
    }

    @Test func latencyDelaysTheAnswerByTheRecordedValue() async throws {
        let trial = try await reserve("payments:latency=uniform(60ms,120ms)")
        #expect(trial.status == 201)
        #expect(trial.shows("payments-latency", "latency"))
        let value = try #require(trial.ledger.first?["value"]?.string)
        #expect(value.hasSuffix("us"))
        let sampled = Duration.microseconds(Int64(try #require(Int(value.dropLast(2)))))
        #expect(sampled >= .milliseconds(60) && sampled <= .milliseconds(120))
        #expect(trial.elapsed >= sampled)
    }

    @Test func anErrorReplacesTheHandlersAnswer() async throws {
        let trial = try await reserve("payments.reserve:error=507:\"no room, sorry\"")
        #expect(trial.status == 507)
        #expect(trial.shows("payments-reserve-error", "error"))
        let problem = try JSONValue(parsing: trial.body)
        #expect(problem["detail"]?.string == "no room, sorry")
        #expect(problem["trace_id"]?.string == trial.server?.context.traceID.description)
        #expect(trial.server?.status?.code == .error)
        // The handler never ran.
        #expect(!trial.lines.contains { $0.message == "amount reserved" })
    }

    @Test func throttlingAnswersRetryAfter() async throws {
        let trial = try await reserve("payments:throttle=7s")
        #expect(trial.status == 429)
        guard case .success(let response) = trial.result else { return }
        #expect(response.headers["retry-after"] == "7")
        #expect(trial.shows("payments-throttle", "throttle"))
    }

    @Test func anAbortResetsTheConnection() async throws {
        let trial = try await reserve("payments:abort")
        guard case .transferFailed(let message)? = trial.failure else {
            Issue.record("expected a broken transfer, not \(trial.result)")
            return
        }
        #expect(message.lowercased().contains("reset"))
        #expect(trial.shows("payments-abort", "abort"))
        #expect(trial.server?.attributes["error.type"] == "response_not_written")
    }

    @Test func aHangEndsWith503() async throws {
        let trial = try await reserve("payments:hang=50ms")
        #expect(trial.status == 503)
        #expect(trial.elapsed >= .milliseconds(50))
        #expect(trial.shows("payments-hang", "hang"))
    }

    @Test func aSlowBodyArrivesCompletely() async throws {
        let whole = try await reserve("payments.settle:error")
        let trial = try await reserve("payments:slow-body=300B/s")
        #expect(trial.status == 201)
        #expect(trial.body == whole.body)
        #expect(!trial.body.isEmpty)
        // The first piece, a tenth of a second's, comes at once.
        let pauses = (trial.body.count - 1) / 30
        #expect(trial.elapsed >= .milliseconds(100 * pauses))
        #expect(pauses > 0)
        #expect(trial.shows("payments-slow-body", "slow-body"))
    }

    @Test func corruptionDamagesTheJSON() async throws {
        let trial = try await reserve("payments:corrupt")
        #expect(trial.status == 201)
        #expect(throws: JSONError.self) { try JSONValue(parsing: trial.body) }
        #expect(trial.shows("payments-corrupt", "corrupt"))
    }

    @Test func truncationEndsTheConnectionMidBody() async throws {
        let trial = try await reserve("payments:truncate=40%")
        guard case .transferFailed? = trial.failure else {
            Issue.record("expected a broken transfer, not \(trial.result)")
            return
        }
        #expect(trial.shows("payments-truncate", "truncate"))
    }

    @Test func severalRulesHitOneRequest() async throws {
        let trial = try await reserve("payments:latency=20ms,id=slow;payments:error=500,id=broken")
        #expect(trial.status == 500)
        #expect(trial.server?.attributes["tailspan.fault.id"] == "slow,broken")
        #expect(trial.server?.attributes["tailspan.fault.kind"] == "latency,error")
        #expect(trial.ledger.compactMap { $0["rule"]?.string } == ["slow", "broken"])
    }

    @Test func hiddenFaultsAppearInTheLedgerAlone() async throws {
        let trial = try await reserve("payments:error", environment: ["FAULTS_HIDDEN": "true"])
        #expect(trial.status == 503)
        #expect(trial.server?.attributes["tailspan.fault.id"] == nil)
        #expect(trial.server?.attributes["tailspan.fault.kind"] == nil)
        #expect(!String(decoding: trial.body, as: UTF8.self).contains("inject"))
        #expect(trial.ledger.count == 1)
    }

    @Test(arguments: [("g-1", true), ("g-2", false), ("g-*", true)])
    func aMatchReadsTheRequestBody(_ guild: String, _ isHit: Bool) async throws {
        let trial = try await reserve("payments:error,match=guild_id:\(guild)")
        #expect(trial.status == (isHit ? 503 : 201))
    }

    @Test func healthAndMetricsAreNeverFaulted() async throws {
        for uri in ["/healthz", "/readyz", "/metrics"] {
            let trial = try await FaultTrial.run(
                PaymentsService.self, "payments:error;payments:abort", method: .get, uri: uri)
            #expect(trial.status == 200, "\(uri)")
            #expect(trial.ledger.isEmpty)
        }
    }

    @Test func requestsBringRulesOnlyWhenAllowed() async throws {
        let bag: HTTPFields = ["baggage": "tailspan.fault=payments%3Aerror%3D502"]
        for (allowed, status) in [("true", 502), ("false", 201)] {
            let trial = try await FaultTrial.run(
                PaymentsService.self, "", environment: ["FAULTS_FROM_REQUESTS": allowed], uri: "/v1/reservations",
                headers: bag, json: Self.reservation)
            #expect(trial.status == status)
        }
    }

    @Test func theScenarioTimeReplacesTheClock() async throws {
        for (offset, status) in [(9_999, 201), (10_000, 503), (19_999, 503), (20_000, 201)] {
            let trial = try await FaultTrial.run(
                PaymentsService.self, "payments:error,from=10s,for=10s", environment: ["FAULTS_FROM_REQUESTS": "true"],
                uri: "/v1/reservations", headers: ["baggage": "tailspan.at=\(offset)"], json: Self.reservation)
            #expect(trial.status == status, "\(offset)")
        }
    }
}
