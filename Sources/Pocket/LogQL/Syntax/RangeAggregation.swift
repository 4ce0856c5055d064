import QuerySupport

/// An aggregation of the lines in a window at each step: `count_over_time({…}[5m])` and similar.
package struct RangeAggregation: Sendable {
    package var function: RangeFunction
    /// The quantile of `quantile_over_time`.
    package var parameter: Double?
    package var pipeline: LogPipeline
    /// What is aggregated, if not the lines themselves.
    package var unwrap: Unwrap?
    /// The window's length in nanoseconds; it ends at each step, or `offset` nanoseconds earlier.
    package var window: Int64
    package var offset: Int64 = 0
    package var grouping: Grouping?
}

package enum RangeFunction: String, Sendable {
    case countOverTime = "count_over_time"
    case rate
    case bytesOverTime = "bytes_over_time"
    case bytesRate = "bytes_rate"
    case absentOverTime = "absent_over_time"
    case sumOverTime = "sum_over_time"
    case avgOverTime = "avg_over_time"
    case minOverTime = "min_over_time"
    case maxOverTime = "max_over_time"
    case firstOverTime = "first_over_time"
    case lastOverTime = "last_over_time"
    case stddevOverTime = "stddev_over_time"
    case stdvarOverTime = "stdvar_over_time"
    case quantileOverTime = "quantile_over_time"

    enum Operand { case lines, unwrapped, either }

    /// What it aggregates.
    var operand: Operand {
        switch self {
        case .countOverTime, .bytesOverTime, .bytesRate: .lines
        case .rate, .absentOverTime: .either
        default: .unwrapped
        }
    }

    /// Whether `by` and `without` may follow it.
    var mayBeGrouped: Bool { operand == .unwrapped && self != .sumOverTime }

    /// Whether a sum over series can be accumulated line by line, because the function is itself a sum.
    package var isSum: Bool { operand == .lines || self == .rate || self == .sumOverTime }
}

/// `unwrap label`: the numeric value of a label of each line.
package struct Unwrap: Sendable {
    package enum Conversion: String, Sendable {
        case number = ""
        /// The text is a duration such as `1.5s`; the value is in seconds.
        case duration
        case bytes
    }

    package var label: String
    package var conversion: Conversion
    /// Conditions that lines must meet afterwards, such as `__error__=""`.
    package var filters: [LabelFilter] = []

    /// The number in `text`, or why it has none.
    func value(of text: String) -> Result<Double, UnwrapProblem> {
        switch conversion {
        case .number:
            GoText.number(text).map { .success($0) }
                ?? .failure(UnwrapProblem(description: "strconv.ParseFloat: parsing \"\(text)\": invalid syntax"))
        case .duration:
            GoText.duration(text).map { .success(Double($0) / 1e9) }
                ?? .failure(UnwrapProblem(description: "time: invalid duration \"\(text)\""))
        case .bytes:
            Measure.bytes(text).map { .success(Double($0)) }
                ?? .failure(UnwrapProblem(description: "\"\(text)\" is not a size in bytes"))
        }
    }
}

struct UnwrapProblem: Error, Equatable {
    var description: String
}
