import Foundation
import TestTools

/// Runs a program that others wrote and says what it said.
enum Tool {
    struct Result {
        var status: Int32
        /// Standard output and standard error as they came.
        var output: String
    }

    /// A program that pip put beside Python.
    static func pythonTool(_ name: String) -> String? {
        guard let python = TestTool.python else { return nil }
        let tool = URL(fileURLWithPath: python).deletingLastPathComponent().appending(path: name).path
        return FileManager.default.isExecutableFile(atPath: tool) ? tool : nil
    }

    /// Runs it in the repository's top folder and waits for its end.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8]? = nil
    ) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = Repository.root
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        let standardInput = Pipe()
        process.standardInput = standardInput
        try process.run()
        if let input { try standardInput.fileHandleForWriting.write(contentsOf: Data(input)) }
        try standardInput.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: String(decoding: said, as: UTF8.self))
    }
}
