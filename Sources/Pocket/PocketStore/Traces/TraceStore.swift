import QuerySupport
import SQLite
import TraceContext

/// Stores spans and finds them again. Safe to use from any thread.
///
/// A span that is received twice is stored once, as in Tempo: it is identified by its trace, its id and its kind. The
/// first copy stays.
package final class TraceStore: Sendable {
    package let database: PocketDatabase

    /// Creates a store in `database`, which must have been opened with ``component``.
    package init(database: PocketDatabase) { self.database = database }

    /// Stores all spans of `batch` or, if it throws, none. They can be read once it has returned.
    /// - Throws: ``PocketDatabaseError/busy`` if too many batches are waiting.
    package func append(_ batch: TraceBatch) async throws {
        guard !batch.groups.isEmpty else { return }
        try await database.write { database in
            for group in batch.groups { try Self.insert(group, of: batch, into: database) }
        }
    }

    private static func insert(_ group: TraceBatch.Group, of batch: TraceBatch, into database: Database) throws {
        let context = try contextID(of: group, in: database)
        try batch.body.withUnsafeBufferPointer { bytes in
            try database.withStatement(
                """
                INSERT INTO spans(trace_high, trace_low, span_id, parent_id, start, duration, context, status, kind,
                                  name, payload)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
                WHERE NOT EXISTS (SELECT 1 FROM spans
                    WHERE trace_low = ?2 AND span_id = ?3 AND trace_high = ?1 AND kind = ?9)
                """
            ) { statement in
                for span in group.spans {
                    try statement.bind(1, Int64(bitPattern: span.traceID.high))
                    try statement.bind(2, Int64(bitPattern: span.traceID.low))
                    try statement.bind(3, Int64(bitPattern: span.spanID))
                    try statement.bind(4, Int64(bitPattern: span.parentID))
                    try statement.bind(5, Int64(clamping: span.start))
                    try statement.bind(6, Int64(clamping: span.duration))
                    try statement.bind(7, context)
                    try statement.bind(8, Int64(clamping: span.status))
                    try statement.bind(9, Int64(clamping: span.kind))
                    try statement.bind(10, borrowedText: UnsafeBufferPointer(rebasing: bytes[span.name]))
                    try statement.bind(11, borrowedBlob: UnsafeBufferPointer(rebasing: bytes[span.payload]))
                    try statement.run()
                }
            }
        }
        // A repeated batch inserts nothing; the newest of all spans is then just as good.
        try database.execute(
            "UPDATE trace_contexts SET last_span = coalesce((SELECT max(id) FROM spans), 0) WHERE id = ?",
            .integer(context))
    }

    /// The row of the group's resource and scope, created if it is new.
    private static func contextID(of group: TraceBatch.Group, in database: Database) throws -> Int64 {
        let hash = Database.Value.integer(fingerprint(group.resource, group.scope))
        let known = try database.first(
            "SELECT id FROM trace_contexts WHERE hash = ? AND resource = ? AND scope = ?", hash, .blob(group.resource),
            .blob(group.scope)
        ) { $0.int64(0) }
        if let known { return known }
        try database.execute(
            "INSERT INTO trace_contexts(hash, service, resource, scope, last_span) VALUES (?, ?, ?, ?, 0)", hash,
            .text(group.service), .blob(group.resource), .blob(group.scope))
        return database.lastInsertRowID
    }

    /// FNV-1a: the same in every process, unlike `Hasher`.
    private static func fingerprint(_ parts: [UInt8]...) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for part in parts { for byte in part { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
        return Int64(bitPattern: hash)
    }

    /// The number of stored spans.
    package func spanCount() async throws -> Int {
        try await database.read { database, _ in
            try database.first("SELECT count(*) FROM spans") { Int($0.int64(0)) } ?? 0
        }
    }

    /// From the start of a trace's first span to the end of its last, in nanoseconds since the Unix epoch; `nil`
    /// without spans.
    package func extent(of id: TraceID) async throws -> ClosedRange<UInt64>? {
        try await database.read { database, budget in
            try budget.check()
            return try database.first(
                "SELECT min(start), max(start + duration) FROM spans WHERE trace_low = ? AND trace_high = ?",
                .integer(Int64(bitPattern: id.low)), .integer(Int64(bitPattern: id.high))
            ) { row -> ClosedRange<UInt64>? in
                guard let first = row.optionalInt64(0) else { return nil }
                let start = UInt64(clamping: first)
                return start...max(start, UInt64(clamping: row.int64(1)))
            } ?? nil
        }
    }

    /// All spans of a trace in order of arrival; `nil` if there are none.
    package func trace(_ id: TraceID) async throws -> StoredTrace? {
        try await database.read { database, budget in
            try StoredTrace.read(id, from: database, budget, contexts: StoredContexts())
        }
    }
}
