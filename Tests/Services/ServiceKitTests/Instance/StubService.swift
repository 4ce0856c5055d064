import Configuration
import Contracts
import HTTP
import ServiceLifecycle
import Synchronization
import Vocabulary

/// A service whose store can break, whose handler waits until it is told to go on, and that notes what happens to it.
struct StubService: ServiceDefinition {
    static let role = ServiceRole.executor

    /// What the test and the service share. One test at a time hands one over, by a name in the environment.
    final class Script: Sendable {
        let isBroken = Atomic(false)
        private let notes = Mutex<[String]>([])
        private let gate = AsyncStream<Never>.makeStream()

        var all: [String] { notes.withLock { $0 } }
        func note(_ text: String) { notes.withLock { $0.append(text) } }
        func open() { gate.continuation.finish() }
        func passGate() async { for await _ in gate.stream {} }
    }

    /// The scripts by name; a service finds its own by `SCRIPT`.
    private static let scripts = Mutex<[String: Script]>([:])

    static func script(_ name: String) -> Script {
        scripts.withLock { scripts in
            let script = scripts[name] ?? Script()
            scripts[name] = script
            return script
        }
    }

    private struct Broken: Error, CustomStringConvertible { var description: String { "the disk is full" } }

    private struct Worker: Service {
        let script: Script

        func run() async throws {
            script.note("worker began")
            do { try await gracefulShutdown() } catch is CancellationError {}
            script.note("worker ended")
        }
    }

    let script: Script

    init(dependencies: ServiceDependencies) async throws {
        script = Self.script(dependencies.environment.string("SCRIPT", default: ""))
    }

    func addRoutes(to router: Router) {
        router.get("/wait") { _, _ in
            script.note("request began")
            await script.passGate()
            script.note("request ended")
            return .text("done\n")
        }
        router.get("/fail") { _, _ in throw Broken() }
    }

    var backgroundServices: [any Service] { [Worker(script: script)] }
    var readinessChecks: [ReadinessCheck] {
        [
            ReadinessCheck(name: "store") {
                if script.isBroken.load(ordering: .relaxed) { throw Broken() }
            }
        ]
    }
    func close() async { script.note("closed") }
}
