import ServiceLifecycle
import Synchronization

/// What happened, in order, from any task.
final class Journal: Sendable {
    private let entries = Mutex<[String]>([])

    var all: [String] { entries.withLock { $0 } }

    func add(_ entry: String) { entries.withLock { $0.append(entry) } }
}

struct TestError: Error, Equatable, CustomStringConvertible {
    var description: String
}

/// A service whose behaviour a test writes down; the journal hears of its beginning and end.
struct TestService: Service, CustomStringConvertible {
    let description: String
    let journal: Journal
    var body: @Sendable () async throws -> Void = { try await gracefulShutdown() }

    func run() async throws {
        journal.add("\(description) runs")
        do {
            try await body()
            journal.add("\(description) ends")
        } catch {
            journal.add("\(description) throws \(type(of: error))")
            throw error
        }
    }
}

/// A gate that tasks wait at until it is opened.
final class Gate: Sendable {
    private let stream = AsyncStream<Never>.makeStream()

    func open() { stream.continuation.finish() }

    /// Waits until the gate is open or the task is cancelled.
    func wait() async { for await _ in stream.stream {} }
}
