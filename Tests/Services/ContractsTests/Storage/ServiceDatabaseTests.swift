import EventLoop
import Glibc
import Logging
import Metrics
import ServiceTesting
import Synchronization
import Testing

@testable import Contracts
@testable import SQLite

@Suite("The database of a service")
struct ServiceDatabaseTests {
    private let loop: EventLoop
    private let path: String
    private let logs = InMemoryLogHandler()
    private let failures = Failures()
    private let database: ServiceDatabase

    init() throws {
        loop = try EventLoop(name: "database")
        var template = Array("/tmp/tailspan-storage-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) }) + "/db"
        let opened = try Database(path: path)
        try opened.execute(
            script: """
                CREATE TABLE moves (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
                CREATE TABLE broken (x INTEGER REFERENCES moves (id) DEFERRABLE INITIALLY DEFERRED);
                """)
        database = ServiceDatabase(
            opened,
            commits: GroupCommit(
                eventLoop: loop, logger: Logger(label: "test") { [logs] _ in logs }, metrics: failures,
                database: "db.sqlite"))
        try loop.start()
    }

    /// Counts what is counted.
    private final class Failures: MetricsFactory, CounterHandler {
        let count = Atomic<Int64>(0)
        func increment(by amount: Int64) { count.add(amount, ordering: .relaxed) }
        func makeCounter(
            label: String, description: String, unit: String, dimensions: [(String, String)]
        ) -> any CounterHandler { self }
        func makeGauge(
            label: String, description: String, unit: String, dimensions: [(String, String)]
        ) -> any GaugeHandler { NOOPMetricsHandler() }
        func makeHistogram(
            label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
        ) -> any HistogramHandler { NOOPMetricsHandler() }
        func observe(
            label: String, description: String, unit: String, kind: ObservableKind, dimensions: [(String, String)],
            read: @escaping @Sendable () -> Double
        ) {}
    }

    /// An answer, as the loop sees it.
    private final class Answer: TurnOutput {
        let end: (Result<[Int64], any Error>) -> Void
        let path: String
        init(path: String, _ end: @escaping (Result<[Int64], any Error>) -> Void) {
            self.path = path
            self.end = end
        }
        func sendOutput() { end(Result { try ServiceDatabaseTests.stored(path) }) }
        func discardOutput(_ error: any Error) { end(.failure(error)) }
    }

    /// What a second connection sees.
    private static func stored(_ path: String) throws -> [Int64] {
        try Database(path: path).query("SELECT amount FROM moves ORDER BY id") { $0.int64(0) }
    }

    private func stored() throws -> [Int64] { try Self.stored(path) }

    private func add(_ amount: Int64) throws {
        try database.withLock { _ = try $0.execute("INSERT INTO moves (amount) VALUES (?)", .integer(amount)) }
    }

    /// Makes the commit of this turn fail.
    private func sabotage() throws {
        try database.withLock { _ = try $0.execute("INSERT INTO broken VALUES (77)") }
    }

    /// Runs `body` in one turn of the loop.
    /// - Returns: what was stored when the turn's answer was sent, or why it was not sent.
    private func turn(_ body: @escaping @Sendable () throws -> Void) async -> Result<[Int64], any Error> {
        await withCheckedContinuation { continuation in
            loop.submit { [path, loop] in
                do { try body() } catch { return continuation.resume(returning: .failure(error)) }
                loop.sendAtEndOfTurn(Answer(path: path) { continuation.resume(returning: $0) })
            }
        }
    }

    @Test("What a turn wrote is stored before its answer is sent, and not earlier")
    func aTurnIsStoredBeforeItsAnswer() async throws {
        let early = Mutex<[Int64]?>(nil)
        let answered = await turn {
            try add(1)
            try add(2)
            let now = try stored()
            early.withLock { $0 = now }
        }
        #expect(early.withLock { $0 } == [])
        #expect(try answered.get() == [1, 2])
        loop.stop()
    }

    @Test("A commit that fails drops the answers, and is logged and counted once")
    func aFailedCommitDropsTheAnswers() async throws {
        let answered = await turn {
            try add(1)
            try sabotage()
        }
        #expect(throws: SQLiteError.self) { try answered.get() }
        #expect(try await turn { try add(2) }.get() == [2])
        #expect(logs.entries.count == 1)
        let line = try #require(logs.entries.first)
        #expect(line.level == .error && line.traceID == nil && line.error?.contains("FOREIGN KEY") == true)
        #expect(failures.count.load(ordering: .relaxed) == 1)
        loop.stop()
    }

    @Test("Another thread finds the open group committed, and what it writes is stored at once")
    func anotherThreadJoinsNoGroup() async throws {
        let found = Mutex<[[Int64]]>([])
        let answered = await turn {
            try add(1)
            try Self.onAnotherThread {
                let seen = try database.withLock { try $0.query("SELECT amount FROM moves") { $0.int64(0) } }
                try add(2)
                let now = try stored()
                found.withLock { $0 = [seen, now] }
            }
            try add(3)
        }
        #expect(found.withLock { $0 } == [[1], [1, 2]])
        #expect(try answered.get() == [1, 2, 3])
        loop.stop()
    }

    @Test("A commit that fails on another thread drops the answers of the turn")
    func aCommitThatFailsElsewhereDropsTheAnswers() async throws {
        let answered = await turn {
            try add(1)
            try sabotage()
            try Self.onAnotherThread { try add(2) }
        }
        #expect(throws: SQLiteError.self) { try answered.get() }
        #expect(try stored() == [2])
        #expect(failures.count.load(ordering: .relaxed) == 1)
        loop.stop()
    }

    @Test("Work that answers nobody can wait until its writes are stored")
    func workCanWaitUntilItsWritesAreStored() async throws {
        let task = Task(executorPreference: loop) {
            try add(1)
            try await database.waitUntilStored()
            let now = try stored()
            try sabotage()
            await #expect(throws: SQLiteError.self) { try await database.waitUntilStored() }
            return now
        }
        #expect(try await task.value == [1])
        loop.stop()
    }

    @Test("The last turn of a loop that stops is stored")
    func theLastTurnIsStored() throws {
        loop.submit { [self] in #expect(throws: Never.self) { try add(1) } }
        loop.stop()
        #expect(try stored() == [1])
        // Without a loop, each write commits itself.
        try add(2)
        #expect(try stored() == [1, 2])
    }

    private static func onAnotherThread(_ body: @escaping @Sendable () throws -> Void) throws {
        let result = Mutex<Result<Void, any Error>?>(nil)
        let handle = try Worker { result.withLock { $0 = Result(catching: body) } }
        handle.join()
        try result.withLock { $0 }?.get()
    }

    /// A thread that is joined.
    private final class Worker {
        private var thread = pthread_t()
        private let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) throws {
            self.body = body
            pthread_create(
                &thread, nil,
                { worker in
                    guard let worker else { return nil }
                    Unmanaged<Worker>.fromOpaque(worker).takeUnretainedValue().body()
                    return nil
                }, Unmanaged.passUnretained(self).toOpaque())
        }

        func join() { pthread_join(thread, nil) }
    }
}
