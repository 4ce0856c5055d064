import QuerySupport

/// The time range of a query, in nanoseconds since the Unix epoch.
package struct QueryRange: Equatable {
    /// The time of the first lines, and of the first step.
    package var start: Int64
    /// The end of the lines (excluded), and the latest possible step (included).
    package var end: Int64
    /// The distance between steps; 0 for an instant query.
    package var step: Int64 = 0

    package init(start: Int64, end: Int64, step: Int64 = 0) {
        self.start = start
        self.end = end
        self.step = step
    }

    /// The number of times at which a metric query is evaluated.
    package var stepCount: Int { step > 0 ? Int(clamping: max(0, end.minus(start)) / step) + 1 : 1 }

    package func time(ofStep index: Int) -> Int64 { start.plus(Int64(index).times(step)) }

    /// Moves both ends outward to multiples of the step, as Loki does, so that a dashboard's points stay where they
    /// are.
    package var aligned: QueryRange {
        guard step > 0 else { return self }
        let last = end % step == 0 ? end : (end - end % step).plus(step)
        return QueryRange(start: start - start % step, end: last, step: step)
    }
}

/// Counts what a query read.
package struct QueryStatistics {
    package var lines = 0
    package var bytes = 0
    package var linesAfterFilter = 0
    package var metadataBytes = 0
    package var entriesReturned = 0
}
