import Encoding
import EventLoop
import Glibc
import Incidents
import Testing
import Vocabulary
import YAML

@testable import FileSystem
@testable import Supervision

extension RealProcesses {
    @Suite("Incidents played by the program")
    struct IncidentTests {
        /// Where the shipped incidents are.
        private static let incidents =
            "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/incidents"

        private static let names = Files.names(in: incidents).filter { $0.hasSuffix(".yaml") }.sorted()
            .map { String($0.dropLast(".yaml".count)) }

        private struct Player: Sendable {
            let loop: EventLoop
            let folder: String
            var incidents = IncidentTests.incidents

            func play(_ name: String, _ options: String...) async throws -> Programs.Outcome {
                try await run("run", name, ["--own"] + options)
            }

            func check(_ name: String, _ options: String...) async throws -> Programs.Outcome {
                try await run("check", name, options)
            }

            func run(_ command: String, _ name: String, _ options: [String]) async throws -> Programs.Outcome {
                try await Programs.run(
                    ["incident", command, name, "--incidents", incidents, "--runs", folder + "/runs"] + options,
                    on: loop)
            }

            func file(_ name: String, of incident: String) throws -> String {
                try #require(Files.text("\(folder)/runs/\(incident)/\(name)"))
            }

            /// The ledger without its times.
            func ledger(of incident: String) throws -> [String] {
                try file("ledger.ndjson", of: incident).split(separator: "\n").map { line in
                    let end = try #require(line.ranges(of: #","time":""#).last)
                    return String(line[..<end.lowerBound])
                }
            }
        }

        private func withPlayer(_ body: @escaping @Sendable (Player) async throws -> Void) async throws {
            try await withTemporaryFolder { folder in
                try await withLoop { loop in try await body(Player(loop: loop, folder: folder)) }
            }
        }

        private static func expect(
            _ outcome: Programs.Outcome, _ code: Int32, sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(
                outcome.exit == .code(code), "\(outcome.output.joined(separator: "\n")) \(outcome.errors)",
                sourceLocation: sourceLocation)
        }

        @Test("Two runs at different speeds hit the same requests, and the symptoms are seen")
        func twoSpeedsHitTheSameRequests() async throws {
            try await withPlayer { player in
                Self.expect(try await player.play("unsettled-tasks", "--speed", "20"), 0)
                let first = try player.ledger(of: "unsettled-tasks")
                #expect(first.count > 60)
                Self.expect(try await player.check("unsettled-tasks"), 0)
                Self.expect(try await player.play("unsettled-tasks", "--speed", "35"), 0)
                #expect(try player.ledger(of: "unsettled-tasks") == first)
                // Which requests failed follows from it.
                let failed = try player.file("requests.ndjson", of: "unsettled-tasks").split(separator: "\n")
                    .compactMap { try? JSONValue(parsing: String($0)) }.filter { $0["as_planned"] == false }
                let hit = Set(first.compactMap { try? JSONValue(parsing: $0 + "}")["trace_id"]?.string })
                #expect(!failed.isEmpty)
                #expect(failed.allSatisfy { $0["trace_id"]?.string.map(hit.contains) ?? false })
            }
        }

        @Test("Another seed hits other requests and shows the same symptoms")
        func anotherSeedShowsTheSameSymptoms() async throws {
            try await withPlayer { player in
                Self.expect(try await player.play("unsettled-tasks", "--speed", "30", "--seed", "4711"), 0)
                Self.expect(try await player.check("unsettled-tasks"), 0)
            }
        }

        /// The alert rules of Loki, as the file has them.
        private static func alertRules() throws -> [(name: String, expression: String)] {
            let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
            let file = try YAML.document(Array(try #require(Files.text(root + "/loki/rules/fake/tailspan.yaml")).utf8))
            let rules = try #require(file["groups"]?.array).flatMap { $0["rules"]?.array ?? [] }
            #expect(rules.count >= 3)
            return try rules.map { (try #require($0["alert"]?.string), try #require($0["expr"]?.string)) }
        }

        /// As fast as a debug build can be asked on two cores. Where times are what is looked at, callers are impatient, or lines
        /// are a megabyte long, there must be something to spare.
        private static func speed(of incident: Incident) -> Double {
            let requestsASecond: Double =
                switch incident.name {
                case "no-news", "three-at-once": 30
                case "heals-when-it-dies", "taking-ages": 80
                default: 160
                }
            return min(20, requestsASecond / incident.load.rate)
        }

        /// The errors of the service that logs most. The alert needs more than ten a minute for half a minute; twice as many
        /// make it fire whenever it is evaluated.
        private static let mostErrors =
            #"max(sum by (service) (count_over_time({service_namespace="tailspan", level=~"error|critical"} [15m])))"#

        @Test(
            "Each incident passes its check only with its fault and fires exactly the alerts it names",
            arguments: names)
        func eachIncidentPassesItsCheckOnlyWithItsFault(name: String) async throws {
            try await withPlayer { player in
                let incident = try IncidentLibrary(folder: Self.incidents).incident(name)
                let run = try await player.play(name, "--speed", "\(Self.speed(of: incident))", "--hide")
                Self.expect(run, 0)
                #expect(!run.output.contains { $0.contains("first failure") }, "that is for students to find")
                let record = try JSONValue(parsing: try player.file("run.json", of: name))
                #expect(record["hidden"] == true && record["report"]?["injected"] == nil)
                Self.expect(try await player.check(name, "--answers"), 0)
                for role in ServiceRole.allCases {
                    let log = try player.file("logs/\(role)/\(role).log", of: name)
                    #expect(!log.isEmpty && !log.contains("fault."), "hidden means hidden")
                }
                try await IncidentEvidence.with("\(player.folder)/runs/\(name)") { evidence in
                    try await PageClaims.hold(name, evidence)
                    let firing = try await evidence.firingAlerts(try Self.alertRules())
                    #expect(firing.isSuperset(of: incident.alerts))
                    // How many requests a death takes with it is a matter of timing.
                    #expect(firing == Set(incident.alerts) || !incident.restart.isEmpty)
                    if incident.alerts.contains("TailspanErrorRate") {
                        #expect(try await evidence.value(Self.mostErrors) >= 22)
                    }
                }
                Self.expect(try await player.play(name, "--speed", "40", "--without-faults"), 0)
                #expect(try player.ledger(of: name).isEmpty)
                let check = try await player.check(name, "--json")
                Self.expect(check, 1)
                #expect(try JSONValue(parsing: check.output.joined())["passed"] == false)
            }
        }

        @Test("Deploys, service rules and crashes happen on time, and no money is lost")
        func deploysRulesAndCrashesHappenOnTime() async throws {
            try await withPlayer { player in
                var player = player
                player.incidents = player.folder
                try Files.write(Self.roughIncident, to: player.folder + "/rough.yaml")
                let run = try await player.play("rough", "--speed", "15")
                Self.expect(run, 0)
                #expect(run.output.contains { $0.contains("the books are right") })
                let record = try JSONValue(parsing: try player.file("run.json", of: "rough"))
                #expect(record["report"]?["injected"]?["bug"]?.integer ?? 0 > 0)
                #expect(run.output.contains { $0.contains("restarted") })
                #expect(run.output.contains { $0.contains("first failure") && $0.contains("tailspan trace") })
                let junit = player.folder + "/check.xml"
                Self.expect(try await player.check("rough", "--junit", junit), 0)
                #expect(Files.text(junit)?.contains(#"tests="6" failures="0" errors="0""#) == true)
            }
        }

        private static let roughIncident = """
            title: Rough
            lesson: Everything at once
            story: Story
            seed: 3
            load: { rate: 8, duration: 60s, mix: { sync: 70, async: 30 } }
            timeline:
              - { at: 10s, for: 10s, rule: 'payments:clock-skew=+10m,id=skewed' }
              - { at: 20s, deploy: { service: tasks, version: '2.0.0' } }
              - { at: 20s, for: 20s, rule: 'tasks.create-task:error=500,rate=30%,id=bug' }
              - { at: 45s, deploy: { service: tasks, version: '1.0.0' } }
              - { at: 50s, for: 5s, rule: 'executor.execute:crash,rate=5%,id=boom' }
            restart: [executor]
            symptoms:
              - id: new
                title: The new version fails
                logql: sum(count_over_time({service="tasks"} | json | version="2.0.0" | status="500" [$window]))
                expect: '> 20'
              - id: old
                title: The old one did not
                logql: sum(count_over_time({service="tasks"} | json | version="1.0.0" | status="500" [$window]))
                expect: '== 0'
              - id: dies
                title: The executor is restarted
                metric: tailspan_incident_restarts_total{service="executor"}
                expect: '> 0'
              - id: counted
                title: Counters outlive a deploy
                metric: http_server_request_duration_seconds_count{service="tasks",http_route="/v1/tasks"}
                expect: '>= 470'
              - id: served
                title: Most are served
                traceql: '{ resource.service.name = "gateway" && span.http.response.status_code < 300 }'
                expect: '> 300'
              - id: spans
                title: Each request has its span
                traceql: '{ resource.service.name = "gateway" && kind = server } | count_over_time()'
                expect: '>= 480'
            """

        @Test("A check is impossible without a run or without its data")
        func aCheckWithoutARunIsImpossible() async throws {
            try await withPlayer { player in
                let never = try await player.check("unsettled-tasks")
                Self.expect(never, 2)
                #expect(never.errors.joined().contains("unsettled-tasks has not been run"))
                let unknown = try await player.check("unsettled")
                Self.expect(unknown, 2)
            }
        }
    }
}
