/// The data sources' answers to the requests that Grafana would send when somebody clicks.
package struct ClickAnswers: Sendable, Equatable {
    /// Whether each data source answers, by its uid.
    package var reach: [String: SourceReach] = [:]
    /// The results of opening traces.
    package var traces: [TraceClick] = []
    /// For each metrics store that was queried, by uid: the labels of the metrics that links name; an empty set for a
    /// metric without series.
    package var numbers: [String: [String: Set<String>]] = [:]
    /// The metrics that the services expose themselves; empty if they were not asked.
    package var exposed: Set<String> = []

    package init() {}
}

/// Whether a data source answers at the address that Grafana uses.
package enum SourceReach: Sendable, Equatable {
    case answers
    /// It does not answer; with the reason.
    case silent(String)
    /// It was not asked; with the reason.
    case notAsked(String)
}

/// The result of opening a trace.
package struct TraceClick: Sendable, Equatable {
    package enum Outcome: Sendable, Equatable {
        case trace(GrafanaTrace)
        case notFound
        /// The answer's status and body.
        case refused(String)
        /// Not valid protobuf; with the reason.
        case unreadable(String)
    }

    /// The trace store's name.
    package var source: String
    package var traceID: String
    /// `nil` if Grafana's request has no time range.
    package var window: TraceQueryWindow?
    /// Whether it is a trace from an hour ago, of which nothing else is known.
    package var isOld: Bool
    package var outcome: Outcome

    package init(
        source: String, traceID: String, window: TraceQueryWindow? = nil, isOld: Bool = false, outcome: Outcome
    ) {
        self.source = source
        self.traceID = traceID
        self.window = window
        self.isOld = isOld
        self.outcome = outcome
    }
}

/// The time range that Explore shows when a trace is opened from a line. Grafana derives its query window from it.
package enum ExploredView {
    /// The time shown before and after the trace, in milliseconds.
    private static let margin: Int64 = 15 * 60_000

    /// Fifteen minutes on each side of a trace, but not beyond the present.
    package static func around(_ startNS: UInt64, _ endNS: UInt64, now: UInt64) -> ClosedRange<Int64> {
        let start = Int64(startNS / 1_000_000) - margin
        let end = min(Int64(endNS / 1_000_000) + margin, Int64(now / 1_000_000))
        return start...max(start, end)
    }
}
