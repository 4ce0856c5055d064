import RegularExpressions

/// A parsed query.
package enum LogQLQuery: Sendable {
    /// Returns lines.
    case logs(LogPipeline)
    /// Returns numbers.
    case metric(MetricExpression)
}

/// The streams to read, and the stages for each of their lines.
package struct LogPipeline: Sendable {
    package var matchers: [LabelMatcher]
    package var stages: [LogStage]
}

/// A condition on one label; a missing label counts as empty.
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

    /// Whether a label's value satisfies the matcher. For occasional use: regular expressions are slow this way.
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
    /// All fields, or only the named ones if there are any.
    case json([LabelExtraction])
    case logfmt([LabelExtraction])
    case label(LabelFilter)
    case pattern(LinePattern)
    case regexp(RegexExtraction)
    /// Rewrites the line.
    case lineFormat(LineTemplate)
    case labelFormat([LabelFormat])
    /// Removes the labels that satisfy a matcher.
    case drop([NamedLabelMatcher])
    /// Removes all labels except those that satisfy a matcher.
    case keep([NamedLabelMatcher])
}

/// A condition on the text of a line.
package struct LineFilter: Sendable {
    /// Whether matching lines are dropped instead of kept.
    package var isNegated: Bool
    /// The line must contain one of these.
    package var alternatives: [Alternative]

    package enum Alternative: Sendable {
        case text(String)
        case expression(RegularExpression)
        case pattern(LinePattern)
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

    package func holds(_ left: Double, _ right: Double) -> Bool {
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

/// The numeric operand of a label comparison.
package enum Quantity: Sendable, Equatable {
    case number(Double)
    /// Nanoseconds.
    case duration(Int64)
    case bytes(UInt64)
}

/// A new value for a label.
package struct LabelFormat: Sendable {
    package enum Source: Sendable {
        /// The name of the renamed label.
        case label(String)
        case template(LineTemplate)
    }

    package var name: String
    package var source: Source
}

/// A label by its name, or by its name and value.
package struct NamedLabelMatcher: Sendable {
    package var name: String
    package var matcher: LabelMatcher?
}

/// A query that returns numbers.
package indirect enum MetricExpression: Sendable {
    case range(RangeAggregation)
    case aggregate(Aggregation, parameter: Int?, Grouping?, MetricExpression)
    /// `sort` and `sort_desc`: the order of an instant query's answer.
    case sorted(descending: Bool, MetricExpression)
    case labelled(LabelReplacement, MetricExpression)
    case binary(BinaryOperator, VectorMatching, MetricExpression, MetricExpression)
    case literal(Double)
    case vector(Double)
}

/// `label_replace(…, "name", "replacement", "source", "pattern")`: if the pattern matches a label's whole value,
/// another label is set to the replacement, in which `$1` or `${name}` stands for a group.
package struct LabelReplacement: Sendable {
    package var name: String
    package var replacement: String
    package var source: String
    package var pattern: RegexExtraction
}

package enum Aggregation: String, Sendable {
    case sum, avg, min, max, count, stddev, stdvar, topk, bottomk
}

/// The labels that define groups: the named ones, or all except the named ones.
package struct Grouping: Sendable, Equatable {
    package var isWithout: Bool
    package var labels: [String]

    package init(isWithout: Bool, labels: [String]) {
        self.isWithout = isWithout
        self.labels = labels
    }
}

/// How the series on both sides of an operator are matched.
package struct VectorMatching: Sendable, Equatable {
    /// Whether a comparison returns 0 or 1 instead of filtering.
    package var returnsBool = false
    /// `on (…)` or, with `isWithout`, `ignoring (…)`; `nil` for all labels.
    package var labels: Grouping?
    /// The side where several series may match one on the other side.
    package var many: Side?
    /// The labels that those series get from the other side.
    package var included: [String] = []

    package enum Side: Sendable { case left, right }
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
    case and
    case or
    case unless

    /// Higher precedence binds tighter.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and, .unless: 2
        case .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual: 3
        case .add, .subtract: 4
        case .multiply, .divide, .modulo: 5
        case .power: 6
        }
    }

    /// Whether it only depends on which series exist, not on their values.
    var isSetOperator: Bool { self == .and || self == .or || self == .unless }

    package var comparison: Comparison? { Comparison(rawValue: rawValue) }
}
