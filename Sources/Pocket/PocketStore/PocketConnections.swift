import SQLite
import Synchronization

/// A job for the writer.
struct WriteJob: Sendable {
    struct Outcome {
        /// Whether to keep the changes.
        let succeeded: Bool
        /// Passes the result to the caller, once the transaction is committed.
        let deliver: () -> Void
    }

    /// Whether it must run outside of a transaction.
    var isAlone = false
    let run: @Sendable (Database) -> Outcome
    /// Tells the caller that the whole transaction failed.
    let fail: @Sendable (any Error) -> Void
}

/// A job for a reader.
struct ReadJob: Sendable {
    let run: @Sendable (Database) -> Void
}

/// Opens once it has counted down to zero.
final class Latch: Sendable {
    private let state: Mutex<(count: Int, waiting: [CheckedContinuation<Void, Never>])>

    init(count: Int) { state = Mutex((count, [])) }

    func countDown() {
        let opened = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.count -= 1
            guard state.count == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in opened { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if state.count > 0 { state.waiting.append(continuation) }
                return state.count <= 0
            }
            if isOpen { continuation.resume() }
        }
    }
}

extension PocketDatabase {
    /// Starts a thread that opens a connection, reports it ready, serves with it and closes it. The connection never
    /// leaves the thread.
    static func startThread(
        _ name: String, _ ready: CheckedContinuation<Void, any Error>, _ closing: Latch,
        open: @escaping @Sendable () throws -> Database, serve: @escaping @Sendable (Database) -> Void
    ) {
        do {
            try WorkThread.start(name: name) {
                defer { closing.countDown() }
                do {
                    let connection = try open()
                    ready.resume()
                    serve(connection)
                    connection.close()
                } catch {
                    ready.resume(throwing: error)
                }
            }
        } catch {
            closing.countDown()
            ready.resume(throwing: error)
        }
    }

    static func openWriter(_ path: String, _ components: [Component], _ configuration: Configuration) throws -> Database
    {
        var options = Database.Configuration()
        options.busyTimeout = .seconds(5)
        let connection = try Database(path: path, configuration: options)
        // Pages freed by retention are reused, so the file stays near its limit; the log is truncated after
        // checkpoints.
        try connection.execute(
            script: """
                PRAGMA cache_size = -\(configuration.cacheKiB);
                PRAGMA journal_size_limit = \(configuration.walBytes);
                PRAGMA wal_autocheckpoint = \(max(configuration.walBytes / 4096, 1));
                PRAGMA temp_store = MEMORY;
                """)
        // Only an empty file can be switched without rewriting it.
        let tables = try connection.first("SELECT count(*) FROM sqlite_schema") { $0.int64(0) }
        if tables == 0 { try connection.execute(script: "PRAGMA auto_vacuum = INCREMENTAL; VACUUM;") }
        try migrate(connection, components)
        return connection
    }

    static func openReader(_ path: String, _ configuration: Configuration) throws -> Database {
        var options = Database.Configuration()
        options.busyTimeout = .seconds(5)
        options.readOnly = true
        let connection = try Database(path: path, configuration: options)
        try connection.execute(
            script: "PRAGMA cache_size = -\(configuration.cacheKiB / 4); PRAGMA temp_store = MEMORY;")
        return connection
    }

    /// Each component has its own version number, so that stores can be added and changed independently.
    private static func migrate(_ connection: Database, _ components: [Component]) throws {
        try connection.execute(
            script: "CREATE TABLE IF NOT EXISTS pocket_schema(component TEXT PRIMARY KEY, version INTEGER NOT NULL);")
        for component in components {
            let applied =
                try connection.first(
                    "SELECT version FROM pocket_schema WHERE component = ?", .text(component.name)
                ) { Int($0.int64(0)) } ?? 0
            guard applied <= component.migrations.count else {
                throw SQLiteError(
                    code: 1,
                    message: "the \(component.name) tables are of version \(applied), newer than this program knows")
            }
            for version in applied..<component.migrations.count {
                try connection.transaction {
                    try connection.execute(script: component.migrations[version])
                    try connection.execute(
                        "INSERT OR REPLACE INTO pocket_schema VALUES (?, ?)", .text(component.name),
                        .integer(Int64(version + 1)))
                }
            }
        }
    }

    static func serveWrites(
        from queue: WorkQueue<WriteJob>, with connection: Database, group: Int, limiter: SizeLimiter?
    ) {
        while let jobs = queue.next(group) {
            if jobs.contains(where: \.isAlone) {
                serveApart(jobs, with: connection)
                continue
            }
            // Retention's next sweep meets the same failure, and logs it.
            defer { try? limiter?.enforce(connection) }
            var outcomes: [WriteJob.Outcome] = []
            outcomes.reserveCapacity(jobs.count)
            do {
                try connection.transaction {
                    for job in jobs {
                        try connection.execute("SAVEPOINT job")
                        let outcome = job.run(connection)
                        outcomes.append(outcome)
                        if !outcome.succeeded { try connection.execute("ROLLBACK TO job") }
                        try connection.execute("RELEASE job")
                    }
                }
            } catch {
                for job in jobs { job.fail(error) }
                continue
            }
            for outcome in outcomes { outcome.deliver() }
        }
    }

    /// Serves jobs one after another; those that must be alone run outside of a transaction.
    private static func serveApart(_ jobs: [WriteJob], with connection: Database) {
        for job in jobs {
            do {
                var outcome: WriteJob.Outcome?
                if job.isAlone {
                    outcome = job.run(connection)
                } else {
                    try connection.transaction {
                        try connection.execute("SAVEPOINT job")
                        let result = job.run(connection)
                        if !result.succeeded { try connection.execute("ROLLBACK TO job") }
                        try connection.execute("RELEASE job")
                        outcome = result
                    }
                }
                outcome?.deliver()
            } catch {
                job.fail(error)
            }
        }
    }

    static func serveReads(from queue: WorkQueue<ReadJob>, with connection: Database) {
        while let jobs = queue.next(1) {
            for job in jobs { job.run(connection) }
        }
    }
}
