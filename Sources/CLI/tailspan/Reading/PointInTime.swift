import Arguments
import Encoding

/// A time as people write it: how long ago it was, or its date and time.
enum PointInTime: ArgumentValue, Equatable {
    case ago(Duration)
    /// Nanoseconds since the Unix epoch.
    case at(UInt64)

    static let expectation = "a duration such as 10m, or a time such as 2026-11-27T14:05:00Z"

    init?(argument: String) {
        if let moment = RFC3339.parse(argument.utf8) {
            self = .at(moment)
        } else if let duration = Duration(argument: argument) {
            self = .ago(duration)
        } else {
            return nil
        }
    }

    var argument: String {
        switch self {
        case .ago(let duration): duration.argument
        case .at(let moment): RFC3339.string(nanosecondsSinceEpoch: moment)
        }
    }

    /// Nanoseconds since the Unix epoch.
    func moment(now: UInt64) -> UInt64 {
        switch self {
        case .ago(let duration):
            now - min(now, UInt64(max(0, min(duration / .nanoseconds(1), 1e18))))
        case .at(let moment): moment
        }
    }

    /// `1h ago`, or the time.
    var description: String {
        if case .ago(let duration) = self { "\(duration.argument) ago" } else { argument }
    }
}

/// A time range.
struct TimeRangeOptions: ArgumentContainer {
    @Option("since", value: "TIME", help: "From when on: how long ago, or a time such as 2026-11-27T14:05:00Z.")
    var since: PointInTime?
    @Option("until", value: "TIME", help: "Up to when, in the same form. Now, unless given.") var until: PointInTime?

    var isGiven: Bool { since != nil || until != nil }

    func validate() throws(UsageError) {
        let now = WallClock.system.now()
        let (from, to) = (since?.moment(now: now), until?.moment(now: now) ?? now)
        if let from, from >= to {
            throw UsageError(
                "--since: expected a time before \(until.map { "--until \($0.argument)" } ?? "now"), "
                    + "not '\(since?.argument ?? "")'")
        }
    }

    /// Nanoseconds since the Unix epoch.
    /// - Parameters:
    ///   - usual: how far back from the end if no beginning is given.
    ///   - lead: how far ahead of now timestamps may be.
    func range(now: UInt64, usual: Duration, lead: UInt64 = 0) -> Range<UInt64> {
        let end = until?.moment(now: now) ?? now + lead
        let start = since?.moment(now: now) ?? PointInTime.ago(usual).moment(now: end)
        return min(start, end)..<end
    }

    /// For example `in the last 1h`, `from … until …`.
    func description(usual: Duration) -> String {
        switch (since, until) {
        case (nil, nil): "in the last \(usual.argument)"
        case (.ago(let duration)?, nil): "in the last \(duration.argument)"
        case (let since?, nil): "since \(since.description)"
        case (nil, let until?): "in the \(usual.argument) until \(until.description)"
        case (let since?, let until?): "from \(since.description) until \(until.description)"
        }
    }
}
