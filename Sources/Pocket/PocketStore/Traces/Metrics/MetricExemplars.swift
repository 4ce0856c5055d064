import TraceContext

/// Chooses some spans to show with the values: one per trace, spread over time.
package struct MetricExemplars {
    package struct Exemplar {
        package var traceID: TraceID
        package var milliseconds: UInt64
        /// The interval that it belongs to.
        package var step: Int
        /// `nil` if it is the series' own value at that time.
        package var value: Double?
        package var labels: [MetricLabel]
    }

    private let steps: MetricSteps
    private let limit: Int
    private var traces: Set<TraceID> = []
    /// The number chosen in each part of the time range.
    private var parts: [Int]
    private static let perPart = 2

    init(limit: Int, steps: MetricSteps) {
        self.steps = steps
        self.limit = steps.isInstant ? 0 : limit
        parts = Array(repeating: 0, count: max(1, self.limit / Self.perPart))
    }

    /// Whether to show a span of `trace` that starts at `time`.
    mutating func choose(_ trace: TraceID, at time: UInt64) -> Bool {
        guard traces.count < limit, !traces.contains(trace) else { return false }
        let share = Double(time - steps.start) / Double(max(1, steps.end - steps.start))
        let part = min(parts.count - 1, Int(share * Double(parts.count)))
        guard parts[part] < Self.perPart else { return false }
        parts[part] += 1
        traces.insert(trace)
        return true
    }
}
