import Encoding
import HTTP
import ServiceTesting
import Testing
import Verification
import Vocabulary

@testable import FileSystem

extension RealProcesses {
    @Suite("Incidents played through the console")
    struct ConsoleIncidentTests {
        private static let incidents = ExercisePage.root + "/incidents"

        /// The acting API of a running environment, asked as its own pages ask it.
        private struct Console {
            let url: String
            let client: HTTPClient

            func send(_ method: HTTPMethod, _ path: String, _ body: String = "{}") async throws -> HTTPClient.Response {
                try await client.execute(
                    HTTPClient.Request(
                        method: method, url: url + "/console/control" + path,
                        headers: [
                            "content-type": "application/json", "origin": url, "sec-fetch-site": "same-origin",
                        ], body: method == .get ? [] : Array(body.utf8)), timeout: .seconds(60))
            }

            func get(_ path: String) async throws -> JSONValue { try await send(.get, path).json() }
            func post(_ path: String, _ body: String = "{}") async throws -> JSONValue {
                try await send(.post, path, body).json()
            }
        }

        private static func withConsole(
            _ body: @escaping @Sendable (RunningUp, Console) async throws -> Void
        ) async throws {
            try await RunningUp.with(["INCIDENTS_DIR": incidents, "WORKSHOP_DIR": ExercisePage.root + "/docs/workshop"])
            { loop, up in
                let client = HTTPClient(eventLoop: loop)
                let result: Result<Void, any Error>
                do {
                    result = .success(
                        try await body(up, Console(url: try #require(up.urls["console"]), client: client)))
                } catch {
                    result = .failure(error)
                }
                await client.shutdown()
                try result.get()
            }
        }

        /// Whether the services keep silent about faults.
        private static func areSilent(_ up: RunningUp, _ client: HTTPClient) async throws -> [Bool?] {
            var states: [Bool?] = []
            for role in ServiceRole.allCases {
                let url = try #require(up.urls[role.rawValue]) + "/admin/faults"
                states.append(try await client.execute(HTTPClient.Request(url: url)).json()["hidden"]?.bool)
            }
            return states
        }

        @Test("An incident is played, gives nothing away while its questions are open, and is told afterwards")
        func anIncidentIsPlayedAndAnswered() async throws {
            try await Self.withConsole { up, console in
                let path = "/incidents/unsettled-tasks"
                let started = try await console.send(.post, path + "/play", #"{"speed":25}"#)
                #expect(started.status == .accepted, "\(String(decoding: started.body, as: UTF8.self))")
                let second = try await console.send(.post, "/incidents/taking-ages/play")
                #expect(second.status == .conflict)
                try await eventually(within: .seconds(30), "a failed request") {
                    try await console.get("/incidents")["playing"]?["failures"]?.integer ?? 0 > 0
                }
                // The rule is in force, and nobody says so.
                let playing = try await console.get("/faults")
                #expect(playing["rules"] == [] && playing["hidden"] == true)
                #expect(playing["incident"]?["title"] == "Some tasks are never settled")
                #expect(try await console.send(.delete, "/faults").status == .conflict)
                try await eventually(within: .seconds(60), "the end of the incident") {
                    try await console.get("/incidents")["playing"] == .null
                }
                let page = try await console.get(path)
                #expect(try await console.get("/incidents")["trouble"] == .null)
                let failures = try #require(page["played"]?["failures"]?.integer)
                #expect(page["played"]?["run"] == 1 && failures > 50)
                #expect(try await Self.areSilent(up, console.client) == [true, true, true, true])
                try await Self.expectNothingIsMarked(up, console, page)
                try Self.expectALedger(up)

                // A failed request, sent again: it fails again, and the rule is not named.
                let failed = try await Self.failedTrace(up, console.client, page)
                let hidden = try await console.post("/replay/" + failed)
                #expect(
                    hidden["same"] == true && hidden["after"]?["status"] == hidden["before"]?["status"], "\(hidden)")
                #expect(hidden["before"]?["faults"] == [] && hidden["warnings"] == [])
                let again = try #require(hidden["trace"]?.string)
                let tempo = TempoClient(baseURL: try #require(up.urls["tempo"]), transport: console.client)
                let spans = try #require(try await tempo.trace(id: again)).spans
                #expect(spans.count > 10 && spans.allSatisfy { $0.attribute(Attribute.faultID) == nil })

                for (id, answer) in [("service", "payments"), ("operation", "settle"), ("money", "b"), ("share", "b")] {
                    #expect(try await console.get("/faults")["hidden"] == true, "\(id)")
                    let graded = try await console.post(path + "/answers", #"{"id":"\#(id)","answer":"\#(answer)"}"#)
                    #expect(graded["right"] == true, "\(graded)")
                }
                #expect(try await console.get(path)["score"] == ["right": 4, "of": 4, "points": 12])
                let told = try await console.get("/faults")
                #expect(told["hidden"] == false && told["incident"] == .null && told["rules"] == [])
                #expect(try await Self.areSilent(up, console.client) == [false, false, false, false])
                let shown = try await console.post("/replay/" + failed)
                #expect(shown["before"]?["faults"] == ["brownout"] && shown["after"]?["faults"] == ["brownout"])
            }
        }

        /// No span and no line of the run names a fault.
        private static func expectNothingIsMarked(_ up: RunningUp, _ console: Console, _ page: JSONValue) async throws {
            let window = try window(of: page)
            let tempo = TempoClient(baseURL: try #require(up.urls["tempo"]), transport: console.client)
            let loki = LokiClient(baseURL: try #require(up.urls["loki"]), transport: console.client)
            #expect(try await tempo.count("{ status = error }", in: window) > 20)
            #expect(try await tempo.count("{ span.\(Attribute.faultID) != nil }", in: window) == 0)
            let lines = try await loki.lines(LogStreams.ours, in: window)
            #expect(lines.count > 1000)
            let telling = lines.filter { $0.line.contains("fault") }
            #expect(telling.isEmpty, "\(telling.first?.line ?? "")")
        }

        /// The ledger of the run knows what happened.
        private static func expectALedger(_ up: RunningUp) throws {
            let ledger = try #require(Files.text(up.folder + "/incidents/unsettled-tasks/ledger.ndjson"))
            #expect(ledger.split(separator: "\n").count > 20 && ledger.contains("brownout"))
        }

        /// A trace that ended in an error of the gateway, and that all lines of are there.
        private static func failedTrace(
            _ up: RunningUp, _ client: HTTPClient, _ page: JSONValue
        ) async throws -> String {
            let tempo = TempoClient(baseURL: try #require(up.urls["tempo"]), transport: client)
            let found = try await tempo.search(
                #"{ resource.service.name = "payments" && name = "POST /v1/settlements" && status = error } && { resource.service.name = "gateway" && kind = server && status = error }"#,
                in: try window(of: page), limit: 1)
            return try #require(found.first).traceID
        }

        private static func window(of page: JSONValue) throws -> Range<UInt64> {
            let start = try #require(page["played"]?["start"]?.string.flatMap { UInt64($0) })
            let end = try #require(page["played"]?["end"]?.string.flatMap { UInt64($0) })
            return start..<end
        }

        @Test("A run that is stopped leaves no rule behind, and the services speak again")
        func aStoppedRunLeavesNoRule() async throws {
            try await Self.withConsole { up, console in
                let started = try await console.send(.post, "/incidents/taking-ages/play", #"{"speed":2}"#)
                #expect(started.status == .accepted)
                try await eventually(within: .seconds(20), "the rules") {
                    let url = try #require(up.urls["executor"]) + "/admin/faults"
                    return try await console.client.execute(HTTPClient.Request(url: url)).json()["rules"] != []
                }
                #expect(try await Self.areSilent(up, console.client) == [true, true, true, true])
                let stopped = try await console.send(.delete, "/incidents/playing")
                #expect(stopped.status == .ok)
                #expect(try stopped.json()["playing"] == .null)
                let state = try await console.get("/faults")
                #expect(state["rules"] == [] && state["hidden"] == false && state["incident"] == .null)
                #expect(try await console.get("/incidents/taking-ages")["played"] == .null)
                // A whole trace of a request that the console sends is verified.
                let sent = try await console.post("/send", #"{"kind":"sync"}"#)
                #expect(sent["status"] == 201 && sent["replayable"] == true)
                let trace = try #require(sent["trace"]?.string)
                try await eventually(within: .seconds(30), "the verdict") {
                    try await console.get("/verdict/" + trace)["state"] == "verified"
                }
            }
        }
    }
}
