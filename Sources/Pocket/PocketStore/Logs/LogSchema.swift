import SQLite

/// The tables of the log store.
package enum LogSchema {
    /// A stream is a set of labels, as in Loki; a line belongs to one. `labels` is a JSON object with sorted names.
    ///
    /// Lines are found by time or by trace. The trace index holds 64 bits of the id instead of its text: a quarter of
    /// the size, and a query checks the whole id anyway. `content` is a hash of the line and its metadata: a line that
    /// is sent twice is shown once.
    package static let component = PocketDatabase.Component(
        name: "logs",
        migrations: [
            """
            CREATE TABLE log_streams(
                id INTEGER PRIMARY KEY,
                labels TEXT NOT NULL UNIQUE,
                first_ns INTEGER NOT NULL,
                last_ns INTEGER NOT NULL
            );
            CREATE TABLE log_lines(
                id INTEGER PRIMARY KEY,
                time_ns INTEGER NOT NULL,
                stream_id INTEGER NOT NULL,
                trace_key INTEGER,
                content INTEGER NOT NULL,
                metadata BLOB NOT NULL,
                line TEXT NOT NULL
            );
            CREATE INDEX log_lines_by_time ON log_lines(time_ns, stream_id);
            CREATE INDEX log_lines_by_trace ON log_lines(trace_key) WHERE trace_key IS NOT NULL;
            CREATE TABLE log_positions(
                device INTEGER NOT NULL,
                inode INTEGER NOT NULL,
                path TEXT NOT NULL,
                offset INTEGER NOT NULL,
                in_cut_line INTEGER NOT NULL,
                head_length INTEGER NOT NULL,
                head_hash INTEGER NOT NULL,
                PRIMARY KEY (device, inode)
            ) WITHOUT ROWID;
            """
        ])

    /// The table's description for retention.
    package static let retention = RetainedTable(
        name: "logs",
        oldest: { database in
            try database.first("SELECT min(time_ns) FROM log_lines") {
                $0.optionalInt64(0).map { UInt64(clamping: $0) }
            } ?? nil
        },
        deleteOldest: { database, before, limit in
            let cutoff = Int64(clamping: before)
            let count = try database.execute(
                """
                DELETE FROM log_lines WHERE id IN
                    (SELECT id FROM log_lines WHERE time_ns < ? ORDER BY time_ns LIMIT ?)
                """, .integer(cutoff), .integer(Int64(limit)))
            // A stream without lines would still be offered as a label.
            if count < limit {
                try database.execute("DELETE FROM log_streams WHERE last_ns < ?", .integer(cutoff))
            }
            return count
        })
}
