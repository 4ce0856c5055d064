/// `traceQuery`: the time around which Grafana looks for a trace by its id.
package struct TraceQuerySetting: Sendable, Equatable {
    /// Without it Grafana names no time, and all that is kept is searched.
    package var isShifted: Bool
    /// As they stand there. The first is **subtracted** from the beginning, the second added to the end.
    package var startShift: String
    package var endShift: String

    package init(isShifted: Bool = false, startShift: String = "", endShift: String = "") {
        self.isShifted = isShifted
        self.startShift = startShift
        self.endShift = endShift
    }

    /// What Grafana shifts by where nothing is said.
    private static let usualShift = "30m"

    /// The seconds that Grafana names while it shows `view`, given in milliseconds; `nil` if it names none.
    /// - Throws: the reason why there is no such time.
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

/// Why Grafana cannot ask.
package struct TraceQueryProblem: Error, Equatable {
    package var reason: String
}

/// `start` and `end` of a query for a trace, in seconds since the Unix epoch; they may be the wrong way round.
package struct TraceQueryWindow: Sendable, Equatable {
    package var start: Int64
    package var end: Int64

    /// Whether all of a trace lies in it, as far as seconds tell.
    func holds(_ trace: TraceData) -> Bool {
        start <= Int64(trace.startNS / 1_000_000_000) && Int64(trace.endNS / 1_000_000_000) <= end
    }
}

/// `tracesToMetrics`: the queries for numbers that Grafana makes of a span.
package struct TracesToMetrics: Sendable, Equatable {
    package struct Query: Sendable, Equatable {
        package var name: String
        /// PromQL, with variables; `nil` where Grafana makes one up.
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

/// `exemplarTraceIdDestinations`: which label of an exemplar is a trace's id, and where that is looked for.
package struct ExemplarLink: Sendable, Equatable {
    package var label: String
    /// `nil` for a link out of Grafana.
    package var datasourceUID: String?

    package init(label: String, datasourceUID: String? = nil) {
        self.label = label
        self.datasourceUID = datasourceUID
    }
}
