import Foundation
import Testing

/// Programs that others wrote and some tests ask for their judgement: `make test-tools` gets them, and `make test` insists on
/// them. Where they are not, a plain `swift test` skips what needs them, and says so.
package enum TestTool {
    /// A program that is not there where it must be.
    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }

    /// Set by `make test`: what is missing is a failure.
    package static let variable = "TAILSPAN_TEST_TOOLS"

    /// Whether a missing program fails the test that needs it.
    package static var areRequired: Bool { ProcessInfo.processInfo.environment[variable] == "required" }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Python with the packages of `Tests/Support/requirements.txt`.
    package static var python: String? { path("TAILSPAN_PYTHON", ".build/python/bin/python3") }
    /// Prometheus' own judge of its formats; one that is installed will do.
    package static var promtool: String? {
        path("TAILSPAN_PROMTOOL", ".build/tools/usr/bin/promtool") ?? installed("promtool")
    }
    /// Comes in the same package.
    package static var prometheus: String? {
        path("TAILSPAN_PROMETHEUS", ".build/tools/usr/bin/prometheus") ?? installed("prometheus")
    }

    /// The path of a program that a test cannot do without.
    /// - Parameter path: where it is; `nil` if it is not there. Then the test ends: it fails where tools are required, else it
    ///   is skipped.
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
