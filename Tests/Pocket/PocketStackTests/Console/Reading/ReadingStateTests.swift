import Encoding
import FaultControl
import FaultRules
import Synchronization
import Testing
import Vocabulary

@testable import PocketConsole

@Suite("The console's state") struct ReadingStateTests {
    private static func run(
        _ services: [ServiceRole: FakeService], access: ConsoleAccess = ConsoleAccess(),
        _ body: (ReadingFixture) async throws -> Void
    ) async throws {
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await ReadingFixture.run(services: services.mapValues(\.url), access: access, body))
        } catch { result = .failure(error) }
        for service in services.values { await service.stop() }
        try result.get()
    }

    @Test func theStateHasTheServicesTheirFaultsAndWhatIsStored() async throws {
        let gateway = try await FakeService(.gateway, rules: ["a", "b"])
        let payments = try await FakeService(.payments, isReady: false, rules: ["b", "c"])
        try await Self.run([.gateway: gateway, .payments: payments]) { (console) async throws in
            try await console.push([.init(seconds: 2), .init(seconds: 3)])
            try await console.push([
                .init(trace: 1, id: 1, start: 1000), .init(trace: 1, id: 2), .init(trace: 2, id: 3),
            ])
            let state = try await console.read("state")
            #expect(state["version"]?.string?.isEmpty == false && state["canAct"] == false)
            #expect(state["now"]?.string == String(ReadingFixture.start))
            #expect(
                state["services"] == [
                    ["name": "gateway", "url": .string(gateway.url), "ready": true, "detail": "200 OK"],
                    [
                        "name": "payments", "url": .string(payments.url), "ready": false,
                        "detail": "503 Service Unavailable",
                    ],
                ])
            #expect(state["faults"] == ["count": 3, "hidden": false, "incident": nil])
            #expect(state["first"]?.string == String(ReadingFixture.start))
            #expect(state["lines"] == 2 && state["traces"] == 2)
        }
    }

    @Test func theServicesAreAskedOnceForManyReaders() async throws {
        let gateway = try await FakeService(.gateway, rules: ["a"])
        try await Self.run([.gateway: gateway]) { (console) async throws in
            let begun = ContinuousClock.now
            try await withThrowingTaskGroup(of: JSONValue.self) { group in
                for _ in 0..<20 { group.addTask { try await console.read("state") } }
                for try await state in group { #expect(state["faults"]?["count"] == 1) }
            }
            // On a slow machine the readers may take longer than an answer's lifetime.
            let lifetimes = Int((ContinuousClock.now - begun) / .seconds(1)) + 1
            for path in ["/readyz", FaultControl.path] { #expect((1...lifetimes).contains(gateway.count(path))) }
        }
    }

    @Test func anAnswerServesUntilItsLifetimeIsOver() async throws {
        let asked = Mutex(0)
        let answer = SharedAnswer<Int>(lifetime: .seconds(1)) {
            asked.withLock {
                $0 += 1
                return $0
            }
        }
        let start = ContinuousClock.now
        #expect(try await answer.value(at: start) == 1)
        #expect(try await answer.value(at: start + .milliseconds(999)) == 1)
        #expect(try await answer.value(at: start + .seconds(1)) == 2)
        #expect(try await answer.value(at: start + .milliseconds(1999)) == 2)
    }

    @Test func aServiceThatDoesNotAnswerIsNotReadyAndHasNoFaults() async throws {
        // Port 9 (discard) has no listener.
        try await ReadingFixture.run(services: [.tasks: "http://127.0.0.1:9"]) { (console) async throws in
            let state = try await console.read("state")
            #expect(
                state["services"]?[0]?["ready"] == false && state["services"]?[0]?["detail"]?.string?.isEmpty == false)
            #expect(state["faults"] == ["count": 0, "hidden": false, "incident": nil])
            #expect(state["first"]?.isNull == true)
        }
    }

    @Test func hiddenFaultsAreNotCounted() async throws {
        let history = [FaultPlanRecord(time: ReadingFixture.start, seed: 0, rules: [.init(rule: "a", since: 0)])]
        let gateway = try await FakeService(.gateway, rules: ["a"], isHidden: true, history: history)
        try await Self.run([.gateway: gateway]) { (console) async throws in
            #expect(try await console.read("state")["faults"] == ["count": 0, "hidden": true, "incident": nil])
            #expect(try await console.read("overview")["faultChanges"] == [])
            #expect(gateway.count(FaultControl.historyPath) == 0)
        }
    }

    @Test func thePlayingIncidentAndWhatThePagesMayDoComeFromOutside() async throws {
        let gateway = try await FakeService(.gateway, rules: ["a"], token: "secret")
        var access = ConsoleAccess()
        access.canAct = true
        access.token = "secret"
        access.playing = { .init(title: "Heron", isHidden: false) }
        try await Self.run([.gateway: gateway], access: access) { (console) async throws in
            let state = try await console.read("state")
            #expect(state["canAct"] == true)
            #expect(state["faults"] == ["count": 1, "hidden": false, "incident": "Heron"])
        }
        access.playing = { .init(title: "Heron", isHidden: true) }
        try await ReadingFixture.run(access: access) { (console) async throws in
            #expect(try await console.read("state")["faults"] == ["count": 0, "hidden": true, "incident": "Heron"])
        }
    }

    @Test func changesOfFaultsAreMarkedOnceForAllServices() async throws {
        func record(_ seconds: Double, _ rules: [String]) -> FaultPlanRecord {
            FaultPlanRecord(
                time: ReadingFixture.start + UInt64(seconds * 1e9), seed: 0,
                rules: rules.map { .init(rule: $0, since: 0) })
        }
        let gateway = try await FakeService(
            .gateway, history: [record(0, []), record(10, ["a", "b"]), record(30, []), record(50, ["a"])])
        let tasks = try await FakeService(
            .tasks, history: [record(0, []), record(10.5, ["a", "b"]), record(20, ["a", "b", "c"]), record(30.1, [])])
        try await Self.run([.gateway: gateway, .tasks: tasks]) { (console) async throws in
            let range = [
                "from": String(ReadingFixture.start), "to": String(ReadingFixture.start + 40 * ReadingFixture.second),
            ]
            let changes = try await console.read("overview", range)["faultChanges"]
            #expect(
                changes?.each("text").compactMap(\.string) == ["2 faults set", "3 faults set", "all faults removed"])
            #expect(changes?[0]?["time"]?.string == String(ReadingFixture.start + 10 * ReadingFixture.second))
            #expect(changes?[2]?["time"]?.string == String(ReadingFixture.start + 30 * ReadingFixture.second))
        }
    }
}
