import Foundation
import Testing

/// A server behind TLS: `Tests/Support/python/tls_server.py`. Unchecked: nothing changes before the end.
package final class TLSServer: @unchecked Sendable {
    package let port: Int
    private let process = Process()
    private let input = Pipe()
    private let folder: URL

    package init(mutual: Bool = false) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["python3", root.appending(path: "Tests/Support/python/tls_server.py").path, folder.path]
            + (mutual ? ["mutual"] : [])
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)), "tls_server.py did not start")
    }

    /// One of the files that the server made.
    package func file(_ name: String) -> String { folder.appending(path: name).path }

    package var url: String { "https://127.0.0.1:\(port)" }

    deinit {
        // It ends with its input.
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}
