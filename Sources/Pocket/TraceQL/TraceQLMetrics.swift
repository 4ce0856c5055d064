extension TraceQL {
    /// The metrics that a query computes from the spans that its pipeline selects, such as `rate() by (name)`.
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

            /// Whether it reads a field of each span.
            var takesField: Bool { self != .rate && self != .count }
            /// Whether spans are counted in powers of two of the field.
            package var countsBuckets: Bool { self == .quantile || self == .histogram }
        }

        package var function: Function
        /// The field read in each span; `nil` for `rate` and `count_over_time`.
        package var field: Field?
        /// For `quantile_over_time`, each between 0 and 1.
        package var quantiles: [Double] = []
        /// The fields whose values distinguish series.
        package var groups: [Field] = []
        package var secondStages: [SecondStage] = []
        /// The number of exemplars set in the query itself: `with (exemplars=…)`.
        package var exemplars: Exemplars?

        /// A step that processes the series afterwards.
        package enum SecondStage: Equatable, Sendable {
            /// `topk(n)` and `bottomk(n)`.
            case rank(largest: Bool, Int)
            /// Keeps the values that satisfy a comparison.
            case filter(BinaryOperator, Double)
        }

        /// `exemplars=true`, `false`, or a number of them.
        package enum Exemplars: Equatable, Sendable {
            case some(Bool)
            case count(Int)
        }

        /// The maximum number of fields to group by, as in Tempo: buckets take the place of one.
        static let maximumGroups = 5

        /// The fields that are read from each span.
        package var fields: [Field] { groups + (field.map { [$0] } ?? []) }
    }
}
