/// `traceQuery`: the time range in which Grafana looks for a trace by its id.
package struct TraceQuerySetting: Sendable, Equatable {
    /// If `false`, Grafana sends no time range, and the whole store is searched.
    package var isShifted: Bool
    /// As written in the setting. The first is **subtracted** from the beginning, the second added to the end.
    package var startShift: String
    package var endShift: String

    package init(isShifted: Bool = false, startShift: String = "", endShift: String = "") {
        self.isShifted = isShifted
        self.startShift = startShift
        self.endShift = endShift
    }

    /// Grafana's default shift.
    private static let usualShift = "30m"

    /// The time range in seconds that Grafana sends while it shows `view`, in milliseconds; `nil` if it sends none.
    /// - Throws: the reason why there is no such range.
    package func window(for view: ClosedRange<Int64>) throws(TraceQueryProblem) -> TraceQueryWindow? {
        guard isShifted else { return nil }
        let start = view.lowerBound - (try shift(startShift, "spanStartTimeShift"))
        let end = view.upperBound + (try shift(endShift, "spanEndTimeShift"))
        return TraceQueryWindow(start: start / 1000, end: end / 1000)
    }

    private func shift(_ text: String, _ name: String) throws(TraceQueryProblem) -> Int64 {
        guard let value = GrafanaInterval.milliseconds(text.isEmpty ? Self.usualShift : text) else {
            throw TraceQueryProblem(reason: "traceQuery.\(name) '\(text)' is no time, such as 1h")
        }
        return value
    }
}

/// Why Grafana cannot send the query.
package struct TraceQueryProblem: Error, Equatable {
    package var reason: String
}

/// `start` and `end` of a query for a trace, in seconds since the Unix epoch; they may be reversed.
package struct TraceQueryWindow: Sendable, Equatable {
    package var start: Int64
    package var end: Int64

    /// Whether it contains the whole trace, with a precision of seconds.
    func holds(_ trace: TraceData) -> Bool {
        start <= Int64(trace.startNS / 1_000_000_000) && Int64(trace.endNS / 1_000_000_000) <= end
    }
}

/// `tracesToMetrics`: the metrics queries that Grafana builds from a span.
package struct TracesToMetrics: Sendable, Equatable {
    package struct Query: Sendable, Equatable {
        package var name: String
        /// PromQL with variables; `nil` if Grafana generates it.
        package var text: String?

        package init(_ name: String, _ text: String?) {
            self.name = name
            self.text = text
        }
    }

    package var datasourceUID: String
    package var tags: [TracesToLogs.Tag]
    package var queries: [Query]

    package init(datasourceUID: String, tags: [TracesToLogs.Tag] = [], queries: [Query] = []) {
        self.datasourceUID = datasourceUID
        self.tags = tags
        self.queries = queries
    }
}

/// `exemplarTraceIdDestinations`: the exemplar label that holds a trace id, and the data source to look it up in.
package struct ExemplarLink: Sendable, Equatable {
    package var label: String
    /// `nil` for a link that leaves Grafana.
    package var datasourceUID: String?

    package init(label: String, datasourceUID: String? = nil) {
        self.label = label
        self.datasourceUID = datasourceUID
    }
}
