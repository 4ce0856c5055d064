import EventLoop
import Glibc
import TestTools
import Testing

@testable import Supervision

/// The judge of Prometheus's own text format.
enum Promtool {
    /// What `promtool check metrics` says of a text; empty if it has no complaint.
    static func complaints(_ text: String, in folder: String, on loop: EventLoop) async throws -> String {
        let promtool = try TestTool.require(TestTool.promtool, "promtool")
        let path = folder + "/metrics-\(UInt32.random(in: 0 ... .max))"
        let bytes = Array(text.utf8)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        try #require(descriptor >= 0)
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        try #require(written == bytes.count)
        let said = Lines()
        let process = try ChildProcess(
            ProgramSpec("/bin/sh", ["-c", "exec \"$0\" check metrics <\"$1\"", promtool, path], environment: [:]),
            on: loop
        ) { _, line in said.append(line) }
        let exit = await process.waitForExit()
        let lines = said.all.joined(separator: "\n")
        return exit.isSuccess ? lines : "\(exit): \(lines)"
    }
}
