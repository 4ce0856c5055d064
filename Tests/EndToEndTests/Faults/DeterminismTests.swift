import Contracts
import Encoding
import EventLoop
import FaultControl
import FaultKinds
import FaultRules
import Foundation
import HTTP
import ServiceTesting
import Synchronization
import Testing
import Vocabulary
import Workload

/// The project promises that the seed alone decides which requests fail, and how.
@Suite("The determinism of faults under one seed", .serialized)
struct DeterminismTests {
    /// Several kinds at once, on several services, some of them drawn.
    private static let rules = [
        "payments.reserve:error=503,rate=30%,id=brownout",
        "payments:latency=lognormal(p50=1ms,p99=4ms),rate=50%",
        "executor:latency=uniform(1ms,5ms),rate=60%,id=slow-executor",
        "executor:error=500,rate=15%,match=guild_id:g-3",
        "gateway:throttle=1s,rate=10%",
        "tasks.process-task:latency=pareto(1ms,3),rate=50%",
        "gateway.create-task:corrupt,rate=10%,from=1s,for=2s",
    ].joined(separator: ";")

    /// What a run left, without its times.
    private struct Trail: Equatable {
        /// Status or failure of each trace.
        var outcomes: [String: String] = [:]
        /// Every injection once: trace, service, operation, rule, kind, sampled value.
        var ledger: Set<String> = []

        var failing: Set<String> { Set(outcomes.filter { $0.value >= "400" }.keys) }
    }

    /// Runs four services of their own under `rules`, sends with `send`, and waits until the queue is empty.
    private static func trail(
        seed: UInt64 = 11, _ send: @escaping @Sendable (FourServices) async throws -> [String: String]
    ) async throws -> Trail {
        try await withFourServices(
            environment: ["FAULTS": rules, "FAULTS_SEED": "\(seed)", "FAULTS_FROM_REQUESTS": "true"]
        ) { services in
            var trail = Trail()
            trail.outcomes = try await send(services)
            try await eventually(within: .seconds(60), "every task is in a final state") {
                for state in TaskState.allCases where !state.isFinal {
                    let url = services.url(.tasks) + "/v1/tasks?status=\(state.rawValue)&limit=1"
                    if try await services.client.get(url).json()["tasks"]?.array?.isEmpty != true { return false }
                }
                return true
            }
            for role in ServiceRole.allCases {
                let control = FaultControlClient(baseURL: services.url(role), token: nil, client: services.client)
                for entry in try await control.ledger() {
                    // Asking for tasks above is no part of the load.
                    guard let traceID = entry.traceID, trail.outcomes[traceID] != nil else { continue }
                    trail.ledger.insert(
                        "\(traceID) \(entry.service).\(entry.operation ?? "") \(entry.rule) \(entry.kind)=\(entry.value)"
                    )
                }
            }
            return trail
        }
    }

    /// A request with its place in the scenario, as an incident's run sends it.
    private static func send(_ request: PlannedRequest, of plan: LoadPlan, to services: FourServices) async -> String {
        var headers = request.headers
        headers["baggage"] = "tailspan.at=\(Int64(plan.dueTime(of: request.index) / .milliseconds(1)))"
        do {
            let answer = try await services.client.execute(
                HTTPClient.Request(
                    method: .post, url: services.url(.gateway) + request.uri, headers: headers, body: request.body),
                timeout: .seconds(60))
            return "\(answer.status.code)"
        } catch { return "no answer: \(error)" }
    }

    /// All requests of a plan, at its speed and concurrency.
    private static func play(
        rate: Double, concurrency: Int, seed: UInt64 = 5
    ) -> @Sendable (FourServices) async throws -> [String: String] {
        { services in
            // The scenario's time is that of a plan of 40 requests a second, however fast they are sent.
            let scenario = try LoadPlan(seed: seed, rate: 40, limit: .requests(160))
            let plan = try LoadPlan(seed: seed, rate: rate, limit: .requests(160), concurrency: concurrency)
            let loop = try EventLoop(name: "load")
            try loop.start()
            defer { loop.stop() }
            let outcomes = Mutex<[String: String]>([:])
            let runner = LoadRunner(plan: plan, clock: .monotonic(loop)) { request in
                let outcome = await send(request, of: scenario, to: services)
                outcomes.withLock { $0[request.traceID] = outcome }
                return LoadAnswer(status: .ok)
            }
            _ = await Task(executorPreference: loop) { await runner.run() }.value
            return outcomes.withLock { $0 }
        }
    }

    @Test("The faults do not depend on concurrency, speed, load or order")
    func theHitsDependOnTheSeedAlone() async throws {
        let calm = try await Self.trail(Self.play(rate: 100, concurrency: 1))
        // Otherwise the rest shows nothing.
        #expect(calm.outcomes.count == 160 && calm.outcomes.values.allSatisfy { !$0.hasPrefix("no answer") })
        #expect((30...120).contains(calm.failing.count), "\(calm.failing.count)")
        for rule in try FaultRule.list(parsing: Self.rules) {
            #expect(calm.ledger.contains { $0.contains(" \(rule.id) ") }, "\(rule)")
        }
        #expect(calm.ledger.filter { $0.contains("latency=") }.allSatisfy { !$0.hasSuffix("=") })

        let crowded = try await Self.trail(Self.play(rate: 1000, concurrency: 48))
        Self.expect(crowded, calm)

        let burners = CPUBurners(4)
        let busy = try await Self.trail(Self.play(rate: 400, concurrency: 8))
        burners.stop()
        Self.expect(busy, calm)

        let backwards = try await Self.trail { services in
            let plan = try LoadPlan(seed: 5, rate: 40, limit: .requests(160))
            var outcomes: [String: String] = [:]
            for request in plan.requests.reversed() {
                outcomes[request.traceID] = await Self.send(request, of: plan, to: services)
            }
            return outcomes
        }
        Self.expect(backwards, calm)

        let others = try await Self.trail(seed: 12, Self.play(rate: 1000, concurrency: 48))
        #expect(others.failing != calm.failing, "another seed hits others")
    }

    @Test("Repeated requests fail again, with their old keys and with new ones")
    func repeatedRequestsFailAgain() async throws {
        let runs = try await withFourServices(
            environment: ["FAULTS": Self.rules, "FAULTS_SEED": "11", "FAULTS_FROM_REQUESTS": "true"]
        ) { services in
            let plan = try LoadPlan(seed: 5, rate: 40, limit: .requests(80))
            var runs: [[String: String]] = []
            for suffix in ["", "", "-fresh"] {
                var outcomes: [String: String] = [:]
                for request in plan.requests {
                    var request = request
                    request.idempotencyKey += suffix
                    outcomes[request.traceID] = await Self.send(request, of: plan, to: services)
                }
                runs.append(outcomes)
            }
            return runs
        }
        func failing(_ run: [String: String]) -> Set<String> { Set(run.filter { $0.value >= "400" }.keys) }
        #expect(!failing(runs[0]).isEmpty)
        #expect(failing(runs[1]) == failing(runs[0]))
        #expect(runs[2] == runs[0])
    }

    private static func expect(_ trail: Trail, _ calm: Trail) {
        // Only what differs is worth reading.
        let outcomes = trail.outcomes.filter { calm.outcomes[$0.key] != $0.value }
        #expect(outcomes.map { "\($0.key) \($0.value) instead of \(calm.outcomes[$0.key] ?? "nothing")" } == [])
        #expect(trail.outcomes.count == calm.outcomes.count)
        #expect(trail.ledger.subtracting(calm.ledger).sorted() == [])
        #expect(calm.ledger.subtracting(trail.ledger).sorted() == [])
    }
}

/// Threads that do nothing but compute.
private final class CPUBurners: Sendable {
    private let isOver: Flag

    private final class Flag: Sendable {
        let value = Atomic(false)
    }

    init(_ count: Int) {
        let isOver = Flag()
        self.isOver = isOver
        for _ in 0..<count {
            Thread.detachNewThread {
                var value: UInt64 = 1
                while !isOver.value.load(ordering: .relaxed) {
                    for _ in 0..<10_000 { value = value &* 6_364_136_223_846_793_005 &+ 1 }
                }
                // So that the loop is not optimised away.
                if value == 0 { print(value) }
            }
        }
    }

    func stop() { isOver.value.store(true, ordering: .relaxed) }
    deinit { stop() }
}
