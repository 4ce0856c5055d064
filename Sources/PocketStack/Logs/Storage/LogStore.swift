import SQLite

/// Writes lines into the pocket database.
package struct LogStore: Sendable {
    private let database: PocketDatabase

    package init(database: PocketDatabase) { self.database = database }

    /// Stores all lines of `batch` or none; returns once they are committed.
    package func append(_ batch: LogBatch) async throws {
        guard !batch.isEmpty else { return }
        try await database.write { try Self.insert(batch, into: $0) }
    }

    /// Inserts the lines in the transaction that is open.
    static func insert(_ batch: LogBatch, into database: Database) throws {
        var ids: [Int64] = []
        ids.reserveCapacity(batch.streams.count)
        for stream in batch.streams {
            guard stream.first <= stream.last else {
                ids.append(0)
                continue
            }
            let id = try database.first(
                """
                INSERT INTO log_streams(labels, first_ns, last_ns) VALUES (?, ?, ?)
                ON CONFLICT(labels) DO UPDATE SET
                    first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns)
                RETURNING id
                """, .text(stream.labels), .integer(stream.first), .integer(stream.last)
            ) { $0.int64(0) }
            ids.append(id ?? 0)
        }
        try batch.bytes.withUnsafeBufferPointer { bytes in
            try database.withStatement(
                """
                INSERT INTO log_lines(time_ns, stream_id, trace_key, content, metadata, line)
                VALUES (?, ?, ?, ?, ?, ?)
                """
            ) { statement in
                for record in batch.records {
                    let metadata = UnsafeBufferPointer(rebasing: bytes[record.metadata])
                    let line = UnsafeBufferPointer(rebasing: bytes[record.line])
                    var content = ContentHash()
                    content.combine(metadata)
                    content.combine(line)
                    try statement.bind(1, record.time)
                    try statement.bind(2, ids[record.stream])
                    if let key = record.traceKey { try statement.bind(3, key) } else { try statement.bindNull(3) }
                    try statement.bind(4, Int64(bitPattern: content.value))
                    try statement.bind(5, borrowedBlob: metadata)
                    try statement.bind(6, borrowedText: line)
                    try statement.run()
                }
            }
        }
    }
}
