import Encoding
import FaultKinds
import FaultRules
import FileSystem
import HTTP
import Incidents
import ServiceTesting
import Synchronization
import Testing
import Vocabulary

@testable import ConsoleControl

@Suite("What is left of an incident when something goes wrong")
struct RecoveryTests {
    private static let unsettled = "unsettled-tasks"

    private static func rules() throws -> [FaultRule] {
        try IncidentLibrary(folder: ControlBench.root + "/incidents").incident(unsettled).requestRules()
    }

    private static let wasPlaying = #"{"playing":"unsettled-tasks","silenced":[],"sessions":{}}"#
    private static let unavailable = Response(status: .serviceUnavailable)

    // MARK: Silence

    @Test("A start has services speak that an earlier process silenced, though nothing was playing")
    func aStartEndsTheSilence() async throws {
        try await ControlBench.withState(#"{"playing":null,"silenced":["payments"],"sessions":{}}"#) { folder in
            try await ControlBench.run(folder: folder) { (bench: ControlBench) async throws in
                bench.injectors[.payments]?.hide(true)
                await bench.control.recover()
                #expect(bench.injectors[.payments]?.isHidden == false)
            }
        }
    }

    @Test("A service that could not be told to speak is told when faults are looked at")
    func theSilenceEndsLater() async throws {
        let refusals = Mutex(1)
        try await ControlBench.withState(#"{"playing":null,"silenced":["payments"],"sessions":{}}"#) { folder in
            try await ControlBench.run(
                folder: folder,
                admin: { role, request in
                    guard role == .payments, request.method == .put else { return nil }
                    return refusals.withLock { left in
                        left -= 1
                        return left >= 0 ? Self.unavailable : nil
                    }
                }
            ) { (bench: ControlBench) async throws in
                bench.injectors[.payments]?.hide(true)
                await bench.control.recover()
                #expect(bench.injectors[.payments]?.isHidden == true)
                #expect(try await bench.get("/faults")["hidden"] == false)
                #expect(bench.injectors[.payments]?.isHidden == false)
            }
        }
    }

    @Test("All services speak again though whoever answered the last question has gone")
    func theSilenceEndsWithoutTheClient() async throws {
        let obstacle = Obstacle(.put, at: .tasks)
        try await ControlBench.withState(ControlBench.openIncident) { folder in
            try await ControlBench.run(
                folder: folder,
                admin: { role, request in
                    await obstacle.meet(role, request)
                    return nil
                }
            ) { (bench: ControlBench) async throws in
                bench.injectors[.tasks]?.hide(true)
                bench.injectors[.payments]?.hide(true)
                let request = bench.begin(.post, "/incidents/\(Self.unsettled)/solutions", "{}")
                await obstacle.waitForArrival()
                request.cancel()
                obstacle.letGo()
                try await eventually(within: .seconds(30), "the end of the silence") {
                    bench.injectors[.payments]?.isHidden == false
                }
            }
        }
    }

    @Test("A rule that one service refuses stays set in none, though whoever set it has gone")
    func aRefusedRuleIsRemovedWithoutTheClient() async throws {
        let obstacle = Obstacle(.post, at: .payments)
        try await ControlBench.run(admin: { role, request in
            await obstacle.meet(role, request)
            return nil
        }) { (bench: ControlBench) async throws in
            try bench.injectors[.payments]?.add(try FaultRule(parsing: "payments:abort,id=slow"))
            let request = bench.begin(.post, "/faults", #"{"rule":"*:latency=50ms,id=slow"}"#)
            await obstacle.waitForArrival()
            #expect(bench.rules(of: .gateway).count == 1)
            request.cancel()
            obstacle.letGo()
            try await eventually(within: .seconds(30), "the removal") {
                [ServiceRole.gateway, .tasks, .executor].allSatisfy { bench.rules(of: $0).isEmpty }
            }
        }
    }

    // MARK: Recovery

    @Test("Nothing is played while the rules of an earlier run are cleared")
    func nothingIsPlayedMeanwhile() async throws {
        let obstacle = Obstacle(.delete, at: .payments)
        try await ControlBench.withState(Self.wasPlaying) { folder in
            try await ControlBench.run(
                folder: folder,
                admin: { role, request in
                    await obstacle.meet(role, request)
                    return nil
                }
            ) { (bench: ControlBench) async throws in
                try bench.injectors[.payments]?.add(try Self.rules())
                let recovery = Task { await bench.control.recover() }
                await obstacle.waitForArrival()
                let refused = try await bench.send(.post, "/incidents/\(Self.unsettled)/play", "{}")
                #expect(refused.status == .conflict && refused.problem == "recovering")
                obstacle.letGo()
                await recovery.value
                #expect(bench.rules(of: .payments).isEmpty)
            }
        }
    }

    @Test("A rule that may be set still is remembered, and cleared at the next start", arguments: [true, false])
    func aRuleThatMayBeSetIsRemembered(_ isSilent: Bool) async throws {
        let obstacle = Obstacle(.delete, at: .payments)
        try await ControlBench.withState(Self.wasPlaying) { folder in
            try await ControlBench.run(
                folder: folder,
                admin: { role, request in
                    guard role == .payments, request.method == .delete else { return nil }
                    // Without an answer the client gives up in the end.
                    if isSilent { await obstacle.meet(role, request) }
                    return Self.unavailable
                }
            ) { (bench: ControlBench) async throws in
                await bench.control.recover()
                obstacle.letGo()
                let refused = try await bench.send(.post, "/incidents/triple-traffic/play", "{}")
                #expect(refused.status == .conflict && refused.problem == "not-playable")
                #expect(try await bench.get("/incidents")["playing"] == .null)
            }
            try await ControlBench.run(folder: folder) { (bench: ControlBench) async throws in
                try bench.injectors[.payments]?.add(try Self.rules())
                await bench.control.recover()
                #expect(bench.rules(of: .payments).isEmpty)
            }
        }
    }

    @Test("A service that does not run has no rules to remember")
    func aServiceThatDoesNotRunHasNoRules() async throws {
        try await ControlBench.withState(Self.wasPlaying) { folder in
            try await ControlBench.run(folder: folder) { (bench: ControlBench) async throws in
                await bench.end(.payments)
                await bench.control.recover()
            }
            let state = try JSONValue(parsing: try #require(Files.read(folder + "/console-incidents.json")))
            #expect(state["playing"] == .null)
        }
    }

    // MARK: Stopping

    @Test("A run that is stopped while it is prepared does not begin, and has ended when it is said to")
    func aRunIsStoppedBeforeItBegins() async throws {
        // The last of the services is being told to keep silent.
        let obstacle = Obstacle(.put, at: .payments)
        try await ControlBench.run(admin: { role, request in
            await obstacle.meet(role, request)
            return nil
        }) { (bench: ControlBench) async throws in
            let play = bench.begin(.post, "/incidents/\(Self.unsettled)/play", "{}")
            await obstacle.waitForArrival()
            let stop = bench.begin(.delete, "/incidents/playing")
            // Time for an answer that comes too early.
            for _ in 0..<3 { #expect(try await bench.get("/incidents")["playing"]?["name"] == "unsettled-tasks") }
            obstacle.letGo()
            let stopped = try JSONValue(parsing: try await stop.value.body)
            #expect(stopped["playing"] == .null && stopped["trouble"] == .null)
            #expect(try await play.value.problem == "stopped")
            for role in ServiceRole.allCases { #expect(bench.injectors[role]?.isHidden == false) }
        }
    }

    @Test("Once it shuts down nothing is begun any more")
    func nothingIsBegunAfterTheShutdown() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            await bench.control.shutdown()
            for path in ["/load", "/incidents/\(Self.unsettled)/play"] {
                let refused = try await bench.send(.post, path, "{}")
                #expect(refused.status == .serviceUnavailable && refused.problem == "shutting-down", "\(path)")
            }
        }
    }
}
