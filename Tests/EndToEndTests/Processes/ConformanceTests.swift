import HTTP
import HTTPConformance
import ServiceTesting
import Testing
import Vocabulary

@testable import Supervision

extension RealProcesses {
    /// The table of requests of RFC 9112 against every port of the whole stack: no answer comes twice, nothing hangs, and
    /// nothing that hides behind a request is answered.
    @Suite("RFC 9112 on every port")
    struct ConformanceTests {
        @Test("Every port answers every request of the table, whole, in pieces, and behind others")
        func everyPortAnswersEveryRequestOfTheTable() async throws {
            try await withTemporaryFolder { folder in
                try await withLoop { loop in
                    let client = HTTPClient(eventLoop: loop)
                    let supervisor = ProcessSupervisor(eventLoop: loop, client: client) { _, _ in }
                    var layout = StackLayout(
                        stack: .pocket, logFolder: folder + "/logs", dataFolder: folder + "/data")
                    let ports = try Ports.free(StackLayout.portCount)
                    layout.use(ports)
                    let session = StackSession(
                        layout: layout, supervisor: supervisor, executable: try Programs.path(),
                        environment: programEnvironment())
                    let judged: Result<Void, any Error>
                    do {
                        try await session.start(deadline: .seconds(30))
                        #expect(ports.count == 8)
                        for port in ports { try Self.judge(port) }
                        for role in ServiceRole.allCases {
                            #expect(try await client.get(layout.url(of: role) + "/readyz").status == .ok)
                        }
                        judged = .success(())
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

        private static func judge(_ port: Int) throws {
            // How large a body may be is each port's own affair.
            let entries = RequestCase.all.filter { $0.answers != [.refused(413)] }
            for entry in entries {
                for cut in [Cut.whole, .each(7)]
                where entry.bytes.count < 2000 || cut.pieces(of: entry.bytes).count == 1 {
                    #expect(throws: Never.self, "port \(port)") { try entry.run(at: .port(port), .any, cut) }
                }
            }
            let kept = entries.filter { $0.end == .keeps }
            #expect(throws: Never.self, "port \(port)") {
                try RequestCase.run(pipelined: kept, at: .port(port), .any)
            }
        }
    }
}
