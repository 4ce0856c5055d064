import QuerySupport

/// The intervals of a metrics query, in nanoseconds since the Unix epoch.
package struct MetricSteps: Equatable {
    /// Excluded in a range query, included in an instant query.
    let start: UInt64
    /// Included.
    let end: UInt64
    let step: UInt64
    package let isInstant: Bool

    /// One interval from `start` to `end`.
    package init(instantFrom start: UInt64, to end: UInt64) {
        self.start = start
        self.end = end
        step = end - start
        isInstant = true
    }

    /// Intervals that end at multiples of `step`, the first at or before `start`, as in Tempo: points stay where they
    /// are when a dashboard refreshes.
    package init(from start: UInt64, to end: UInt64, step: UInt64) {
        let aligned = start - start % step
        self.start = aligned > step ? aligned - step : aligned
        self.end = end % step == 0 ? end : (end - end % step).plus(step)
        self.step = step
        isInstant = false
    }

    var count: Int { isInstant ? 1 : Int(clamping: (end - start) / step) }

    /// The start times of spans that belong to an interval.
    var spanStarts: ClosedRange<UInt64> { (isInstant || end == start ? start : start + 1)...end }

    /// The divisor of a rate, in seconds.
    var seconds: Double { Double(step) / 1e9 }

    /// The interval of a span that starts at `time`, which must be in ``spanStarts``.
    func index(of time: UInt64) -> Int {
        guard !isInstant, time > start else { return 0 }
        return Int((time - start - 1) / step)
    }

    /// The end of an interval in milliseconds.
    package func milliseconds(of index: Int) -> UInt64 {
        (isInstant ? end : min(end, start.plus(UInt64(index + 1) * step))) / 1_000_000
    }

    /// The step that Tempo chooses for a range: about 240 points at a round interval.
    package static func defaultStep(from start: UInt64, to end: UInt64) -> UInt64 {
        let length = end - start
        let baseline = length / 240
        if length < 60_000_000_000 {
            let least: UInt64 = 50_000_000
            return max(least, baseline / least * least)
        }
        for seconds: UInt64 in [3600, 300, 60, 15, 5, 1] where baseline > seconds * 1_000_000_000 {
            return baseline / (seconds * 1_000_000_000) * (seconds * 1_000_000_000)
        }
        return 1_000_000_000
    }
}
