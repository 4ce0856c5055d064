import Encoding

@testable import Verification

/// The time that Grafana names when it asks Tempo for a trace by its id.
struct TraceWindow {
    /// In milliseconds; `nil` where Grafana names none, and Tempo looks through all that it keeps.
    let range: ClosedRange<Int64>?

    /// Grafana's rule: the start's shift is subtracted from the page's beginning, the end's added to its end.
    /// - Returns: `nil` if that makes no range at all.
    init?(_ settings: JSONValue?, pageFrom from: Int64, to: Int64) {
        guard settings?["timeShiftEnabled"]?.bool == true else {
            range = nil
            return
        }
        func shift(_ name: String) -> Int64 {
            (settings?[name]?.string).flatMap(GrafanaInterval.milliseconds) ?? 30 * 60_000
        }
        let (start, end) = (from - shift("spanStartTimeShift"), to + shift("spanEndTimeShift"))
        guard start < end else { return nil }
        range = start...end
    }

    func includes(_ moment: Int64) -> Bool { range?.contains(moment) ?? true }
}
