import SQLite

/// Writes lines into the pocket database.
package struct LogStore: Sendable {
    private let database: PocketDatabase

    package init(database: PocketDatabase) { self.database = database }

    /// The outcome of storing a batch.
    package struct Outcome: Sendable {
        /// How many lines were stored.
        package var stored = 0
        /// The labels, as JSON, of streams beyond the maximum; their lines were left out.
        package var refusedStreams: [String] = []
    }

    /// Stores the lines of `batch`; returns once they are committed. If it throws, none is stored.
    /// - Parameters:
    ///   - maximumStreams: the maximum number of active streams; lines of others are left out.
    ///   - activeSince: a stream is active if it has lines after this time, in nanoseconds since the Unix epoch.
    @discardableResult
    package func append(_ batch: LogBatch, maximumStreams: Int = .max, activeSince: Int64 = 0) async throws -> Outcome {
        guard !batch.isEmpty else { return Outcome() }
        return try await database.write { database in
            var room = Int.max
            if maximumStreams < .max {
                let active = try database.first(
                    "SELECT count(*) FROM log_streams WHERE last_ns > ?", .integer(activeSince)
                ) { Int($0.int64(0)) }
                room = maximumStreams - (active ?? 0)
            }
            return try Self.insert(batch, into: database, newStreams: room)
        }
    }

    /// Inserts the lines in the open transaction, creating at most `room` streams.
    @discardableResult
    package static func insert(
        _ batch: LogBatch, into database: Database, newStreams room: Int = .max
    ) throws -> Outcome {
        var outcome = Outcome()
        var room = room
        // `nil` for a rejected stream.
        var ids: [Int64?] = []
        ids.reserveCapacity(batch.streams.count)
        for stream in batch.streams {
            guard stream.first <= stream.last else {
                ids.append(nil)
                continue
            }
            var id = try database.first(
                """
                UPDATE log_streams SET first_ns = min(first_ns, ?2), last_ns = max(last_ns, ?3) WHERE labels = ?1
                RETURNING id
                """, .text(stream.labels), .integer(stream.first), .integer(stream.last)
            ) { $0.int64(0) }
            if id == nil, room > 0 {
                try database.execute(
                    "INSERT INTO log_streams(labels, first_ns, last_ns) VALUES (?, ?, ?)", .text(stream.labels),
                    .integer(stream.first), .integer(stream.last))
                id = database.lastInsertRowID
                room -= 1
            }
            if id == nil { outcome.refusedStreams.append(stream.labels) }
            ids.append(id)
        }
        try batch.bytes.withUnsafeBufferPointer { bytes in
            try database.withStatement(
                """
                INSERT INTO log_lines(time_ns, stream_id, trace_key, content, metadata, line)
                VALUES (?, ?, ?, ?, ?, ?)
                """
            ) { statement in
                for record in batch.records {
                    guard let id = ids[record.stream] else { continue }
                    outcome.stored += 1
                    let metadata = UnsafeBufferPointer(rebasing: bytes[record.metadata])
                    let line = UnsafeBufferPointer(rebasing: bytes[record.line])
                    var content = ContentHash()
                    content.combine(metadata)
                    content.combine(line)
                    try statement.bind(1, record.time)
                    try statement.bind(2, id)
                    if let key = record.traceKey { try statement.bind(3, key) } else { try statement.bindNull(3) }
                    try statement.bind(4, Int64(bitPattern: content.value))
                    try statement.bind(5, borrowedBlob: metadata)
                    try statement.bind(6, borrowedText: line)
                    try statement.run()
                }
            }
        }
        return outcome
    }
}
