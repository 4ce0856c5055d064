import CLinux
import QuerySupport
import SQLite

/// The pocket stack's one database file: a writer that groups waiting jobs into one transaction, and concurrent readers
/// that see the last commit (write-ahead log). Each connection has its own thread.
///
/// Safe to use from any thread; nothing here blocks the caller's thread.
package final class PocketDatabase: Sendable {
    /// The tables of one store, migrated when the database is opened.
    package struct Component: Sendable {
        /// The store's name, such as `logs`.
        package var name: String
        /// Scripts in order; each is applied once.
        package var migrations: [String]

        package init(name: String, migrations: [String]) {
            self.name = name
            self.migrations = migrations
        }
    }

    package struct Configuration: Sendable {
        /// The number of concurrent queries.
        package var readers = 2
        /// The writer's page cache, in KiB; each reader has a quarter of it.
        package var cacheKiB = 8192
        /// The maximum number of waiting writes; further ones are rejected with ``PocketDatabaseError/busy``.
        package var maximumPendingWrites = 1024
        /// The maximum number of other waiting jobs; further ones are rejected with ``PocketDatabaseError/busy``.
        package var maximumPendingWork = 256
        /// The limits of a query.
        package var budget = QueryBudget.Limits()
        /// The maximum number of writes in one transaction.
        package var maximumGroup = 128
        /// The size of the write-ahead log, in bytes, at which it is checkpointed into the file.
        package var walBytes: Int64 = 64 << 20
        /// Keeps the file within its size, after every commit.
        package var limiter: SizeLimiter?
        package init() {}
    }

    private let writes: WorkQueue<WriteJob>
    /// `nil` for a database in memory, which has only one connection.
    private let reads: WorkQueue<ReadJob>?
    private let errands: WorkQueue<@Sendable () -> Void>
    private let readersClosed: Latch
    private let writerClosed: Latch
    private let configuration: Configuration

    /// Opens or creates the database at `path` and migrates every component's tables; `:memory:` for a database in
    /// memory.
    package static func open(
        path: String, components: [Component], configuration: Configuration = Configuration()
    ) async throws -> PocketDatabase {
        let isFile = path != ":memory:"
        let writes = WorkQueue<WriteJob>(limit: configuration.maximumPendingWrites)
        let reads = isFile ? WorkQueue<ReadJob>(limit: configuration.maximumPendingWrites) : nil
        let work = WorkQueue<@Sendable () -> Void>(limit: configuration.maximumPendingWork)
        let readersClosed = Latch(count: 1 + (isFile ? configuration.readers : 0))
        let writerClosed = Latch(count: 1)
        try await withCheckedThrowingContinuation { (ready: CheckedContinuation<Void, any Error>) in
            startThread("pocket-writer", ready, writerClosed) {
                try openWriter(path, components, configuration)
            } serve: {
                serveWrites(
                    from: writes, with: $0, group: configuration.maximumGroup, limiter: configuration.limiter)
            }
        }
        let database = PocketDatabase(
            writes: writes, reads: reads, work: work, readersClosed: readersClosed, writerClosed: writerClosed,
            configuration: configuration)
        do {
            try WorkThread.start(name: "pocket-work") {
                defer { readersClosed.countDown() }
                while let jobs = work.next(1) { for job in jobs { job() } }
            }
            guard let reads else { return database }
            for index in 0..<configuration.readers {
                try await withCheckedThrowingContinuation { (ready: CheckedContinuation<Void, any Error>) in
                    startThread("pocket-read-\(index)", ready, readersClosed) {
                        try openReader(path, configuration)
                    } serve: {
                        serveReads(from: reads, with: $0)
                    }
                }
            }
        } catch {
            writes.close()
            reads?.close()
            work.close()
            throw error
        }
        return database
    }

    private init(
        writes: WorkQueue<WriteJob>, reads: WorkQueue<ReadJob>?, work: WorkQueue<@Sendable () -> Void>,
        readersClosed: Latch, writerClosed: Latch, configuration: Configuration
    ) {
        self.writes = writes
        self.reads = reads
        errands = work
        self.configuration = configuration
        self.readersClosed = readersClosed
        self.writerClosed = writerClosed
    }

    /// Runs `body` in a transaction on the writer and returns once it is committed. Writes that wait together share one
    /// transaction, but an error thrown here only undoes the changes of this `body`.
    /// - Throws: what `body` throws; ``SQLiteError`` if the commit failed; ``PocketDatabaseError``.
    @discardableResult
    package func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        try await run(alone: false, body)
    }

    /// Runs `body` on the writer outside of a transaction: for operations that require it, such as shrinking the file.
    package func maintain(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        try await run(alone: true, body)
    }

    private func run<T: Sendable>(
        alone: Bool, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let job = WriteJob(
                isAlone: alone,
                run: { database in
                    let result = Result { try body(database) }
                    let succeeded = if case .success = result { true } else { false }
                    return WriteJob.Outcome(succeeded: succeeded) { continuation.resume(with: result) }
                }, fail: { continuation.resume(throwing: $0) })
            if let error = PocketDatabaseError(writes.push(job)) { continuation.resume(throwing: error) }
        }
    }

    /// How many of the database's own steps pass between two checks of the budget.
    private static let stepsOfInterruption = 10_000
    /// A request that held this many bytes returns free heap memory to the system when it is done.
    private static let bytesWorthGivingBack = 8 << 20

    /// Runs `body` on a reader with a budget that ends early if the task is cancelled, because the client has gone.
    /// - Parameters:
    ///   - timeout: how long it may wait and run; by default as configured.
    ///   - body: only reads. It must charge the budget for its work regularly.
    /// - Throws: what `body` throws; ``PocketDatabaseError``; ``QueryBudgetError``.
    package func read<T: Sendable>(
        timeout: Duration? = nil, _ body: @escaping @Sendable (Database, QueryBudget) throws -> T
    ) async throws -> T {
        var limits = configuration.budget
        if let timeout { limits.time = timeout }
        let budget = QueryBudget(limits)
        return try await withTaskCancellationHandler {
            guard let reads else { return try await write { try body($0, budget) } }
            return try await withCheckedThrowingContinuation { continuation in
                let job = ReadJob { database in
                    continuation.resume(
                        with: Result {
                            try budget.check()
                            do {
                                return try database.interruptible({ budget.spend(Self.stepsOfInterruption) }) {
                                    try body(database, budget)
                                }
                            } catch let error as SQLiteError {
                                // Interrupted because the budget is spent: report that instead.
                                _ = try budget.goesOn()
                                throw error
                            }
                        })
                    // A large answer leaves fragmented free memory behind; the next one would need more on top of it.
                    if budget.mostBytes >= Self.bytesWorthGivingBack { tailspan_give_back_heap() }
                }
                if let error = PocketDatabaseError(reads.push(job)) { continuation.resume(throwing: error) }
            }
        } onCancel: {
            budget.cancel()
        }
    }

    /// Runs `body` on a thread for long work without the database: parsing a large body, encoding a large answer. One
    /// job at a time, so that their total memory is bounded.
    /// - Throws: what `body` throws; ``PocketDatabaseError``.
    package func work<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let admission = errands.push { continuation.resume(with: Result { try body() }) }
            if let error = PocketDatabaseError(admission) { continuation.resume(throwing: error) }
        }
    }

    /// The number of waiting writes.
    package var pendingWrites: Int { writes.count }

    /// Finishes earlier requests, then closes all connections.
    package func close() async {
        reads?.close()
        errands.close()
        await readersClosed.wait()
        // The last connection to close removes the write-ahead log, which only the writer can do.
        writes.close()
        await writerClosed.wait()
    }
}

/// Why the pocket database rejected a request.
package enum PocketDatabaseError: Error, Equatable, CustomStringConvertible {
    /// Too much is waiting already.
    case busy
    case closed
    case threadFailed(String)

    init?<Job>(_ admission: WorkQueue<Job>.Admission) {
        switch admission {
        case .accepted: return nil
        case .full: self = .busy
        case .closed: self = .closed
        }
    }

    package var description: String {
        switch self {
        case .busy: "the pocket database is busy: too many requests are waiting"
        case .closed: "the pocket database is closed"
        case .threadFailed(let reason): "a database thread could not be started: \(reason)"
        }
    }
}
