import HTTP
import QuerySupport

/// The parameters of a request to the reading API. An empty one counts as absent.
struct ReadingParameters {
    private let values: QueryParameters

    init(_ request: Request) { values = request.queryParameters }

    subscript(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Nanoseconds since the Unix epoch.
    func time(_ name: String) throws -> Int64? {
        guard let text = self[name] else { return nil }
        guard let time = Int64(text), time >= 0 else {
            throw ReadingProblem.parameter(name, "nanoseconds since 1970", not: text)
        }
        return time
    }

    /// `from` and `to`; by default everything.
    func range() throws -> ReadingRange {
        let range = ReadingRange(from: try time("from"), to: try time("to"))
        guard range.start < range.end else {
            throw ReadingProblem(type: "invalid-parameter", "from: expected a time before to")
        }
        return range
    }

    func count(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = self[name] else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw ReadingProblem.parameter(
                name, "a whole number from \(range.lowerBound) to \(range.upperBound)", not: text)
        }
        return value
    }

    func flag(_ name: String) throws -> Bool {
        switch self[name] {
        case nil, "0": return false
        case "1": return true
        case let text?: throw ReadingProblem.parameter(name, "0 or 1", not: text)
        }
    }

    /// One of a few words; the first is the default.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default fallback: Choice
    ) throws -> Choice where Choice.RawValue == String {
        guard let text = self[name] else { return fallback }
        guard let choice = Choice(rawValue: text) else {
            throw ReadingProblem.parameter(
                name, Choice.allCases.map(\.rawValue).joined(separator: " or "), not: text)
        }
        return choice
    }
}

/// A range of time in nanoseconds since the Unix epoch: the start belongs to it, the end does not.
struct ReadingRange: Sendable, Equatable {
    /// The start and the end as given.
    var from: Int64?
    var to: Int64?

    var start: Int64 { from ?? 0 }
    var end: Int64 { to ?? .max }

    func contains(_ time: UInt64) -> Bool { time >= UInt64(start) && time < UInt64(end) }

    /// At most `count` steps of equal length that cover the range; where it is open, from `first` to `last`.
    func steps(_ count: Int, from first: Int64, through last: Int64) -> ReadingSteps {
        let start = from ?? min(first, to ?? first)
        let end = max(to ?? last.plus(1), start.plus(1))
        let (length, rest) = end.minus(start).quotientAndRemainder(dividingBy: Int64(count))
        let step = max(1, rest > 0 ? length.plus(1) : length)
        return ReadingSteps(start: start, step: step, count: Int((end.minus(start) - 1) / step) + 1)
    }
}

/// Intervals of equal length, for figures over time.
struct ReadingSteps: Sendable, Equatable {
    var start: Int64
    var step: Int64
    var count: Int

    /// The interval that `time` lies in; the nearest if it lies outside.
    func index(of time: Int64) -> Int { min(max(0, Int(time.minus(start) / step)), count - 1) }
}
