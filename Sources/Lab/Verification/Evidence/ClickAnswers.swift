/// What came of asking the data sources as Grafana would ask them when somebody clicks.
package struct ClickAnswers: Sendable, Equatable {
    /// Whether each data source answers at all, by its uid.
    package var reach: [String: SourceReach] = [:]
    /// What came of opening traces.
    package var traces: [TraceClick] = []
    /// Of each store of numbers that was asked, by its uid: the labels of the metrics that links name, nothing for a
    /// metric without series.
    package var numbers: [String: [String: Set<String>]] = [:]
    /// The metrics that the services expose themselves; empty if nobody was asked.
    package var exposed: Set<String> = []

    package init() {}
}

/// Whether a data source answers where Grafana asks it.
package enum SourceReach: Sendable, Equatable {
    case answers
    /// It does not, and why.
    case silent(String)
    /// It was not asked, and why.
    case notAsked(String)
}

/// What came of opening a trace.
package struct TraceClick: Sendable, Equatable {
    package enum Outcome: Sendable, Equatable {
        case trace(GrafanaTrace)
        case notFound
        /// The answer's status and text.
        case refused(String)
        /// No protobuf, and why not.
        case unreadable(String)
    }

    /// The trace store's name.
    package var source: String
    package var traceID: String
    /// `nil` if Grafana names no time.
    package var window: TraceQueryWindow?
    /// Whether it is one of an hour ago, of which nothing else is known.
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

/// What Explore shows when a trace is opened from a line: the time that Grafana's window is made from.
package enum ExploredView {
    /// How much of it there is before and after the trace, in milliseconds.
    private static let margin: Int64 = 15 * 60_000

    /// Fifteen minutes on each side of a trace, but never more than there is of time.
    package static func around(_ startNS: UInt64, _ endNS: UInt64, now: UInt64) -> ClosedRange<Int64> {
        let start = Int64(startNS / 1_000_000) - margin
        let end = min(Int64(endNS / 1_000_000) + margin, Int64(now / 1_000_000))
        return start...max(start, end)
    }
}
