import EventLoop
import Glibc
import ServiceTesting
import Synchronization
import Testing

@testable import FileSystem
@testable import Supervision

/// The programs that are built beside the tests, run as a user runs them.
enum Programs {
    /// How a program ended, and what it wrote.
    struct Outcome: Sendable {
        var exit: ProcessExit
        var output: [String]
        var errors: [String]
    }

    static func path(_ name: String = "tailspan") throws -> String {
        let tests = try #require(Files.linkTarget("/proc/self/exe"))
        let path = "/" + tests.split(separator: "/").dropLast().joined(separator: "/") + "/" + name
        try #require(access(path, X_OK) == 0, "\(path) is missing: run `swift build --build-tests`")
        return path
    }

    /// Runs `tailspan` to its end.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], on loop: EventLoop
    ) async throws -> Outcome {
        let running = try RunningProgram(arguments, environment: environment, on: loop)
        let exit = await running.process.waitForExit()
        return Outcome(exit: exit, output: running.output.all, errors: running.errors.all)
    }
}

/// A program under way, with its lines kept.
struct RunningProgram: Sendable {
    let process: ChildProcess
    let output: Lines
    let errors: Lines

    init(
        _ arguments: [String], of name: String = "tailspan", environment: [String: String] = [:], on loop: EventLoop
    ) throws {
        let (output, errors) = (Lines(), Lines())
        (self.output, self.errors) = (output, errors)
        // A test that fails half way leaves nothing behind: the program ends with the loop's thread, which starts it.
        var own = programEnvironment()
        own[ParentDeath.variable] = "\(getpid())"
        let program = ProgramSpec(
            try Programs.path(name), arguments, name: name, environment: own.merging(environment) { $1 })
        process = try ChildProcess(program, on: loop) { stream, line in
            (stream == .output ? output : errors).append(line)
        }
    }
}

/// Lines as they come. Safe to use from any thread.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

/// Runs `body` on a loop on a thread of its own.
func withLoop<R: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> R) async throws -> R {
    let loop = try EventLoop(name: "test")
    try loop.start()
    defer { loop.stop() }
    return try await Task(executorPreference: loop) { try await body(loop) }.value
}

/// Runs `body` with the path of an empty folder that is removed afterwards.
func withTemporaryFolder<R>(_ body: (String) async throws -> R) async throws -> R {
    let path = "/tmp/tailspan-e2e-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    try Files.makeFolder(path)
    let result: Result<R, any Error>
    do { result = .success(try await body(path)) } catch { result = .failure(error) }
    try Files.remove(path)
    return try result.get()
}
