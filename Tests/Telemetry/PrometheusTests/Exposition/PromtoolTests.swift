import Foundation
import Metrics
import TestTools
import Testing

@testable import Prometheus

@Suite("promtool's check of the text format")
struct PromtoolTests {
    /// Runs `promtool check metrics` on a text: its status and what it said.
    static func check(_ text: String) async throws -> (status: Int32, output: String) {
        let promtool = try TestTool.require(TestTool.promtool, "promtool")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: promtool)
        process.arguments = ["check", "metrics"]
        // Files, not pipes: a pipe that nobody empties would stop both sides.
        let folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-promtool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // What is left in a temporary folder harms nothing.
        let (input, output) = (folder.appending(path: "in"), folder.appending(path: "out"))
        try Data(text.utf8).write(to: input)
        try Data().write(to: output)
        let said = try FileHandle(forWritingTo: output)
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = said
        process.standardError = said
        // Without blocking: a thread that waits here is one that no other test can use.
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (process.terminationStatus, String(decoding: try Data(contentsOf: output), as: UTF8.self))
    }

    @Test("promtool accepts every kind of metric and those of the process without a complaint")
    func promtoolAcceptsEveryKindOfMetric() async throws {
        let factory = ExpositionTests.registry()
        ProcessMetrics().register(in: factory)
        Counter(label: "undescribed", factory: factory).increment()
        let (status, output) = try await Self.check(factory.text)
        #expect(status == 0, "\(output)")
        #expect(output.isEmpty)
    }

    @Test("promtool refuses malformed text")
    func promtoolRefusesMalformedText() async throws {
        #expect(try await Self.check("a{b=\"c} 1\n").status != 0)
        #expect(try await Self.check("# TYPE a counter\na 1\n").status != 0)
    }
}
