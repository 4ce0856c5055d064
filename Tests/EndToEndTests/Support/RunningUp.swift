import Encoding
import EventLoop
import Glibc
import ServiceTesting
import Testing
import Vocabulary

@testable import Supervision

/// `tailspan up` on free ports.
struct RunningUp: Sendable {
    let folder: String
    /// Where each part is, by its name.
    let urls: [String: String]

    /// The options that lead a command to these parts.
    func options(_ names: String...) -> [String] { names.flatMap { ["--" + $0, urls[$0] ?? ""] } }

    var all: [String] {
        options("gateway", "tasks", "executor", "payments", "loki", "tempo") + ["--environment", folder]
    }

    /// Runs `body` beside it, and ends it whatever happens.
    static func with(
        _ environment: [String: String] = [:], arguments: [String] = [],
        _ body: @escaping @Sendable (EventLoop, RunningUp) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await withLoop { loop in
                let up = try RunningProgram(
                    ["up", "--random-ports", "--json", "--environment", folder]
                        + arguments,
                    environment: environment.merging(["OTEL_BSP_SCHEDULE_DELAY": "200"]) { own, _ in own }, on: loop)
                try await eventually(within: .seconds(30), "ready; it said \(up.errors.all)") {
                    up.output.all.contains { $0.contains(#""event":"ready""#) }
                }
                let ready = try #require(
                    up.output.all.compactMap { try? JSONValue(parsing: $0) }.first { $0["event"] == "ready" })
                var urls: [String: String] = [:]
                for name in ServiceRole.allCases.map(\.rawValue) + ["loki", "tempo", "console"] {
                    urls[name] = try #require(ready[name]?.string)
                }
                let result: Result<Void, any Error>
                do { result = .success(try await body(loop, RunningUp(folder: folder, urls: urls))) } catch {
                    result = .failure(error)
                }
                up.process.send(SIGTERM)
                _ = await up.process.waitForExit()
                try result.get()
            }
        }
    }
}
