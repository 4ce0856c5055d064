import Foundation
import Testing

/// Third-party programs that some tests use as judges: `make test-tools` installs them, and `make test` requires them.
/// A plain `swift test` without them skips the tests that need them, and says so.
package enum TestTool {
    /// A required program is missing.
    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }

    /// Set by `make test`: makes a missing program a failure.
    package static let variable = "TAILSPAN_TEST_TOOLS"

    /// Whether a missing program fails the test that needs it.
    package static var areRequired: Bool { ProcessInfo.processInfo.environment[variable] == "required" }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Python with the packages of `Tests/Support/requirements.txt`.
    package static var python: String? { path("TAILSPAN_PYTHON", ".build/python/bin/python3") }
    /// Prometheus's own checker for its formats; an installed one is used too.
    package static var promtool: String? {
        path("TAILSPAN_PROMTOOL", ".build/tools/usr/bin/promtool") ?? installed("promtool")
    }
    /// Part of the same package.
    package static var prometheus: String? {
        path("TAILSPAN_PROMETHEUS", ".build/tools/usr/bin/prometheus") ?? installed("prometheus")
    }

    /// The path of a program that a test needs.
    /// - Parameter path: its path; `nil` if it is missing. The test then ends: it fails if the tools are required,
    ///   otherwise it is
    ///   skipped.
    package static func require(
        _ path: String?, _ name: String, areRequired: Bool = TestTool.areRequired,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        if let path { return path }
        let reason = "there is no \(name): run `make test-tools`"
        #if compiler(>=6.3)
            guard areRequired else { try Test.cancel(Comment(rawValue: reason), sourceLocation: sourceLocation) }
        #endif
        throw Missing(description: reason)
    }

    private static func path(_ variable: String, _ standard: String) -> String? {
        let path = ProcessInfo.processInfo.environment[variable] ?? root.appending(path: standard).path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    private static func installed(_ name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
