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
    private let readersClosed: Latch
    private let writerClosed: Latch

    /// Opens or creates the database at `path` and brings every component's tables up to date; `:memory:` for none.
    package static func open(
        path: String, components: [Component], configuration: Configuration = Configuration()
    ) async throws -> PocketDatabase {
        let isFile = path != ":memory:"
        let writes = WorkQueue<WriteJob>(limit: configuration.maximumPendingWrites)
        let reads = isFile ? WorkQueue<ReadJob>(limit: configuration.maximumPendingWrites) : nil
        let readersClosed = Latch(count: isFile ? configuration.readers : 0)
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
            writes: writes, reads: reads, readersClosed: readersClosed, writerClosed: writerClosed)
        guard let reads else { return database }
        do {
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
            reads.close()
            throw error
        }
        return database
    }

    private init(
        writes: WorkQueue<WriteJob>, reads: WorkQueue<ReadJob>?, readersClosed: Latch, writerClosed: Latch
    ) {
        self.writes = writes
        self.reads = reads
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

    /// Runs `body` on a reader.
    /// - Parameters:
    ///   - timeout: how long it may wait and run. It is stopped by ``QueryDeadline/check()``, which it must call now
    ///     and then.
    ///   - body: reads only.
    /// - Throws: what `body` throws; ``PocketDatabaseError``.
    package func read<T: Sendable>(
        timeout: Duration = .seconds(10), _ body: @escaping @Sendable (Database, QueryDeadline) throws -> T
    ) async throws -> T {
        let deadline = QueryDeadline(after: timeout)
        guard let reads else { return try await write { try body($0, deadline) } }
        return try await withCheckedThrowingContinuation { continuation in
            let job = ReadJob { database in
                continuation.resume(
                    with: Result {
                        try deadline.check()
                        return try body(database, deadline)
                    })
            }
            if let error = PocketDatabaseError(reads.push(job)) { continuation.resume(throwing: error) }
        }
    }

    /// How many writes wait for the writer.
    package var pendingWrites: Int { writes.count }

    /// Finishes what was asked for before, then closes all connections.
    package func close() async {
        reads?.close()
        await readersClosed.wait()
        // The last connection to close takes the write-ahead log with it, which only the writer can.
        writes.close()
        await writerClosed.wait()
    }
}

/// When a query must be over.
package struct QueryDeadline: Sendable {
    private let instant: ContinuousClock.Instant
    private let timeout: Duration

    package init(after timeout: Duration) {
        self.timeout = timeout
        instant = .now + timeout
    }

    /// - Throws: ``PocketDatabaseError/timedOut(_:)`` once the time is over.
    package func check() throws {
        if ContinuousClock.now >= instant { throw PocketDatabaseError.timedOut(timeout) }
    }
}

/// Why the pocket database did not do what was asked.
package enum PocketDatabaseError: Error, Equatable, CustomStringConvertible {
    /// Too much is waiting already.
    case busy
    case closed
    case timedOut(Duration)
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
        case .timedOut(let timeout): "the query took longer than \(timeout)"
        case .threadFailed(let reason): "a database thread could not be started: \(reason)"
        }
    }
}
