import Encoding
import Foundation
import TestTools
import Testing

/// OTLP as the OpenTelemetry project's Python packages see it: `Tests/Support/python/otlp.py`.
enum PythonOTLP {
    /// Runs commands and gives the answer to each.
    static func run(_ commands: [JSONValue]) async throws -> [JSONValue] {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let python = URL(
            fileURLWithPath: try TestTool.require(TestTool.python, "Python with OpenTelemetry's packages"))

        // Files, not pipes: a pipe that nobody empties would stop both sides.
        let folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-otlp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // What is left in a temporary folder harms nothing.
        let (input, output, errors) = (
            folder.appending(path: "in"), folder.appending(path: "out"), folder.appending(path: "err")
        )
        try Data(commands.map { $0.description + "\n" }.joined().utf8).write(to: input)
        try Data().write(to: output)
        try Data().write(to: errors)
        let process = Process()
        process.executableURL = python
        process.arguments = [root.appending(path: "Tests/Support/python/otlp.py").path]
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        // Without blocking: a thread that waits here is one that no other test can use.
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let said = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        try #require(process.terminationStatus == 0, "otlp.py failed: \(said)")
        let lines = String(decoding: try Data(contentsOf: output), as: UTF8.self).split(separator: "\n")
        try #require(lines.count == commands.count)
        return try lines.map { try JSONValue(parsing: String($0)) }
    }
}
