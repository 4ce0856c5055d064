/// When a query looks, in nanoseconds since the Unix epoch.
struct QueryRange: Equatable {
    /// Where lines begin, and the time of the first step.
    var start: Int64
    /// Where lines end (this moment not included), and the time of the last possible step (included).
    var end: Int64
    /// The distance of two steps; 0 for a query of one moment.
    var step: Int64 = 0

    /// The times at which a metric query is evaluated.
    var stepCount: Int { step > 0 ? Int(clamping: max(0, end.minus(start)) / step) + 1 : 1 }

    func time(ofStep index: Int) -> Int64 { start.plus(Int64(index).times(step)) }

    /// Moves both ends outward to multiples of the step, as Loki does, so that a dashboard's points stay where they are.
    var aligned: QueryRange {
        guard step > 0 else { return self }
        let last = end % step == 0 ? end : (end - end % step).plus(step)
        return QueryRange(start: start - start % step, end: last, step: step)
    }
}

/// Counts what a query looked at.
struct QueryStatistics {
    var lines = 0
    var bytes = 0
    var linesAfterFilter = 0
    var metadataBytes = 0
    var entriesReturned = 0
}
