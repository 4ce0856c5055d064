import Encoding
import Glibc
import HTTP
import ServiceTesting
import Testing

@testable import Supervision

extension RealProcesses {
    /// The messages of a service that cannot start as configured.
    @Suite("The start of a service")
    struct StartTests {
        @Test(
            "An invalid setting ends the start with exit code 2 and one line that says what was expected",
            arguments: [
                ("gateway", "PORT", "eighty", "expected a whole number from 0 to 65535"),
                ("payments", "PORT", "70000", "expected a whole number from 0 to 65535"),
                ("gateway", "TASKS_URL", "tasks:8081", "expected a URL such as http://127.0.0.1:8080"),
                ("tasks", "PAYMENTS_URL", "ftp://payments", "expected a URL such as http://127.0.0.1:8080"),
                ("executor", "LOG_LEVEL", "loud", "expected trace, debug, info, notice, warning, error or critical"),
                ("tasks", "WORKER_CONCURRENCY", "0", "expected a whole number from 1 to 256"),
            ])
        func anInvalidSettingEndsTheStartWithExitCodeTwo(
            role: String, variable: String, value: String, expected: String
        ) async throws {
            let outcome = try await withLoop { loop in
                try await Programs.run([role], environment: ["PORT": "0"].merging([variable: value]) { $1 }, on: loop)
            }
            #expect(outcome.exit == .code(2))
            #expect(outcome.errors == ["tailspan \(role): \(variable)=\(value): \(expected)"])
        }

        @Test("A taken port ends the start with exit code 1 and one line that names it")
        func aTakenPortEndsTheStartWithExitCodeOne() async throws {
            let holder = try await FakeUpstream { _ in nil }
            let port = String(holder.url.split(separator: ":").last ?? "")
            let outcome = try await withLoop { loop in
                try await Programs.run(["executor"], environment: ["PORT": port], on: loop)
            }
            await holder.stop()
            #expect(outcome.exit == .code(1))
            #expect(outcome.errors.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.first?.hasPrefix("tailspan executor: ") == true)
            #expect(outcome.errors.first?.contains("127.0.0.1:\(port)") == true, "\(outcome.errors)")
        }

        @Test("Invalid telemetry settings cost one warning each, and the service works")
        func invalidTelemetrySettingsCostOneWarningEach() async throws {
            let program = try await serve(
                "payments",
                [
                    "OTEL_TRACES_SAMPLER": "sometimes", "OTEL_BSP_MAX_QUEUE_SIZE": "many",
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "collector",
                ])
            let warnings = program.output.filter { $0.contains("telemetry setting ignored") }
            #expect(warnings.count == 3, "\(warnings)")
            for name in ["OTEL_TRACES_SAMPLER", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_EXPORTER_OTLP_ENDPOINT"] {
                #expect(warnings.contains { $0.contains(name) && $0.contains("\"level\":\"warning\"") }, "\(name)")
            }
            #expect(program.errors.isEmpty, "\(program.errors)")
        }

        @Test("An unwritable log folder is reported once, and the service works")
        func anUnwritableLogFolderIsReportedOnce() async throws {
            let program = try await serve("payments", ["LOG_DIR": "/proc/none"])
            #expect(program.errors.count == 1, "\(program.errors)")
            #expect(program.errors.first?.contains("/proc/none") == true)
            // Standard output has them all the same.
            #expect(program.output.count { $0.contains("GET /v1/integrity") } == 5)
        }

        /// Starts a service, sends it five requests, and ends it.
        private func serve(_ role: String, _ environment: [String: String]) async throws -> Programs.Outcome {
            try await withLoop { loop in
                let client = HTTPClient(eventLoop: loop)
                let program = try RunningProgram(
                    [role], environment: ["PORT": "0"].merging(environment) { $1 }, on: loop)
                try await eventually(within: .seconds(20), "it listens") {
                    program.output.all.contains { $0.contains(#""message":"listening""#) }
                }
                let line = try #require(program.output.all.first { $0.contains(#""message":"listening""#) })
                let port = try #require(try JSONValue(parsing: line)["port"]?.integer)
                for _ in 0..<5 {
                    #expect(try await client.get("http://127.0.0.1:\(port)/v1/integrity").status == .ok)
                }
                await client.shutdown()
                program.process.send(SIGTERM)
                let exit = await program.process.waitForExit()
                #expect(exit == .code(0))
                return Programs.Outcome(exit: exit, output: program.output.all, errors: program.errors.all)
            }
        }
    }
}
