import Encoding
import EventLoop
import HTTP
import ServiceTesting
import Testing

@testable import Supervision

extension RealProcesses {
    @Suite("The replay of one request")
    struct ReplayTests {
        private static func replay(
            _ id: String, _ up: RunningUp, _ loop: EventLoop, _ more: String...
        ) async throws -> Programs.Outcome {
            try await Programs.run(["incident", "replay", "--trace", id] + more + up.all, on: loop)
        }

        private static func fault(_ up: RunningUp, _ loop: EventLoop, _ arguments: String...) async throws {
            let outcome = try await Programs.run(
                ["fault"] + arguments + up.options("gateway", "tasks", "executor", "payments"), on: loop)
            #expect(outcome.exit == .code(0), "\(outcome.errors)")
        }

        /// Sends requests until one has this status, and returns its trace id.
        private static func find(
            _ status: Int, _ up: RunningUp, _ client: HTTPClient, from number: Int = 0
        ) async throws -> String {
            for number in number..<number + 60 {
                let answer = try await client.createTask(up.urls["gateway"] ?? "", traceID: traceID(number))
                if answer.status.code == status { return traceID(number) }
            }
            Issue.record("no request was answered \(status)")
            return ""
        }

        @Test("A replay meets the same faults under a new trace id, even after the rules have changed")
        func aReplayMeetsTheSameFaults() async throws {
            try await RunningUp.with { loop, up in
                let client = HTTPClient(eventLoop: loop)
                defer { Task { await client.shutdown() } }
                try await Self.fault(
                    up, loop, "add", "payments.reserve:error=503,rate=30%,id=brownout",
                    "executor:latency=uniform(1ms,9ms),id=slow")
                let hit = try await Self.find(503, up, client)
                let spared = try await Self.find(201, up, client, from: 100)

                // The rules are still those.
                let same = try await Self.replay(hit, up, loop)
                #expect(same.exit == .code(0), "\(same.output) \(same.errors)")
                let text = same.output.joined(separator: "\n")
                #expect(text.contains("still in force") && text.contains("the same outcome"))
                #expect(text.contains("then  \(hit)") && text.contains("payments"))

                // Others are.
                try await Self.fault(up, loop, "clear")
                try await Self.fault(
                    up, loop, "add", "gateway:error=500,id=other", "payments.reserve:error=507,id=brownout")
                for (id, status) in [(hit, 503), (spared, 201)] {
                    let outcome = try await Self.replay(id, up, loop, "--json")
                    #expect(outcome.exit == .code(0), "\(outcome.output) \(outcome.errors)")
                    let json = try JSONValue(parsing: outcome.output.joined())
                    #expect(json["same"] == true && json["brings_rules"] == true)
                    #expect(json["decided_by"]?.string == id)
                    #expect(json["after"]?["status"]?.integer == Int64(status))
                    #expect(json["after"]?["trace_id"]?.string != id)
                    #expect(json["after"]?["faults"] == json["before"]?["faults"])
                    let spans = try #require(json["before"]?["spans"]?.integer)
                    #expect(spans > 5 && json["after"]?["spans"]?.integer == spans, "\(json)")
                    let names = json["after"]?["faults"]?.object?.members.map(\.name)
                    #expect(names == (status == 503 ? ["brownout"] : ["slow"]))
                }
                // Replaying a replay leads back to the first decision.
                let first = try JSONValue(parsing: try await Self.replay(hit, up, loop, "--json").output.joined())
                let again = try await Self.replay(
                    try #require(first["after"]?["trace_id"]?.string), up, loop, "--json")
                #expect(again.exit == .code(0), "\(again.output) \(again.errors)")
                #expect(try JSONValue(parsing: again.output.joined())["decided_by"]?.string == hit)
            }
        }

        @Test("A different outcome is reported with exit code 1, and a dry run sends nothing")
        func aDifferentOutcomeIsReported() async throws {
            try await RunningUp.with(["SEED_BALANCE": "1000000"]) { loop, up in
                let client = HTTPClient(eventLoop: loop)
                defer { Task { await client.shutdown() } }
                let poor = try await client.createTask(
                    up.urls["gateway"] ?? "", traceID: traceID(1), guild: "g-1", amount: 600_000)
                #expect(poor.status == .created, "\(poor.text)")
                let dry = try await Self.replay(traceID(1), up, loop, "--dry-run")
                #expect(dry.exit == .code(0), "\(dry.errors)")
                #expect(dry.output.contains("nothing was sent"))
                #expect(dry.output.contains { $0.hasPrefix("idempotency-key: replay-") })
                let count = try await client.get((up.urls["gateway"] ?? "") + "/admin/requests").json()["recorded"]
                #expect(count == 1)
                // The guild has not so much twice.
                let outcome = try await Self.replay(traceID(1), up, loop)
                #expect(outcome.exit == .code(1), "\(outcome.output) \(outcome.errors)")
                #expect(outcome.output.contains { $0.contains("201") && $0.contains("402") && $0.contains("differs") })
                #expect(outcome.output.last == "another outcome")
            }
        }

        @Test("An impossible replay is explained with exit code 2")
        func anImpossibleReplayIsExplained() async throws {
            try await RunningUp.with(["JOURNAL_SIZE": "1"]) { loop, up in
                let client = HTTPClient(eventLoop: loop)
                defer { Task { await client.shutdown() } }
                for number in 1...2 {
                    _ = try await client.createTask(up.urls["gateway"] ?? "", traceID: traceID(number))
                }
                let tempo = up.urls["tempo"] ?? ""
                try await eventually(within: .seconds(15), "the spans have come") {
                    try await client.get("\(tempo)/api/traces/\(traceID(1))").status == .ok
                }
                let gone = try await Self.replay(traceID(1), up, loop)
                #expect(gone.exit == .code(2))
                #expect(gone.errors.contains { $0.contains("Its spans are still at \(tempo)") }, "\(gone.errors)")
                let unknown = try await Self.replay(traceID(77), up, loop)
                #expect(unknown.exit == .code(2))
                #expect(unknown.errors.contains { $0.contains("There is no such trace at") }, "\(unknown.errors)")
            }
            try await RunningUp.with(["JOURNAL_SIZE": "0"]) { loop, up in
                let off = try await Self.replay(traceID(1), up, loop)
                #expect(off.exit == .code(2))
                #expect(off.errors.contains { $0.contains("keeps no journal of its requests: JOURNAL_SIZE is 0") })
            }
            try await RunningUp.with(["FAULTS_FROM_REQUESTS": "false"]) { loop, up in
                let client = HTTPClient(eventLoop: loop)
                defer { Task { await client.shutdown() } }
                _ = try await client.createTask(up.urls["gateway"] ?? "", traceID: traceID(1))
                let deaf = try await Self.replay(traceID(1), up, loop)
                #expect(deaf.exit == .code(2))
                #expect(deaf.errors.contains { $0.contains("FAULTS_FROM_REQUESTS=true") }, "\(deaf.errors)")
            }
        }
    }
}
