/// The times at which a trace's log lines may have been written: log stores are queried by time range and refuse long
/// ones.
package struct TraceWindows: Sendable, Equatable {
    /// Sorted, disjoint; nanoseconds since the Unix epoch, the ends excluded.
    package let ranges: [Range<UInt64>]

    private static let minute: UInt64 = 60_000_000_000
    /// Lines may be written a little before the first span and after the last one.
    private static let margin = 5 * minute
    private static let day = 24 * 60 * minute
    /// How far back to look for lines while there are no spans.
    private static let hour = 60 * minute
    /// The maximum number of ranges queried for one trace.
    private static let mostRanges = 32

    /// - Parameters:
    ///   - trace: `nil` until a span has arrived.
    ///   - now: nanoseconds since the Unix epoch.
    package init(_ trace: TraceData?, now: UInt64) {
        // Stores reject lines from the far future, so there are none.
        let end = now.saturatingSum(Self.day)
        guard let trace, !trace.spans.isEmpty else {
            ranges = [now - min(now, Self.hour)..<now.saturatingSum(Self.minute)]
            return
        }
        var windows: [Range<UInt64>] = []
        func add(_ from: UInt64, _ to: UInt64) {
            let from = from - min(from, Self.margin)
            let to = min(to.saturatingSum(Self.margin), end)
            if from < to { windows.append(from..<to) }
        }
        for span in trace.spans {
            let start = span.startNS == 0 ? span.endNS : span.startNS
            let last = max(start, span.endNS)
            if last - start <= Self.day {
                add(start, last)
            } else {
                // For a span that lasts years: its first and its last day.
                add(start, start + Self.day)
                add(last - Self.day, last)
            }
        }
        ranges = Array(Self.merged(windows).prefix(Self.mostRanges))
    }

    private static func merged(_ windows: [Range<UInt64>]) -> [Range<UInt64>] {
        var result: [Range<UInt64>] = []
        for window in windows.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            // Limits merged ranges to a length that a store accepts.
            if let last = result.last, window.lowerBound <= last.upperBound,
                last.upperBound - last.lowerBound < 7 * day
            {
                result[result.count - 1] = last.lowerBound..<max(last.upperBound, window.upperBound)
            } else {
                let from = max(window.lowerBound, result.last?.upperBound ?? 0)
                if from < window.upperBound { result.append(from..<window.upperBound) }
            }
        }
        return result
    }
}

extension UInt64 {
    /// The sum, or the maximum value if it overflows.
    func saturatingSum(_ other: UInt64) -> UInt64 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}
