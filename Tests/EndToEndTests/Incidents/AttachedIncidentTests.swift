import Encoding
import EventLoop
import Glibc
import HTTP
import ServiceTesting
import Testing
import Vocabulary

@testable import FileSystem
@testable import Supervision

extension RealProcesses {
    @Suite("Incidents in a running environment")
    struct AttachedIncidentTests {
        private static let incidents =
            "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/incidents"

        /// `tailspan up`, with the arguments that lead commands to it.
        private static func withEnvironment(
            _ variables: [String: String],
            _ body: @escaping @Sendable (EventLoop, String, [String]) async throws -> Void
        ) async throws {
            try await withTemporaryFolder { folder in
                try await withLoop { loop in
                    let up = try RunningProgram(
                        ["up", "--random-ports", "--json", "--environment", folder],
                        environment: variables.merging(["OTEL_BSP_SCHEDULE_DELAY": "200"]) { own, _ in own }, on: loop)
                    try await eventually(within: .seconds(30), "ready") {
                        up.output.all.contains { $0.contains(#""event":"ready""#) }
                    }
                    let ready = try #require(
                        up.output.all.compactMap { try? JSONValue(parsing: $0) }.first { $0["event"] == "ready" })
                    var options = [
                        "--incidents", incidents, "--runs", folder + "/runs", "--environment", folder,
                    ]
                    for name in ServiceRole.allCases.map(\.rawValue) + ["loki", "tempo"] {
                        options += ["--" + name, try #require(ready[name]?.string)]
                    }
                    let result: Result<Void, any Error>
                    do { result = .success(try await body(loop, folder, options)) } catch { result = .failure(error) }
                    up.process.send(SIGTERM)
                    _ = await up.process.waitForExit()
                    try result.get()
                }
            }
        }

        @Test("A running environment plays an incident, its stores are checked, and no rule stays behind")
        func aRunningEnvironmentPlaysAnIncidentAndKeepsNoRule() async throws {
            try await Self.withEnvironment([:]) { loop, folder, options in
                let run = try await Programs.run(
                    ["incident", "run", "unsettled-tasks", "--speed", "20"] + options, on: loop)
                #expect(run.exit == .code(0), "\(run.output) \(run.errors)")
                let first = try Self.record(in: folder)
                #expect(first["run"] == 1)
                // Once more in the same environment: nothing is answered from memory, and what is seen is of this run.
                let again = try await Programs.run(
                    ["incident", "run", "payment-brownout", "--speed", "20"] + options, on: loop)
                #expect(again.exit == .code(0), "\(again.output) \(again.errors)")
                let second = try Self.record(in: folder)
                #expect(second["run"] == 2)
                #expect(second["report"]?["ledger_fingerprint"] != first["report"]?["ledger_fingerprint"])
                #expect(second["window"]?["start_ns"]?.integer ?? 0 >= first["window"]?["end_ns"]?.integer ?? .max)
                let check = try await Programs.run(
                    [
                        "incident", "check", "unsettled-tasks", "--incidents", Self.incidents, "--runs",
                        folder + "/runs",
                    ], on: loop)
                #expect(check.exit == .code(0), "\(check.output) \(check.errors)")
                let graded = try await Programs.run(
                    ["incident", "answer", "unsettled-tasks", "--incidents", Self.incidents]
                        + ["service=payments", "operation=settle", "money=b", "share=b"], on: loop)
                #expect(graded.exit == .code(0))
                let refused = try await Programs.run(
                    ["incident", "run", "unsettled-tasks", "--speed", "40", "--run", "2"] + options, on: loop)
                #expect(refused.exit == .code(1))
                #expect(refused.errors.joined().contains("tasks were answered from memory"), "\(refused.errors)")
                let client = HTTPClient(eventLoop: loop)
                for role in ServiceRole.allCases {
                    let index = try #require(options.firstIndex(of: "--" + role.rawValue))
                    let state = try await client.execute(HTTPClient.Request(url: options[index + 1] + "/admin/faults"))
                    #expect(try JSONValue(parsing: state.body)["rules"] == [])
                }
                await client.shutdown()
                let hidden = try await Programs.run(
                    ["incident", "run", "unsettled-tasks", "--speed", "20", "--hide"] + options, on: loop)
                #expect(hidden.exit == .code(1))
                #expect(hidden.errors.joined().contains("start it with FAULTS_HIDDEN=true, or leave out --hide"))
            }
        }

        private static func record(in folder: String) throws -> JSONValue {
            try JSONValue(parsing: try #require(Files.text(folder + "/runs/unsettled-tasks/run.json")))
        }

        @Test("Services that take no rules from requests are reported in one line")
        func servicesThatRefuseRequestRulesAreReported() async throws {
            try await Self.withEnvironment(["FAULTS_FROM_REQUESTS": "false"]) { loop, _, options in
                let run = try await Programs.run(["incident", "run", "unsettled-tasks"] + options, on: loop)
                #expect(run.exit == .code(1))
                #expect(run.errors.count == 1)
                #expect(run.errors.joined().contains("start it with FAULTS_FROM_REQUESTS=true"))
            }
        }
    }
}
