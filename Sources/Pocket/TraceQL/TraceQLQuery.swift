extension TraceQL {
    /// A whole query.
    package struct Query: Equatable, Sendable {
        package var stages: [Stage]
        /// What is made of the spans that the stages pick; `nil` for a query that asks for spans.
        package var metrics: Metrics?

        package init(stages: [Stage], metrics: Metrics? = nil) {
            self.stages = stages
            self.metrics = metrics
        }

        /// The fields that results show: those the query filters by, then those it selects.
        package var fields: [Field] {
            var result: [Field] = []
            for field in stages.flatMap(\.fields) where !result.contains(field) { result.append(field) }
            return result
        }
    }

    /// One step of a query: takes sets of spans of one trace, gives sets of spans of that trace.
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

    /// Picks spans of a trace.
    package indirect enum Spanset: Equatable, Sendable {
        case filter(Expression)
        case combined(SpansetOperator, Spanset, Spanset)
        /// A pipeline in parentheses.
        case pipeline([Stage])

        /// Whether a pipeline is anywhere in it.
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

    /// How two sets of spans of one trace meet.
    package enum SpansetOperator: Equatable, Sendable {
        /// Both have spans: all of them.
        case and
        /// Either has spans: all of them.
        case or
        /// The right-hand spans that stand in a relation to a left-hand one.
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
            /// `!>`: the right-hand spans that stand in the relation to none.
            case negated
            /// `&>`: the left-hand spans too.
            case union
        }
    }

    /// One number about a set of spans.
    package struct Aggregate: Equatable, Sendable, CustomStringConvertible {
        package enum Function: String, Sendable { case count, avg, max, min, sum }

        package var function: Function
        /// What is looked at in each span; `nil` for `count`.
        package var operand: Expression?

        package var description: String { "\(function.rawValue)(\(operand?.description ?? ""))" }
    }
}
