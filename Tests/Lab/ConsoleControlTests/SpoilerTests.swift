import Encoding
import FaultRules
import HTTP
import Incidents
import ServiceKit
import ServiceTesting
import Testing
import TraceContext
import Vocabulary

@Suite("What goes wrong is said without giving an incident away")
struct SpoilerTests {
    private static let unsettled = "unsettled-tasks"

    private static func rules() throws -> [FaultRule] {
        try IncidentLibrary(folder: ControlBench.root + "/incidents").incident(unsettled).requestRules()
    }

    @Test("A rule that comes to stand in a run's way is not named")
    func aRuleInTheWayIsNotNamed() async throws {
        let obstacle = Obstacle(.put, at: .payments)
        try await ControlBench.run(admin: { role, request in
            await obstacle.meet(role, request)
            return nil
        }) { (bench: ControlBench) async throws in
            let play = bench.begin(.post, "/incidents/\(Self.unsettled)/play", "{}")
            await obstacle.waitForArrival()
            try bench.injectors[.payments]?.add(try Self.rules())
            obstacle.letGo()
            #expect(try await play.value.status == .accepted)
            try await eventually(within: .seconds(30), "the end of the run") {
                try await bench.get("/incidents")["playing"] == .null
            }
            let trouble = try #require(try await bench.get("/incidents")["trouble"])
            #expect(trouble["name"] == "unsettled-tasks" && trouble["reason"]?.string?.isEmpty == false)
            for rule in try Self.rules() { #expect(!trouble.description.contains(rule.id), "\(trouble)") }
        }
    }

    @Test("Why a request cannot be sent again is told unless it gives an incident away", arguments: [true, false])
    func whyNothingIsReplayedIsNotTold(_ isConcealed: Bool) async throws {
        let trace = "0af7651916cd43dd8448eb211c80319c"
        var baggage = Baggage()
        baggage[FaultInjector.BaggageName.rules] = "payments:abrt,id=brownout"
        let journal: JSONValue = [
            "requests": [
                [
                    "trace_id": .string(trace), "trace_flags": "01", "time": "2026-11-20T12:00:00.000Z",
                    "method": "POST", "path": "/v1/tasks", "status": 201, "seed": 0,
                    "headers": ["baggage": .string(baggage.headerValue)],
                ]
            ]
        ]
        try await ControlBench.withState(isConcealed ? ControlBench.openIncident : "{}") { folder in
            try await ControlBench.run(
                folder: folder,
                admin: { _, request in
                    guard request.path.hasPrefix(JournalRoutes.path) else { return nil }
                    return Response(
                        headers: ["content-type": "application/json"], body: Array(journal.description.utf8))
                }
            ) { (bench: ControlBench) async throws in
                let refused = try await bench.send(.post, "/replay/" + trace, "{}")
                #expect(refused.status == .conflict && refused.problem == "not-replayable")
                let text = String(decoding: refused.body, as: UTF8.self)
                #expect(text.contains("abrt") != isConcealed, "\(text)")
            }
        }
    }
}
