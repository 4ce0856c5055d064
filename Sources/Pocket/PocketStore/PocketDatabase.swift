import CLinux
import QuerySupport
import SQLite

/// The pocket stack's one database file: a writer that groups what is waiting into one transaction, and readers beside
/// it that see the last commit (write-ahead log), each connection on a thread of its own.
///
/// Safe to use from any thread; nothing here blocks the caller's thread.
package final class PocketDatabase: Sendable {
    /// The tables of one store, brought up to date when the database is opened.
    package struct Component: Sendable {
        /// The store's name, such as `logs`.
        package var name: String
        /// Scripts in order, each applied once.
        package var migrations: [String]

        package init(name: String, migrations: [String]) {
            self.name = name
            self.migrations = migrations
        }
    }

    package struct Configuration: Sendable {
        /// How many queries run at once.
        package var readers = 2
        /// How much of the database the writer keeps in memory, in KiB; each reader keeps a quarter of it.
        package var cacheKiB = 8192
        /// How many writes may wait; further ones are refused with ``PocketDatabaseError/busy``.
        package var maximumPendingWrites = 1024
        /// How many pieces of other work may wait; further ones are refused with ``PocketDatabaseError/busy``.
        package var maximumPendingWork = 256
        /// What a query may use.
        package var budget = QueryBudget.Limits()
        /// How many writes go into one transaction at most.
        package var maximumGroup = 128
        /// How large the write-ahead log may grow before it is taken over into the file, in bytes.
        package var walBytes: Int64 = 64 << 20
        /// What keeps the file within its size, after every commit.
        package var limiter: SizeLimiter?
        package init() {}
    }

    private let writes: WorkQueue<WriteJob>
    /// `nil` for a database in memory, which has one connection only.
    private let reads: WorkQueue<ReadJob>?
    private let errands: WorkQueue<@Sendable () -> Void>
    private let readersClosed: Latch
    private let writerClosed: Latch
    private let configuration: Configuration

    /// Opens or creates the database at `path` and brings every component's tables up to date; `:memory:` for none.
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

    /// Runs `body` inside a transaction on the writer and returns once it is committed. Writes that wait together share
    /// one transaction, yet an error thrown here undoes only what this `body` did.
    /// - Throws: what `body` throws; ``SQLiteError`` if the commit failed; ``PocketDatabaseError``.
    @discardableResult
    package func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        try await run(alone: false, body)
    }

    /// Runs `body` on the writer outside of a transaction: for what SQLite does only there, such as making the file smaller.
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

    /// What the database's own work between two questions costs.
    private static let stepsOfInterruption = 10_000
    /// A request that has held so many bytes gives the free heap back when it is done.
    private static let bytesWorthGivingBack = 8 << 20

    /// Runs `body` on a reader, at the expense of a budget that ends early if the task is cancelled: its client has gone.
    /// - Parameters:
    ///   - timeout: how long it may wait and run, if not as long as the configuration says.
    ///   - body: reads only. It must charge the budget for what it does, now and then at least.
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
                                // Interrupted, for the budget is spent: that is what is to be said.
                                _ = try budget.goesOn()
                                throw error
                            }
                        })
                    // What a large answer leaves behind lies scattered over the heap: the next one would come on top of it.
                    if budget.mostBytes >= Self.bytesWorthGivingBack { tailspan_give_back_heap() }
                }
                if let error = PocketDatabaseError(reads.push(job)) { continuation.resume(throwing: error) }
            }
        } onCancel: {
            budget.cancel()
        }
    }

    /// Runs `body` on a thread for work that takes a while and asks no database: reading a large body, writing a large
    /// answer. One piece after the other, so that what they hold together is bounded.
    /// - Throws: what `body` throws; ``PocketDatabaseError``.
    package func work<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let admission = errands.push { continuation.resume(with: Result { try body() }) }
            if let error = PocketDatabaseError(admission) { continuation.resume(throwing: error) }
        }
    }

    /// How many writes wait for the writer.
    package var pendingWrites: Int { writes.count }

    /// Finishes what was asked for before, then closes all connections.
    package func close() async {
        reads?.close()
        errands.close()
        await readersClosed.wait()
        // The last connection to close takes the write-ahead log with it, which only the writer can.
        writes.close()
        await writerClosed.wait()
    }
}

/// Why the pocket database did not do what was asked.
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
