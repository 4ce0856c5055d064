import Encoding
import HTTP
import Synchronization
import Testing
import Vocabulary

@testable import Workload

@Suite("The load runner")
struct LoadRunnerTests {
    private func plan(_ count: Int, rate: Double = 10, concurrency: Int = 64) throws -> LoadPlan {
        try LoadPlan(seed: 1, rate: rate, limit: .requests(count), concurrency: concurrency, mix: .only(.sync))
    }

    @Test("A quick service gets every request when it is due")
    func aQuickServiceGetsEveryRequestOnTime() throws {
        let time = VirtualTime()
        let plan = try plan(20)
        let sent = Mutex<[Duration]>([])
        let runner = LoadRunner(plan: plan, clock: time.clock) { _ in
            sent.withLock { $0.append(time.now) }
            try await time.sleep(until: time.now + .milliseconds(5))
            return LoadAnswer(status: .created)
        }
        let report = time.run { await runner.run() }
        #expect(sent.withLock { $0 } == (0..<20).map { .milliseconds(100 * $0) })
        #expect(report.sent == 20)
        #expect(report.answered == 20)
        #expect(report.late == 0)
        #expect(report.isClean)
        #expect(report.latency.maximum == .milliseconds(5))
        #expect(report.duration == .milliseconds(1905))
    }

    @Test("A slow service gets new requests while others are outstanding")
    func aSlowServiceGetsRequestsWhileOthersAreOpen() throws {
        let time = VirtualTime()
        let plan = try plan(10)
        let inFlight = Mutex((now: 0, most: 0))
        let runner = LoadRunner(plan: plan, clock: time.clock) { _ in
            inFlight.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            try await time.sleep(until: time.now + .seconds(10))
            inFlight.withLock { $0.now -= 1 }
            return LoadAnswer(status: .created)
        }
        let report = time.run { await runner.run() }
        #expect(inFlight.withLock { $0.most } == 10)
        #expect(report.late == 0)
        #expect(report.latency.maximum == .seconds(10))
    }

    @Test("The latency of a delayed request counts from when it was due")
    func latencyCountsFromTheDueTime() throws {
        let time = VirtualTime()
        // Due at 0, 100, … 900 ms; one at a time, each taking a second: request i is answered at (i + 1) seconds.
        let plan = try plan(10, concurrency: 1)
        let runner = LoadRunner(plan: plan, clock: time.clock) { _ in
            try await time.sleep(until: time.now + .seconds(1))
            return LoadAnswer(status: .created)
        }
        let report = time.run { await runner.run() }
        #expect(report.answered == 10)
        #expect(report.late == 9)
        #expect(report.dropped == 0)
        #expect(report.latency.minimum == .seconds(1))
        #expect(report.latency.maximum == .seconds(10) - .milliseconds(900))
        #expect(report.serviceTime.maximum == .seconds(1))
        #expect(report.duration == .seconds(10))
    }

    @Test("A stall counts in every request that it delayed")
    func aStallDelaysEveryRequestBehindIt() throws {
        let time = VirtualTime()
        let plan = try plan(20, concurrency: 1)
        let runner = LoadRunner(plan: plan, clock: time.clock) { request in
            try await time.sleep(until: time.now + (request.index == 5 ? .seconds(1) : .milliseconds(1)))
            return LoadAnswer(status: .created)
        }
        let report = time.run { await runner.run() }
        // Requests 6 to 14 were due during the stall, 15 while they were being caught up with.
        #expect(report.late == 10)
        #expect(report.latency.quantile(0.55) > .milliseconds(100))
        #expect(report.serviceTime.quantile(0.9) < .milliseconds(2))
    }

    @Test("Freed places are reused one by one, so that only waiting requests are late")
    func freedPlacesAreReusedOneByOne() throws {
        let time = VirtualTime()
        let plan = try plan(20, concurrency: 4)
        // The sender itself is held up once, long after as many requests as there are places were sent and answered.
        let jittery = LoadClock(now: { time.now }) { due in
            try await time.sleep(until: due == .seconds(1) ? due + .milliseconds(250) : due)
        }
        let underWay = Mutex((now: 0, most: 0))
        let runner = LoadRunner(plan: plan, clock: jittery) { _ in
            underWay.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            try await time.sleep(until: time.now + .milliseconds(5))
            underWay.withLock { $0.now -= 1 }
            return LoadAnswer(status: .created)
        }
        let report = time.run { await runner.run() }
        #expect(report.answered == 20)
        #expect(underWay.withLock { $0.most } < 4)
        #expect(report.late == 0)
    }

    @Test("The slowest request and the first failure are named by their traces")
    func theSlowestRequestAndTheFirstFailureAreNamed() throws {
        let time = VirtualTime()
        let plan = try plan(20)
        let planned = Array(plan.requests)
        let runner = LoadRunner(plan: plan, clock: time.clock) { request in
            try await time.sleep(until: time.now + .milliseconds(request.index == 7 ? 90 : request.index == 5 ? 80 : 5))
            if request.index == 9 { throw HTTPClientError.timeout }
            return LoadAnswer(status: [5, 12].contains(request.index) ? .badGateway : .created)
        }
        let report = time.run { await runner.run() }
        #expect(report.slowest?.traceID == planned[7].traceID)
        #expect(report.slowest?.duration == .milliseconds(90))
        #expect(
            report.firstFailure
                == NotableRequest(
                    index: 5, traceID: planned[5].traceID, duration: .milliseconds(80), outcome: "502"))
        var writer = JSONWriter()
        report.write(to: &writer)
        let json = try JSONValue(parsing: writer.bytes)
        #expect(json["slowest"]?["trace_id"]?.string == planned[7].traceID)
        #expect(json["first_failure"]?["outcome"] == "502")
        let other = VirtualTime()
        let healthy = LoadRunner(plan: plan, clock: other.clock) { _ in LoadAnswer(status: .created) }
        #expect(other.run { await healthy.run() }.firstFailure == nil)
    }

    @Test("Every request carries the gateway's token")
    func everyRequestCarriesTheGatewaysToken() async throws {
        struct Recorder: HTTPTransport {
            let seen: @Sendable (HTTPClient.Request) -> Void
            func execute(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response {
                seen(request)
                return HTTPClient.Response(status: .created, headers: [:], body: [])
            }
        }
        let seen = Mutex<[String?]>([])
        let recorder = Recorder { request in seen.withLock { $0.append(request.headers["authorization"]) } }
        let request = try plan(1).request(at: 0)
        _ = try await httpTransport(recorder, baseURL: "http://g", token: "secret")(request)
        _ = try await httpTransport(recorder, baseURL: "http://g")(request)
        #expect(seen.withLock { $0 } == ["Bearer secret", nil])
    }

    @Test("Requests that are far too late are dropped and counted")
    func requestsThatAreFarTooLateAreDropped() throws {
        let time = VirtualTime()
        let plan = try plan(10, concurrency: 1)
        let outcomes = Mutex<[Int: LoadRunner.Outcome.Result]>([:])
        let runner = LoadRunner(plan: plan, clock: time.clock, largestDelay: .milliseconds(850)) { _ in
            try await time.sleep(until: time.now + .seconds(1))
            return LoadAnswer(status: .created)
        }
        let report = time.run {
            await runner.run(outcome: { outcome in
                outcomes.withLock { $0[outcome.request.index] = outcome.result }
            })
        }
        // At 1 s the request due at 100 ms is 900 ms late; that due at 200 ms is 800 ms late and goes out.
        #expect(outcomes.withLock { $0.filter { $0.value == .dropped }.keys.sorted() } == [1, 3, 4, 5, 6, 7, 8, 9])
        #expect(report.dropped == 8)
        #expect(report.sent == 2)
        #expect(report.sent + report.dropped == plan.count)
        #expect(!report.isClean)
    }

    @Test("The requests do not depend on the timing")
    func theRequestsDoNotDependOnTiming() throws {
        func bodies(concurrency: Int, rate: Double, delay: Duration) throws -> Set<String> {
            let time = VirtualTime()
            let plan = try LoadPlan(seed: 9, rate: rate, limit: .requests(50), concurrency: concurrency)
            let seen = Mutex<Set<String>>([])
            let runner = LoadRunner(plan: plan, clock: time.clock, largestDelay: .seconds(1000)) { request in
                let text = request.traceParent + String(decoding: request.body, as: UTF8.self)
                seen.withLock { _ = $0.insert(text) }
                try await time.sleep(until: time.now + delay)
                return LoadAnswer(status: .created)
            }
            _ = time.run { await runner.run() }
            return seen.withLock { $0 }
        }
        let quick = try bodies(concurrency: 50, rate: 1000, delay: .milliseconds(1))
        #expect(quick.count == 50)
        #expect(try quick == bodies(concurrency: 3, rate: 10, delay: .seconds(2)))
    }

    @Test("Answers are counted by kind and status, and failures by type")
    func answersAreCountedByKindAndStatus() throws {
        struct Broken: Error {}
        let time = VirtualTime()
        let plan = try LoadPlan(
            seed: 1, rate: 100, limit: .requests(100), mix: Mix([.sync: 1, .poor: 1]), computations: .only(.sort))
        let planned = Array(plan.requests)
        let runner = LoadRunner(plan: plan, clock: time.clock) { request in
            switch request.index {
            case 0: throw HTTPClientError.timeout
            case 1: throw HTTPClientError.connectFailed("no")
            case 2: throw Broken()
            case 3: return LoadAnswer(status: .internalServerError, traceID: request.traceID)
            case 4: return LoadAnswer(status: request.kind == .poor ? .paymentRequired : .ok, traceID: "another")
            default: return LoadAnswer(status: request.kind == .poor ? .paymentRequired : .created)
            }
        }
        let states = Mutex<[LoadRunner.State]>([])
        let report = time.run { await runner.run(progress: { state in states.withLock { $0.append(state) } }) }
        #expect(report.errors == ["timeout": 1, "connect_failed": 1, "Broken": 1])
        #expect(report.failed == 3)
        #expect(report.answered == 97)
        #expect(report.unexpected == 1)
        #expect(report.wrongTraces == 1)
        #expect(report.statuses[planned[3].kind]?[500] == 1)
        #expect(report.statuses[.poor]?[402] == planned.dropFirst(4).filter { $0.kind == .poor }.count)
        #expect(report.latency.count == 100)
        #expect(states.withLock { $0.map(\.finished) } == Array(1...100))
        #expect(states.withLock { $0.last?.inFlight } == 0)
    }

    @Test("A cancelled load sends no more and reports what it has")
    func aCancelledLoadStopsAndReports() throws {
        let time = VirtualTime()
        let plan = try plan(100)
        let runner = LoadRunner(plan: plan, clock: time.clock) { _ in
            try await time.sleep(until: time.now + .milliseconds(150))
            return LoadAnswer(status: .created)
        }
        let report = time.run {
            let load = Task(executorPreference: time) { await runner.run() }
            // The clock never cancels by itself.
            try? await time.sleep(until: .milliseconds(1010))
            load.cancel()
            return await load.value
        }
        #expect(report.isInterrupted)
        #expect(report.sent == 11)
        #expect(report.errors == ["cancelled": 2])
        #expect(report.answered == 9)
    }

    @Test("The report is written as JSON")
    func theReportIsWrittenAsJSON() throws {
        let time = VirtualTime()
        let plan = try plan(4)
        let runner = LoadRunner(plan: plan, clock: time.clock) { request in
            guard request.index > 0 else { throw HTTPClientError.timeout }
            try await time.sleep(until: time.now + .milliseconds(5))
            return LoadAnswer(status: .created)
        }
        let report = time.run { await runner.run() }
        var writer = JSONWriter()
        report.write(to: &writer)
        let json = try JSONValue(parsing: writer.bytes)
        #expect(json["seed"] == 1)
        #expect(json["planned"] == 4)
        #expect(json["answered"] == 3)
        #expect(json["mix"] == "sync=1")
        #expect(json["statuses"] == ["sync": ["201": 3]])
        #expect(json["errors"] == ["timeout": 1])
        #expect(json["latency_ms"]?["max"] == 5)
        #expect(json["interrupted"] == false)
    }
}
