import EventLoop
import FaultRules
import HTTP
import Synchronization
import Testing
import Vocabulary
import Workload

@testable import Incidents

@Suite("An incident's run")
struct IncidentRunTests {
    /// Four services in one: answers what the runner asks, and notes the order of things.
    private final class Scene: HTTPTransport, IncidentStage {
        struct Failure: Error {}

        struct State {
            var events: [String] = []
            var offsets: [String: String] = [:]
            var underWay = 0
            var mostUnderWayAtDeploy = 0
            var served = 0
        }

        let state = Mutex(State())
        let failsToDeploy: Bool
        let isSound: Bool
        let urls = Dictionary(uniqueKeysWithValues: ServiceRole.allCases.map { ($0, "http://\($0)") })
        let restarts: [ServiceRole: Int] = [.executor: 2]

        /// What tasks are answered with.
        let status: HTTPStatus

        init(failsToDeploy: Bool = false, isSound: Bool = true, status: HTTPStatus = .created) {
            self.failsToDeploy = failsToDeploy
            self.isSound = isSound
            self.status = status
        }

        func execute(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response {
            if request.url.hasSuffix("/metrics") {
                let served = state.withLock { $0.served }
                return .init(status: .ok, body: Array("tailspan_tasks_queue_depth 0\nserved_total \(served)\n".utf8))
            }
            if request.url.hasSuffix("/v1/integrity") {
                return .init(
                    status: isSound ? .ok : .internalServerError, body: Array("{\"sound\":\(isSound)}".utf8))
            }
            let baggage = request.headers["baggage"] ?? "none"
            state.withLock { state in
                state.offsets[request.headers[Header.traceParent] ?? ""] = baggage
                state.events.append(baggage)
                state.underWay += 1
            }
            await Task.yield()
            state.withLock { state in
                state.underWay -= 1
                state.served += 1
            }
            return .init(status: status)
        }

        func begin(_ rule: FaultRule) async throws { state.withLock { $0.events.append("begin \(rule.id)") } }
        func end(_ rule: FaultRule) async throws { state.withLock { $0.events.append("end \(rule.id)") } }

        func deploy(_ service: ServiceRole, version: String) async throws {
            if failsToDeploy { throw Failure() }
            state.withLock { state in
                state.events.append("deploy \(service) \(version)")
                state.mostUnderWayAtDeploy = state.underWay
            }
        }
    }

    private func incident() throws -> Incident {
        try SampleIncident.read {
            $0.load = "{rate: 10, duration: '4s', mix: {sync: 1}}"
            $0.timeline = """
                [{at: '1s', for: '1s', rule: 'executor:unready,id=sick'}, {at: '3s', deploy: {service: 'tasks', version: '2'}},
                 {at: '1s', rule: 'payments:error'}]
                """
        }
    }

    private func play(
        _ incident: Incident, on scene: Scene, speed: Double, withFaults: Bool = true, number: Int = 1
    ) async throws -> IncidentRun.Result {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        var options = IncidentRun.Options()
        options.speed = speed
        options.withFaults = withFaults
        options.number = number
        let run = IncidentRun(
            incident, options: options, stage: scene, transport: scene, clock: .monotonic(loop))
        return try await Task(executorPreference: loop) { try await run.run() }.value
    }

    @Test("Each request keeps its scenario time and its order among the events at every speed")
    func eachRequestKeepsItsScenarioTimeAtEverySpeed() async throws {
        let incident = try incident()
        var offsets: [[String: String]] = []
        for speed in [20.0, 57] {
            let scene = Scene()
            let result = try await play(incident, on: scene, speed: speed)
            #expect(result.outcomes.count == 40)
            #expect(result.outcomes.allSatisfy { $0.isAsPlanned })
            let state = scene.state.withLock { $0 }
            offsets.append(state.offsets)
            #expect(state.mostUnderWayAtDeploy == 0)
            for (event, time) in [("begin sick", 1000), ("end sick", 2000), ("deploy tasks 2", 3000)] {
                let index = try #require(state.events.firstIndex(of: event))
                let before = state.events[..<index].compactMap(Self.offset)
                let after = state.events[index...].compactMap(Self.offset)
                #expect(before.count == time / 100)
                #expect(before.allSatisfy { $0 < time })
                #expect(after.allSatisfy { $0 >= time })
            }
        }
        #expect(offsets[0] == offsets[1])
        #expect(Set(offsets[0].values).count == 40)
    }

    private static func offset(_ event: String) -> Int? {
        event.hasPrefix("tailspan.at=") ? Int(event.dropFirst("tailspan.at=".count)) : nil
    }

    @Test("A run without faults begins no fault and still deploys")
    func aRunWithoutFaultsStillDeploys() async throws {
        let scene = Scene()
        _ = try await play(try incident(), on: scene, speed: 50, withFaults: false)
        #expect(scene.state.withLock { $0.events.filter { !$0.hasPrefix("tailspan.at=") } } == ["deploy tasks 2"])
    }

    @Test(
        "The result has the metric increases, the restarts and the state of the books", arguments: [true, false])
    func theResultCountsMetricsRestartsAndMoney(isSound: Bool) async throws {
        let result = try await play(try incident(), on: Scene(isSound: isSound), speed: 50)
        #expect(result.isMoneySound == isSound)
        #expect(result.unfinishedTasks == 0)
        #expect(result.metrics.sum(try MetricSelector(#"served_total{service="gateway"}"#)) == 40)
        #expect(result.metrics.sum(try MetricSelector(#"tailspan_incident_restarts_total{service="executor"}"#)) == 2)
        #expect(result.startedAt < result.endedAt)
    }

    @Test("Each run of a seed has its own ids, and a repeated run has the same ones")
    func eachRunOfASeedHasItsOwnIDs() async throws {
        let incident = try incident()
        var requests: [Int: [PlannedRequest]] = [:]
        for number in [1, 2, 2, 3] {
            let played = try await play(incident, on: Scene(), speed: 50, number: number).outcomes.map(\.request)
            #expect(requests.updateValue(played, forKey: number).map { $0 == played } ?? true)
        }
        #expect(requests[1] == Array(try incident.plan().requests))
        let ids = requests.values.flatMap { $0 }
        #expect(Set(ids.map(\.traceID)).count == 120)
        #expect(Set(ids.map(\.idempotencyKey)).count == 120)
    }

    @Test("A run that is answered from memory is refused in one sentence")
    func aRunAnsweredFromMemoryIsRefused() async throws {
        let error = await #expect(throws: IncidentError.self) {
            try await play(try incident(), on: Scene(status: .ok), speed: 50)
        }
        #expect(error?.description.hasPrefix("40 of 40 tasks were answered from memory") == true)
        #expect(error?.description.hasSuffix("expected another --run") == true)
    }

    @Test("An action that fails ends the run at once")
    func aFailingActionEndsTheRun() async throws {
        await #expect(throws: Scene.Failure.self) {
            try await play(try incident(), on: Scene(failsToDeploy: true), speed: 50)
        }
    }

    @Test("A run record is read back, and anything else is refused")
    func aRunRecordIsReadBack() async throws {
        let incident = try incident()
        let scene = Scene()
        let result = try await play(incident, on: scene, speed: 50)
        let record = RunRecord(
            incident: "sample", mode: .own, window: 5..<9, seed: .max, number: 3, speed: 50, withFaults: true,
            isHidden: false,
            loki: "http://l", tempo: "http://t", urls: scene.urls, dataFolder: "d", logFolder: "l",
            metrics: result.metrics)
        let ledger = ReducedLedger([], traces: [])
        let report = RunReport(result: result, ledger: ledger, restarts: [:], isHidden: false)
        let read = try RunRecord(parsing: Array(record.text(report).utf8), file: "run.json")
        #expect(read.window == 5..<9)
        #expect(read.mode == .own)
        #expect(read.number == 3)
        #expect(read.urls == scene.urls)
        #expect(read.metrics.increases == record.metrics.increases)
        #expect(report.requestsText.split(separator: "\n").count == 40)
        #expect(throws: IncidentError.self) { try RunRecord(parsing: Array("{}".utf8), file: "run.json") }
        #expect(throws: IncidentError.self) { try RunRecord(parsing: Array("{".utf8), file: "run.json") }
    }
}
