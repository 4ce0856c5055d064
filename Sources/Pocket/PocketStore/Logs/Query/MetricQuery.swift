import LogQL

/// A row of numbers, one per step; `nil` where there is none.
package struct MetricSeries {
    /// Sorted by name.
    package var labels: [Label]
    package var values: [Double?]

    package init(labels: [Label], values: [Double?]) {
        self.labels = labels
        self.values = values
    }

    static let valueSize = MemoryLayout<Double?>.stride
}

/// The result of a metric expression.
package enum MetricValue {
    /// One number for every step.
    case scalar(Double)
    case vector([MetricSeries])

    /// Its approximate size in bytes.
    var size: Int {
        guard case .vector(let series) = self else { return 0 }
        return series.reduce(0) { $0 + 96 + $1.labels.size + $1.values.count * MetricSeries.valueSize }
    }
}

/// Runs a metric query.
package struct MetricQuery {
    package var expression: MetricExpression
    /// With aligned steps.
    package var range: QueryRange

    package init(expression: MetricExpression, range: QueryRange) {
        self.expression = expression
        self.range = range
    }
    /// The maximum number of series in an answer, as in Loki.
    static let maximumSeries = LokiLimits.maximumSeries
    /// The maximum number of values held at once.
    static let maximumCells = 4_000_000
    /// The maximum number of samples of a quantile.
    static let maximumSamples = 2_000_000

    package struct Result {
        package var value: MetricValue
        package var statistics: QueryStatistics
    }

    package func run(_ reader: LogReader) throws -> Result {
        var evaluator = MetricEvaluator(range: range, reader: reader)
        let value = try evaluator.evaluate(expression)
        if case .vector(let series) = value, series.count > Self.maximumSeries {
            throw LogQueryError.tooManySeries(Self.maximumSeries)
        }
        return Result(value: value, statistics: evaluator.statistics)
    }
}

/// Why a well-formed query has no answer.
package enum LogQueryError: Error, Equatable, CustomStringConvertible {
    case tooManySeries(Int)
    case tooManySamples(Int)
    /// A line could not be parsed or compared: a result that silently leaves it out would be wrong.
    case pipeline(error: String, labels: String)
    case manyToOne
    case duplicates(side: String)

    package var description: String {
        switch self {
        case .tooManySeries(let limit):
            "maximum number of series (\(limit)) reached for a single query; consider reducing query cardinality by "
                + "adding more specific stream selectors, reducing the time range, or aggregating results with "
                + "functions like sum(), count() or topk()"
        case .tooManySamples(let limit):
            "a quantile of more than \(limit) lines is not computed; select fewer streams, filter more, or reduce the "
                + "time range"
        case .pipeline(let error, let labels):
            """
            pipeline error: '\(error)' for series: '\(labels)'.
            Use a label filter to intentionally skip this error. (e.g | __error__!="\(error)").
            To skip all potential errors you can match empty errors.(e.g __error__="")
            The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__="" )

            """
        case .manyToOne:
            "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
        case .duplicates(let side):
            "found duplicate series on the \(side) hand-side; many-to-many matching not allowed: matching labels must "
                + "be unique on one side"
        }
    }
}

extension [Label] {
    /// Their approximate size in bytes.
    var size: Int { reduce(0) { $0 + 48 + $1.name.utf8.count + $1.value.utf8.count } }

    /// The labels in Loki's format: `{a="b", c="d"}`.
    var selector: String {
        "{" + map { "\($0.name)=\(LineTemplate.quoted($0.value))" }.joined(separator: ", ") + "}"
    }
}
