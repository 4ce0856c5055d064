import RegularExpressions

/// A parsed query.
package enum LogQLQuery: Sendable {
    /// Asks for lines.
    case logs(LogPipeline)
    /// Asks for numbers.
    case metric(MetricExpression)
}

/// Which streams to read and what to do with each of their lines.
package struct LogPipeline: Sendable {
    package var matchers: [LabelMatcher]
    package var stages: [LogStage]
}

/// A condition on one label; a missing label is an empty one.
package struct LabelMatcher: Sendable {
    package enum Operator: String, Sendable {
        case equal = "="
        case notEqual = "!="
        case matches = "=~"
        case doesNotMatch = "!~"
    }

    package var name: String
    package var comparison: Operator
    package var value: String
    /// The compiled value of `=~` and `!~`, which must match the label's whole value.
    package var expression: RegularExpression?

    package init(name: String, comparison: Operator, value: String) throws(RegularExpressionError) {
        self.name = name
        self.comparison = comparison
        self.value = value
        if comparison == .matches || comparison == .doesNotMatch { expression = try RegularExpression(value) }
    }

    /// Whether a label's value satisfies the matcher. For single tests: regular expressions are slow this way.
    package func matches(_ candidate: String) -> Bool {
        switch comparison {
        case .equal: candidate == value
        case .notEqual: candidate != value
        case .matches: expression?.matchesWhole(candidate) ?? false
        case .doesNotMatch: !(expression?.matchesWhole(candidate) ?? true)
        }
    }
}

/// One step of a pipeline.
package enum LogStage: Sendable {
    case line(LineFilter)
    case json
    case logfmt
    case label(LabelFilter)
    /// Removes the labels that a matcher is true of.
    case drop([NamedLabelMatcher])
    /// Removes all labels but those that a matcher is true of.
    case keep([NamedLabelMatcher])
}

/// A condition on the text of a line.
package struct LineFilter: Sendable {
    /// Whether lines that match are dropped instead of kept.
    package var isNegated: Bool
    /// Any of these must be in the line.
    package var alternatives: [Alternative]

    package enum Alternative: Sendable {
        case text(String)
        case expression(RegularExpression)
    }
}

/// A condition on the labels of a line.
package indirect enum LabelFilter: Sendable {
    case and(LabelFilter, LabelFilter)
    case or(LabelFilter, LabelFilter)
    case text(LabelMatcher)
    case quantity(name: String, Comparison, Quantity)
}

package enum Comparison: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case greater = ">"
    case greaterOrEqual = ">="
    case less = "<"
    case lessOrEqual = "<="

    func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        case .less: left < right
        case .lessOrEqual: left <= right
        }
    }
}

/// What a label is compared with as a number.
package enum Quantity: Sendable, Equatable {
    case number(Double)
    /// Nanoseconds.
    case duration(Int64)
    case bytes(UInt64)
}

/// A label by its name, or by its name and value.
package struct NamedLabelMatcher: Sendable {
    package var name: String
    package var matcher: LabelMatcher?
}

/// A query that yields numbers.
package indirect enum MetricExpression: Sendable {
    /// Counts over a window of `range` nanoseconds that ends at each step.
    case range(RangeFunction, LogPipeline, range: Int64)
    case aggregate(Aggregation, parameter: Int?, Grouping?, MetricExpression)
    case binary(BinaryOperator, returnsBool: Bool, MetricExpression, MetricExpression)
    case literal(Double)
    case vector(Double)
}

package enum RangeFunction: String, Sendable {
    case countOverTime = "count_over_time"
    case rate
    case bytesOverTime = "bytes_over_time"
    case bytesRate = "bytes_rate"
}

package enum Aggregation: String, Sendable {
    case sum, avg, min, max, count, topk, bottomk
}

/// The labels that tell groups apart: those named, or all but those named.
package struct Grouping: Sendable, Equatable {
    package var isWithout: Bool
    package var labels: [String]
}

package enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case power = "^"
    case equal = "=="
    case notEqual = "!="
    case greater = ">"
    case greaterOrEqual = ">="
    case less = "<"
    case lessOrEqual = "<="

    /// How tightly it binds.
    var precedence: Int {
        switch self {
        case .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual: 1
        case .add, .subtract: 2
        case .multiply, .divide, .modulo: 3
        case .power: 4
        }
    }

    var comparison: Comparison? { Comparison(rawValue: rawValue) }
}
