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
    @Suite("The whole stack as processes")
    struct WholeStackTests {
        /// Spans are exported quickly, so that no test waits for them.
        static let hasty = programEnvironment(["OTEL_BSP_SCHEDULE_DELAY": "100"])

        @Test("Every link is whole, and promtool accepts the metrics of every part")
        func everyLinkIsWholeAndEveryMetricIsWellFormed() async throws {
            try await withTemporaryFolder { folder in
                try await withLoop { loop in
                    let client = HTTPClient(eventLoop: loop)
                    let supervisor = ProcessSupervisor(eventLoop: loop, client: client) { _, _ in }
                    var layout = StackLayout(
                        stack: .pocket, logFolder: folder + "/logs", dataFolder: folder + "/data")
                    layout.use(try Ports.free(StackLayout.portCount))
                    let session = StackSession(
                        layout: layout, supervisor: supervisor, executable: try Programs.path(),
                        environment: Self.hasty)
                    let judged: Result<Void, any Error>
                    do {
                        try await session.start(deadline: .seconds(30))
                        judged = .success(try await Self.judge(layout, folder, client, loop))
                    } catch {
                        judged = .failure(error)
                    }
                    await session.stop()
                    await client.shutdown()
                    try judged.get()
                    #expect(supervisor.states.map(\.state) == Array(repeating: .exited(.code(0)), count: 5))
                }
            }
        }

        private static func judge(
            _ layout: StackLayout, _ folder: String, _ client: HTTPClient, _ loop: EventLoop
        ) async throws {
            var stack = ["--loki", layout.lokiURL, "--tempo", layout.tempoURL]
            for role in ServiceRole.allCases { stack += ["--" + role.rawValue, layout.url(of: role)] }
            let outcome = try await Programs.run(["verify", "--requests", "30"] + stack, on: loop)
            #expect(outcome.exit == .code(0), "\(outcome.output) \(outcome.errors)")
            #expect(outcome.output.contains { $0.contains("0 violations") }, "\(outcome.output)")
            try await ProvisionedLinks.judge(stack, in: folder, on: loop)
            for url in ServiceRole.allCases.map(layout.url(of:)) + [layout.consoleURL] {
                let metrics = try await client.get(url + "/metrics")
                #expect(metrics.status == .ok)
                #expect(try await Promtool.complaints(metrics.text, in: folder, on: loop) == "", "\(url)")
            }
        }

        @Test("An interrupt under load loses no accepted request, no line and no span")
        func anInterruptUnderLoadLosesNothing() async throws {
            try await withTemporaryFolder { folder in
                let (traces, lines) = try await withLoop { loop in try await Self.interrupt(folder, loop) }
                let files = ServiceRole.allCases.map { Files.text("\(folder)/logs/\($0)/\($0).log") ?? "" }
                let written = files.map { $0.split(separator: "\n").count }
                #expect(lines == written)
                // What the stack had stored when it ended is read without the files at hand.
                try Files.makeFolder(folder + "/nothing")
                try await withPocket(data: folder + "/data", logs: folder + "/nothing") { (pocket) async throws in
                    let stored = try await pocket.lines().count
                    #expect(stored == written.reduce(0, +))
                    for trace in traces { #expect(try await pocket.spanCount(trace) == 16, "trace \(trace)") }
                }
            }
        }

        /// Runs `tailspan up`, interrupts it in the midst of requests, and returns the traces that were answered and how
        /// many lines came of each service.
        private static func interrupt(_ folder: String, _ loop: EventLoop) async throws -> ([String], [Int]) {
            let up = try RunningProgram(
                ["up", "--random-ports", "--json", "--environment", folder],
                environment: hasty, on: loop)
            try await eventually(within: .seconds(30), "ready") {
                up.output.all.contains { $0.contains(#""event":"ready""#) }
            }
            let ready = try #require(
                up.output.all.compactMap { try? JSONValue(parsing: $0) }.first { $0["event"] == "ready" })
            let gateway = try #require(ready["gateway"]?.string)
            let client = HTTPClient(eventLoop: loop)
            let result = await UntilRefused().run(client, gateway, workers: 6) { up.process.send(SIGINT) }
            let exit = await up.process.waitForExit()
            await client.shutdown()
            #expect(exit == .code(0), "\(up.errors.all)")
            #expect(up.errors.all.isEmpty)
            #expect(result.failures.isEmpty, "an accepted request was not answered: \(result.failures)")
            #expect(result.settled.count >= UntilRefused.enough)
            let services = up.output.all.compactMap { try? JSONValue(parsing: $0)["service"]?.string }
            return (result.settled, ServiceRole.allCases.map { role in services.count { $0 == role.rawValue } })
        }
    }
}
