import Testing
import Vocabulary

@testable import Supervision

/// Has services do what a seed determines, well and badly.
struct BusyServices: Sendable {
    let backends: LiveBackends

    /// The default mix of requests: most succeed, some are refused.
    func load(requests: Int = 240) async throws {
        let layout = try #require(backends.layout)
        try await run([
            "load", "--seed", "7", "--requests", "\(requests)", "--rate", "60", "--url", backends.gateway, "--otlp",
            layout.otlpURL, "--json",
        ])
    }

    /// An incident, many times as fast as it is told: some tasks are compensated, their callers get a 503.
    func incident(_ name: String = "unsettled-tasks") async throws {
        let layout = try #require(backends.layout)
        var arguments = [
            "incident", "run", name, "--speed", "15", "--runs", layout.dataFolder + "/incidents", "--loki",
            backends.loki, "--tempo", backends.tempo, "--otlp", layout.otlpURL,
        ]
        for role in ServiceRole.allCases { arguments += ["--" + role.rawValue, layout.url(of: role)] }
        try await run(arguments)
    }

    /// Not on the loop, which reads what the services write: they would stand still.
    private func run(_ arguments: [String]) async throws {
        let program = try builtProgram()
        let result = try await Task.detached { try Tool.run(program, arguments) }.value
        try #require(result.status == 0, "tailspan \(arguments.joined(separator: " ")): \(result.output)")
    }
}
