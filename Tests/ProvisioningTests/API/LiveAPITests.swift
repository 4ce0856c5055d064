import FileSystem
import Foundation
import ServiceTesting
import Supervision
import Synchronization
import TestTools
import Testing

/// Running services answer requests that schemathesis generates as the documents say.
@Suite("OpenAPI documents: live answers", .serialized) struct LiveAPITests {
    /// What is compared with the document.
    private static let checks = [
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
        "response_schema_conformance",
    ]

    @Test("A gateway answers as documented, whatever the request", arguments: ["gateway", "control"])
    func aGatewayAnswersAsDocumented(_ name: String) async throws {
        let schemathesis = try TestTool.require(Tool.pythonTool("schemathesis"), "schemathesis")
        let document = Repository.root.appending(path: try APIDescription(name).path).path
        let hooks = Repository.root.appending(path: "Tests/Support/python/openapi_hooks.py").path
        try await withLiveBackends(needsPrometheus: false) { backends in
            // It keeps what it learned in the folder that it runs in.
            let folder = NSTemporaryDirectory() + "tailspan-openapi-\(UInt32.random(in: 0 ... .max))"
            try Files.makeFolder(folder)
            let output = Mutex<[String]>([])
            let process = try ChildProcess(
                ProgramSpec(
                    "/usr/bin/env",
                    [
                        "--chdir", folder, schemathesis, "run", document, "--url", backends.gateway,
                        "--workers", "1", "--seed", "7", "--max-examples", "20",
                        "--phases", "examples,coverage,fuzzing", "--generation-database", "none",
                        "--checks", Self.checks.joined(separator: ","), "--no-color", "--warnings", "off",
                    ],
                    environment: programEnvironment(["SCHEMATHESIS_HOOKS": hooks, "PYTHONUTF8": "1"])),
                on: backends.loop
            ) { _, line in output.withLock { $0.append(line) } }
            let exit = await process.waitForExit()
            try Files.remove(folder)
            let said = output.withLock { $0 }
            #expect(exit == .code(0), "\(said.joined(separator: "\n"))")
            let number = said.compactMap { $0.firstMatch(of: /(\d+) generated, (\d+) passed/) }.first
            #expect((number.flatMap { Int($0.1) } ?? 0) > 200, "\(said.suffix(12))")
        }
    }
}
