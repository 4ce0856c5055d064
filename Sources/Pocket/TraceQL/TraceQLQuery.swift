extension TraceQL {
    /// A complete query.
    package struct Query: Equatable, Sendable {
        package var stages: [Stage]
        /// The metrics computed from the selected spans; `nil` for a query that returns spans.
        package var metrics: Metrics?

        package init(stages: [Stage], metrics: Metrics? = nil) {
            self.stages = stages
            self.metrics = metrics
        }

        /// The fields shown in results: those the query filters by, then those it selects.
        package var fields: [Field] {
            var result: [Field] = []
            for field in stages.flatMap(\.fields) where !result.contains(field) { result.append(field) }
            return result
        }
    }

    /// One step of a query: maps sets of spans of one trace to sets of spans of the same trace.
    package enum Stage: Equatable, Sendable {
        case spanset(Spanset)
        case filter(Aggregate, BinaryOperator, Value)
        case group(Expression)
        case coalesce
        case select([Field])

        var fields: [Field] {
            switch self {
            case .spanset(let spanset): spanset.fields
            case .filter(let aggregate, _, _): aggregate.operand?.fields ?? []
            case .group(let expression): expression.fields
            case .coalesce: []
            case .select(let fields): fields
            }
        }
    }

    /// Selects spans of a trace.
    package indirect enum Spanset: Equatable, Sendable {
        case filter(Expression)
        case combined(SpansetOperator, Spanset, Spanset)
        /// A pipeline in parentheses.
        case pipeline([Stage])

        /// Whether it contains a pipeline.
        var hasPipeline: Bool {
            switch self {
            case .filter: false
            case .combined(_, let left, let right): left.hasPipeline || right.hasPipeline
            case .pipeline: true
            }
        }

        var fields: [Field] {
            switch self {
            case .filter(let expression): expression.fields
            case .combined(_, let left, let right): left.fields + right.fields
            case .pipeline(let stages): stages.flatMap(\.fields)
            }
        }
    }

    /// How two sets of spans of one trace are combined.
    package enum SpansetOperator: Equatable, Sendable {
        /// If both have spans: all of them.
        case and
        /// If either has spans: all of them.
        case or
        /// The right-hand spans that are related to a left-hand one.
        case related(Relation, Mode)

        package enum Relation: String, Sendable {
            case child = ">"
            case descendant = ">>"
            case parent = "<"
            case ancestor = "<<"
            case sibling = "~"
        }

        package enum Mode: Sendable {
            case matching
            /// `!>`: the right-hand spans that are related to none.
            case negated
            /// `&>`: the left-hand spans too.
            case union
        }
    }

    /// A number computed from a set of spans.
    package struct Aggregate: Equatable, Sendable, CustomStringConvertible {
        package enum Function: String, Sendable { case count, avg, max, min, sum }

        package var function: Function
        /// The value aggregated from each span; `nil` for `count`.
        package var operand: Expression?

        package var description: String { "\(function.rawValue)(\(operand?.description ?? ""))" }
    }
}
