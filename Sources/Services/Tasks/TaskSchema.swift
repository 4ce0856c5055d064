import Contracts
import HTTP
import SQLite
import Vocabulary

extension TaskStore {
    // `is_final` is derived from the state but changes less often, so the index of unfinished tasks is written only
    // twice per task. No check uses `IN` with more than two values: SQLite would build a table of them for every row.
    static let migrations = [
        """
        CREATE TABLE tasks (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            idempotency_key TEXT NOT NULL UNIQUE,
            request_id TEXT NOT NULL,
            mode TEXT NOT NULL CHECK (mode IN ('sync', 'async')),
            state TEXT NOT NULL,
            guild_id TEXT NOT NULL,
            amount INTEGER NOT NULL CHECK (amount > 0),
            workload_kind TEXT NOT NULL,
            workload_size INTEGER NOT NULL,
            channel_id TEXT,
            executor_id TEXT,
            result TEXT,
            duration_us INTEGER,
            memory_bytes INTEGER,
            error TEXT,
            error_status INTEGER,
            traceparent TEXT,
            tracestate TEXT,
            baggage TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            is_final INTEGER NOT NULL DEFAULT 0,
            CHECK (CASE is_final
                WHEN 0 THEN state = 'created' OR state = 'reserved' OR state = 'executing'
                ELSE state = 'settled' OR state = 'failed' OR state = 'compensated' END)
        ) STRICT;
        CREATE INDEX tasks_by_guild ON tasks (guild_id, seq);
        CREATE INDEX tasks_unfinished ON tasks (seq) WHERE is_final = 0;
        """
    ]

    /// Reads a row of `SELECT *`. The columns are in the order in which the migrations added them.
    static func read(_ row: borrowing Database.Row) -> StoredTask {
        var carrier: [String: String] = [:]
        carrier[Header.traceParent] = row.optionalText(17)
        carrier[Header.traceState] = row.optionalText(18)
        carrier[Header.baggage] = row.optionalText(19)
        let request = CreateTaskRequest(
            guildID: row.text(6), amount: row.int64(7),
            workload: WorkloadSpec(
                kind: WorkloadSpec.Kind(rawValue: row.text(8)) ?? .sha256, size: row.int64(9)))
        var task = StoredTask(
            id: row.text(1), request: request, mode: TaskMode(rawValue: row.text(4)) ?? .sync,
            idempotencyKey: row.text(2), requestID: row.text(3), carrier: carrier)
        task.state = TaskState(rawValue: row.text(5)) ?? .failed
        task.channelID = row.optionalText(10)
        if let executor = row.optionalText(11) {
            task.execution = Execution(
                executorID: executor, result: row.text(12), durationMS: Double(row.int64(13)) / 1000,
                memoryBytes: row.int64(14))
        }
        if let type = row.optionalText(15) {
            task.failure = StoredTask.Failure(type: type, status: HTTPStatus(code: Int(row.int64(16))))
        }
        task.createdAt = UInt64(row.int64(20))
        task.updatedAt = UInt64(row.int64(21))
        return task
    }
}
