import QuerySupport

extension TraceQL {
    /// The spans of one trace as input of a query.
    package struct TraceView {
        /// The values of the evaluator's fields for each span.
        package var values: [[Value]]
        /// The index of each span's parent; `nil` if it has none or the parent has not been received.
        package var parents: [Int?]

        package init(values: [[Value]], parents: [Int?]) {
            self.values = values
            self.parents = parents
        }
    }

    /// A set of spans of one trace that a query found.
    package struct Selection: Equatable {
        /// Indices into the trace, ascending.
        package var spans: [Int]
        /// The results of `by(…)` and of aggregates for the set.
        package var attributes: [Attribute] = []

        package struct Attribute: Equatable {
            package var key: String
            package var value: Value
        }
    }

    /// Runs a query over one trace after another.
    package struct Execution {
        package let query: Query
        package let evaluator: Evaluator

        private let budget: QueryBudget

        /// - Parameters:
        ///   - others: fields whose values are wanted in addition to the query's own.
        ///   - budget: charged for evaluation and results.
        package init(_ query: Query, reading others: [Field] = [], budget: QueryBudget = QueryBudget()) throws {
            self.query = query
            self.budget = budget
            var fields = query.fields
            for field in others where !fields.contains(field) { fields.append(field) }
            evaluator = try Evaluator(fields: fields, expressions: query.expressions, budget: budget)
        }

        /// The query's results for `trace`; empty if it does not match.
        /// - Throws: once the budget is spent.
        package func run(_ trace: TraceView) throws -> [Selection] {
            try run(query.stages, [Selection(spans: Array(trace.values.indices))], trace)
        }

        private func run(_ stages: [Stage], _ input: [Selection], _ trace: TraceView) throws -> [Selection] {
            var selections = input
            let held = budget.bytes
            for stage in stages where !selections.isEmpty {
                // Releases the input of the previous stage.
                budget.release(to: held)
                try hold(selections)
                selections = try run(stage, selections, trace)
            }
            return selections
        }

        /// Charges sets of spans before they are held.
        private func hold(_ selections: [Selection]) throws {
            for selection in selections {
                try budget.charge(1 + selection.spans.count / 16)
                try budget.hold(96 + 8 * selection.spans.count + 64 * selection.attributes.count)
            }
        }

        private func run(_ stage: Stage, _ input: [Selection], _ trace: TraceView) throws -> [Selection] {
            switch stage {
            case .select: return input
            case .coalesce: return [Selection(spans: Set(input.flatMap(\.spans)).sorted())]
            case .spanset(let spanset):
                return try input.compactMap { selection in
                    let spans = try pick(spanset, selection.spans, trace)
                    return spans.isEmpty ? nil : Selection(spans: spans, attributes: selection.attributes)
                }
            case .group(let expression): return try input.flatMap { try group($0, by: expression, trace) }
            case .filter(let aggregate, let operation, let value):
                let key = aggregate.description
                return try input.compactMap { selection in
                    guard let result = try self.value(of: aggregate, selection.spans, trace), let left = result.number,
                        let right = value.number, Evaluator.holds(operation, left, right)
                    else { return nil }
                    var selection = selection
                    selection.attributes.append(.init(key: key, value: result))
                    return selection
                }
            }
        }

        /// The value of the expression for one span.
        private func evaluate(_ expression: Expression, _ span: Int, _ trace: TraceView) throws -> Value {
            let value = evaluator.evaluate(expression, trace.values[span])
            _ = try budget.goesOn()
            return value
        }

        private func pick(_ spanset: Spanset, _ spans: [Int], _ trace: TraceView) throws -> [Int] {
            try budget.charge(1 + spans.count / 16)
            switch spanset {
            case .filter(let expression):
                return try spans.filter { try evaluate(expression, $0, trace).isTrue }
            case .pipeline(let stages):
                return Set(try run(stages, [Selection(spans: spans)], trace).flatMap(\.spans)).sorted()
            case .combined(let operation, let left, let right):
                let left = try pick(left, spans, trace)
                if left.isEmpty, operation == .and { return [] }
                let right = try pick(right, spans, trace)
                switch operation {
                case .and: return right.isEmpty ? [] : Set(left).union(right).sorted()
                case .or: return Set(left).union(right).sorted()
                case .related(let relation, let mode):
                    let related = try relation.select(from: right, relatedTo: left, in: trace, budget)
                    switch mode {
                    case .matching: return related.sorted()
                    case .negated: return Set(right).subtracting(related).sorted()
                    case .union:
                        let others = try relation.inverse.select(from: left, relatedTo: right, in: trace, budget)
                        return related.union(others).sorted()
                    }
                }
            }
        }

        private func group(
            _ selection: Selection, by expression: Expression, _ trace: TraceView
        ) throws -> [Selection] {
            var groups: [(value: Value, spans: [Int])] = []
            var places: [Value: Int] = [:]
            for span in selection.spans {
                let value = try evaluate(expression, span, trace)
                if let place = places[value] {
                    groups[place].spans.append(span)
                } else {
                    places[value] = groups.count
                    groups.append((value, [span]))
                }
            }
            let key = "by(\(expression))"
            return groups.map {
                let attribute = Selection.Attribute(key: key, value: $0.value)
                return Selection(spans: $0.spans, attributes: selection.attributes + [attribute])
            }
        }

        /// `nil` if no span has a numeric value.
        private func value(of aggregate: Aggregate, _ spans: [Int], _ trace: TraceView) throws -> Value? {
            guard let operand = aggregate.operand else { return .integer(Int64(spans.count)) }
            let values = try spans.map { try evaluate(operand, $0, trace) }
            let numbers = values.compactMap(\.number)
            guard !numbers.isEmpty else { return nil }
            let result: Double
            switch aggregate.function {
            case .count: return .integer(Int64(spans.count))
            case .min: result = numbers.reduce(.infinity, min)
            case .max: result = numbers.reduce(-.infinity, max)
            case .sum: result = numbers.reduce(0, +)
            case .avg: result = numbers.reduce(0, +) / Double(numbers.count)
            }
            let present = values.filter { $0.number != nil }
            if present.allSatisfy({ $0.type == .duration }), let nanoseconds = Int64(exactly: result.rounded()) {
                return .duration(nanoseconds)
            }
            let isWhole = aggregate.function != .avg && present.allSatisfy { $0.type == .integer }
            if isWhole, let integer = Int64(exactly: result) { return .integer(integer) }
            return .double(result)
        }
    }
}
