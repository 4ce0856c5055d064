import SQLite

extension TraceStore {
    /// The tables of the trace store.
    ///
    /// A span is one row, in order of arrival: its bytes as received, and the columns that searches use. The index on
    /// trace ids begins with their random half, which alone suffices to find a trace. The span id comes next, so that
    /// the index shows whether a span is already stored; with the other half, a part of an id is found without reading
    /// the table. The resource and scope that the spans of one source share are stored once.
    package static let component = PocketDatabase.Component(
        name: "traces",
        migrations: [
            """
            CREATE TABLE trace_contexts(
                id INTEGER PRIMARY KEY,
                hash INTEGER NOT NULL,
                service TEXT NOT NULL,
                resource BLOB NOT NULL,
                scope BLOB NOT NULL,
                last_span INTEGER NOT NULL);
            CREATE INDEX trace_contexts_by_hash ON trace_contexts(hash);
            CREATE TABLE spans(
                id INTEGER PRIMARY KEY,
                trace_high INTEGER NOT NULL,
                trace_low INTEGER NOT NULL,
                span_id INTEGER NOT NULL,
                parent_id INTEGER NOT NULL,
                start INTEGER NOT NULL,
                duration INTEGER NOT NULL,
                context INTEGER NOT NULL,
                status INTEGER NOT NULL,
                kind INTEGER NOT NULL,
                name TEXT NOT NULL,
                payload BLOB NOT NULL);
            CREATE INDEX spans_by_trace ON spans(trace_low);
            CREATE INDEX spans_by_start ON spans(start);
            CREATE INDEX failed_spans_by_start ON spans(start) WHERE status = 2;
            """,
            """
            DROP INDEX spans_by_trace;
            CREATE INDEX spans_by_trace ON spans(trace_low, span_id, trace_high);
            DELETE FROM spans WHERE id NOT IN
                (SELECT min(id) FROM spans GROUP BY trace_low, span_id, trace_high, kind);
            """,
        ])

    /// The spans, for retention.
    package static let retained = RetainedTable(
        name: "spans",
        oldest: { database in
            try database.first("SELECT min(start) FROM spans") { $0.optionalInt64(0) }?.map { UInt64(clamping: $0) }
        },
        deleteOldest: { database, before, limit in
            let count = try database.execute(
                "DELETE FROM spans WHERE id IN (SELECT id FROM spans WHERE start < ? ORDER BY start LIMIT ?)",
                .integer(Int64(clamping: before)), .integer(Int64(limit)))
            if count > 0 {
                try database.execute(
                    """
                    DELETE FROM trace_contexts
                    WHERE last_span < coalesce((SELECT min(id) FROM spans), 9223372036854775807)
                    """)
            }
            return count
        })
}
