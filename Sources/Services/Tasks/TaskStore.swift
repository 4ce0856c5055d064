import Contracts
import Encoding
import HTTP
import SQLite
import Tracing
import Vocabulary

/// Stores the tasks in SQLite. Safe to use from any thread.
final class TaskStore: Sendable {
    /// The name of the database in telemetry: its file name.
    static let name = "tasks.sqlite"

    private enum Query {
        static let insert = QueryText(
            """
            INSERT INTO tasks (id, idempotency_key, request_id, mode, state, guild_id, amount, workload_kind,
                workload_size, traceparent, tracestate, baggage, created_at, updated_at)
            VALUES (?, ?, ?, ?, 'created', ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (idempotency_key) DO NOTHING
            """)
        static let advance = QueryText("UPDATE tasks SET state = ?, channel_id = ?, updated_at = ? WHERE id = ?")
        static let finish = QueryText(
            """
            UPDATE tasks SET state = ?, channel_id = ?, executor_id = ?, result = ?, duration_us = ?,
                memory_bytes = ?, error = ?, error_status = ?, updated_at = ?, is_final = 1 WHERE id = ?
            """)
        static let find = QueryText("SELECT * FROM tasks WHERE id = ?")
    }

    /// The service would carry on with a task that is not stored.
    struct NotStored: HTTPErrorConvertible, CustomStringConvertible {
        let id: String
        var description: String { "the task \(id) could not be stored" }
        var httpError: HTTPError { HTTPError(.internalServerError, type: "not-stored", message: description) }
    }

    let database: ServiceDatabase
    private let operations: Operations
    private let clock: WallClock

    /// - Parameter commits: where writes are grouped; if `nil`, each commits itself.
    init(path: String, operations: Operations, clock: WallClock, commits: GroupCommit? = nil) throws {
        let opened = try Database(path: path, configuration: .shortRows)
        try opened.migrate(Self.migrations)
        database = ServiceDatabase(opened, commits: commits)
        self.operations = operations
        self.clock = clock
    }

    /// Throws if tasks cannot be stored: a read-only store cannot accept new tasks.
    func ping() throws { try database.withLock { try $0.proveWritable() } }

    func close() { database.close() }

    /// Returns once everything that this turn of the loop has written is stored.
    /// - Throws: the error of the commit.
    func waitUntilStored() async throws { try await database.waitUntilStored() }

    func now() -> UInt64 { clock.now() }

    /// Stores a task in the state `created`, with its trace context.
    /// - Parameter carrier: the fields written by the propagator; if empty, the current span is used.
    /// - Returns: the task, or the task already stored under the same key.
    func insert(_ task: StoredTask, carrying carrier: [String: String]) throws -> (StoredTask, isNew: Bool) {
        var task = task
        task.carrier = carrier
        if carrier.isEmpty, let context = ServiceContext.current {
            operations.tracer.inject(context, into: &task.carrier, using: DictionaryCarrier())
        }
        task.createdAt = clock.now()
        task.updatedAt = task.createdAt
        let stored = task
        return try operations.database("INSERT", "tasks", namespace: Self.name, text: Query.insert.text) {
            try database.withLock { database in
                let inserted = try database.execute(
                    Query.insert.sql, .text(stored.id), .text(stored.idempotencyKey), .text(stored.requestID),
                    .text(stored.mode.rawValue), .text(stored.request.guildID), .integer(stored.request.amount),
                    .text(stored.request.workload.kind.rawValue), .integer(stored.request.workload.size),
                    .optional(stored.carrier[Header.traceParent]), .optional(stored.carrier[Header.traceState]),
                    .optional(stored.carrier[Header.baggage]), .integer(Int64(stored.createdAt)),
                    .integer(Int64(stored.updatedAt)))
                guard inserted == 0 else { return (stored, true) }
                let known = try database.first(
                    "SELECT * FROM tasks WHERE idempotency_key = ?", .text(stored.idempotencyKey),
                    read: Self.read)
                return (known ?? stored, false)
            }
        }
    }

    /// Stores a task's new state and the fields it has gained.
    /// - Throws: ``NotStored`` if the task is not there.
    func update(_ task: inout StoredTask, to state: TaskState) throws {
        task.state = state
        task.updatedAt = clock.now()
        let changed = task
        let query = state.isFinal ? Query.finish : Query.advance
        try operations.database("UPDATE", "tasks", namespace: Self.name, text: query.text) {
            let stored = try database.withLock { database in
                // Before its final state, a task gains no field but its channel.
                guard changed.state.isFinal else {
                    return try database.execute(
                        query.sql,
                        .text(changed.state.rawValue), .optional(changed.channelID),
                        .integer(Int64(changed.updatedAt)), .text(changed.id))
                }
                return try database.execute(
                    query.sql, .text(changed.state.rawValue), .optional(changed.channelID),
                    .optional(changed.execution?.executorID), .optional(changed.execution?.result),
                    .optional(changed.execution.map { Int64(($0.durationMS * 1000).rounded()) }),
                    .optional(changed.execution?.memoryBytes), .optional(changed.failure?.type),
                    .optional(changed.failure.map { Int64($0.status.code) }),
                    .integer(Int64(changed.updatedAt)), .text(changed.id))
            }
            guard stored == 1 else { throw NotStored(id: changed.id) }
        }
    }

    /// Whether a task is certainly not stored, because the commit of its insertion failed.
    func isLost(_ id: String) -> Bool {
        let count = database.withLock { database in
            try? database.first("SELECT count(*) FROM tasks WHERE id = ?", .text(id)) { $0.int64(0) }
        }
        return count == 0
    }

    func find(_ id: String) throws -> StoredTask? {
        try operations.database("SELECT", "tasks", namespace: Self.name, text: Query.find.text) {
            try database.withLock {
                try $0.first(Query.find.sql, .text(id), read: Self.read)
            }
        }
    }

    /// Returns one page, newest first.
    func list(_ query: TaskQuery) throws -> (tasks: [StoredTask], nextCursor: String?) {
        var conditions = ["1"]
        var parameters: [Database.Value] = []
        if let guild = query.guildID {
            conditions.append("guild_id = ?")
            parameters.append(.text(guild))
        }
        if let state = query.state {
            conditions.append("state = ?")
            parameters.append(.text(state.rawValue))
        }
        if let cursor = query.cursor {
            conditions.append("seq < ?")
            parameters.append(.integer(cursor))
        }
        parameters.append(.integer(Int64(query.limit) + 1))
        let sql = """
            SELECT * FROM tasks WHERE \(conditions.joined(separator: " AND "))
            ORDER BY seq DESC LIMIT ?
            """
        let bound = parameters
        let rows = try operations.database(
            "SELECT", "tasks", namespace: Self.name, text: QueryText.onOneLine(sql)
        ) {
            try database.withLock { try $0.query(dynamic: sql, bound) { (Self.read($0), $0.int64(0)) } }
        }
        let page = rows.prefix(query.limit)
        return (page.map(\.0), rows.count > query.limit ? page.last.map { String($0.1) } : nil)
    }

    /// Returns unfinished tasks, oldest first: those of `mode`, or all if it is `nil`, last updated before `moment`.
    func unfinished(mode: TaskMode?, before moment: UInt64, limit: Int) throws -> [StoredTask] {
        try database.withLock {
            try $0.query(
                """
                SELECT * FROM tasks
                WHERE is_final = 0 AND (?1 IS NULL OR mode = ?1) AND updated_at <= ?2
                ORDER BY seq LIMIT ?3
                """, .optional(mode?.rawValue), .integer(Int64(clamping: moment)), .integer(Int64(limit)),
                read: Self.read)
        }
    }

    func unfinishedCount() throws -> Int64 {
        try database.withLock {
            try $0.first("SELECT count(*) FROM tasks WHERE is_final = 0") { $0.int64(0) } ?? 0
        }
    }
}
