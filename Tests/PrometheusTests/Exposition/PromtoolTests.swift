import Foundation
import Metrics
import Testing

@testable import Prometheus

@Suite("promtool accepts the text format")
struct PromtoolTests {
    /// Runs `promtool check metrics` on a text: its status and what it said.
    static func check(_ text: String) throws -> (status: Int32, output: String) {
        let environment = ProcessInfo.processInfo.environment
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folders = (environment["PATH"] ?? "/usr/bin").split(separator: ":").map { String($0) }
        let candidates =
            [environment["TAILSPAN_PROMTOOL"], root.path + "/.build/tools/usr/bin/promtool"].compactMap { $0 }
            + folders.map { $0 + "/promtool" }
        let promtool = try #require(
            candidates.first { FileManager.default.isExecutableFile(atPath: $0) },
            "there is no promtool: run `make test-tools`, install it (Debian: apt install prometheus), or set TAILSPAN_PROMTOOL"
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: promtool)
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }

    @Test("one of everything, and the process's own metrics, without a complaint")
    func accepts() throws {
        let factory = ExpositionTests.registry()
        ProcessMetrics().register(in: factory)
        Counter(label: "undescribed", factory: factory).increment()
        let (status, output) = try Self.check(factory.text)
        #expect(status == 0, "\(output)")
        #expect(output.isEmpty)
    }

    @Test("it would have complained")
    func complains() throws {
        #expect(try Self.check("a{b=\"c} 1\n").status != 0)
        #expect(try Self.check("# TYPE a counter\na 1\n").status != 0)
    }
}
