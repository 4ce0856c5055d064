import Glibc
import Testing
import Vocabulary

@testable import Supervision
@testable import tailspan

@Suite("The healthcheck command")
struct HealthcheckTests {
    @Test(
        "The URL follows the role and the environment",
        arguments: [
            (.gateway, [:], "http://127.0.0.1:8080/healthz"), (.payments, [:], "http://127.0.0.1:8083/healthz"),
            (.tasks, ["PORT": "9000"], "http://127.0.0.1:9000/healthz"),
            (.tasks, ["PORT": "", "HOST": ""], "http://127.0.0.1:8081/healthz"),
            (.executor, ["HOST": "0.0.0.0"], "http://127.0.0.1:8082/healthz"),
            (.executor, ["HOST": "::"], "http://[::1]:8082/healthz"),
            (.executor, ["HOST": "fd00::5"], "http://[fd00::5]:8082/healthz"),
            (.executor, ["HOST": "10.0.0.7"], "http://10.0.0.7:8082/healthz"),
        ] as [(ServiceRole, [String: String], String)])
    func theURLFollowsRoleAndEnvironment(
        _ role: ServiceRole, _ environment: [String: String], _ expected: String
    ) throws {
        #expect(try HealthcheckCommand.url(role: role, environment) == expected)
    }

    @Test("The exit code follows the service's answer, or its absence")
    func theExitCodeFollowsTheAnswer() async throws {
        let port = try #require(try Ports.free(1).first)
        let executable = try ProgramTests.executable
        let gone = try await ProgramTests.run(["healthcheck", "executor"], ["PORT": "\(port)"])
        #expect(gone.exit == .code(1))
        #expect(gone.errors.contains("http://127.0.0.1:\(port)/healthz: could not connect"))
        try await withLoop { eventLoop in
            let started = Lines()
            let program = ProgramSpec(executable, ["executor"], environment: ["PORT": "\(port)", "HOST": "0.0.0.0"])
            let child = try ChildProcess(program, on: eventLoop) { _, line in started.append(line) }
            try await started.wait(for: "\"message\":\"listening\"", on: eventLoop)
            let byPort = try await ProgramTests.run(["healthcheck"], ["PORT": "\(port)", "HOST": "0.0.0.0"])
            #expect(byPort.exit == .code(0))
            let byURL = try await ProgramTests.run(["healthcheck", "--url", "http://127.0.0.1:\(port)/healthz"])
            #expect(byURL.exit == .code(0))
            let wrong = try await ProgramTests.run(["healthcheck", "--url", "http://127.0.0.1:\(port)/nowhere"])
            #expect(wrong.exit == .code(1))
            #expect(wrong.errors == "error: http://127.0.0.1:\(port)/nowhere answered 404")
            child.send(SIGTERM)
            _ = await child.waitForExit()
        }
    }

    @Test("A malformed port is a usage error")
    func aMalformedPortIsAUsageError() async throws {
        let outcome = try await ProgramTests.run(["healthcheck"], ["PORT": "http"])
        #expect(outcome.exit == .code(2))
        #expect(outcome.errors == "error: PORT=http: expected a whole number from 1 to 65535")
    }
}
