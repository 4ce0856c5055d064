extension TraceQL {
    /// What a metrics query makes of the spans that its pipeline picks: numbers over time, such as `rate() by (name)`.
    package struct Metrics: Equatable, Sendable {
        package enum Function: String, Sendable, CaseIterable {
            case rate
            case count = "count_over_time"
            case minimum = "min_over_time"
            case maximum = "max_over_time"
            case average = "avg_over_time"
            case sum = "sum_over_time"
            case quantile = "quantile_over_time"
            case histogram = "histogram_over_time"

            /// Whether it looks at a field of each span, not at the span alone.
            var takesField: Bool { self != .rate && self != .count }
            /// Whether spans are counted in powers of two of the field.
            package var countsBuckets: Bool { self == .quantile || self == .histogram }
        }

        package var function: Function
        /// What is looked at in each span; `nil` for `rate` and `count_over_time`.
        package var field: Field?
        /// For `quantile_over_time`, each between 0 and 1.
        package var quantiles: [Double] = []
        /// The fields whose values tell series apart.
        package var groups: [Field] = []
        package var secondStages: [SecondStage] = []
        /// How many exemplars the query itself asks for: `with (exemplars=…)`.
        package var exemplars: Exemplars?

        /// What is done with the series afterwards, step by step.
        package enum SecondStage: Equatable, Sendable {
            /// `topk(n)` and `bottomk(n)`.
            case rank(largest: Bool, Int)
            /// Keeps the numbers that compare.
            case filter(BinaryOperator, Double)
        }

        /// `exemplars=true`, `false`, or a number of them.
        package enum Exemplars: Equatable, Sendable {
            case some(Bool)
            case count(Int)
        }

        /// How many fields a query may group by, as in Tempo: buckets take the place of one.
        static let maximumGroups = 5

        /// The fields that are read of each span.
        package var fields: [Field] { groups + (field.map { [$0] } ?? []) }
    }
}
