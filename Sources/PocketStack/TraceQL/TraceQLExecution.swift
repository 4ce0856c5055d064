extension TraceQL {
    /// The spans of one trace as a query sees them.
    struct TraceView {
        /// For each span the values of the evaluator's fields.
        var values: [[Value]]
        /// For each span the index of its parent, `nil` if it has none or it has not been received.
        var parents: [Int?]
    }

    /// A set of spans of one trace that a query found.
    struct Selection: Equatable {
        /// Indices into the trace, ascending.
        var spans: [Int]
        /// What `by(…)` and the aggregates found out about the set.
        var attributes: [Attribute] = []

        struct Attribute: Equatable {
            var key: String
            var value: Value
        }
    }

    /// Runs a query over one trace after another.
    struct Execution {
        let query: Query
        let evaluator: Evaluator

        /// - Parameter others: fields whose values are wanted besides those that the query asks for.
        init(_ query: Query, reading others: [Field] = []) throws {
            self.query = query
            var fields = query.fields
            for field in others where !fields.contains(field) { fields.append(field) }
            evaluator = try Evaluator(fields: fields, expressions: query.expressions)
        }

        /// What the query finds in `trace`: nothing if it does not fit.
        func run(_ trace: TraceView) -> [Selection] {
            run(query.stages, [Selection(spans: Array(trace.values.indices))], trace)
        }

        private func run(_ stages: [Stage], _ input: [Selection], _ trace: TraceView) -> [Selection] {
            var selections = input
            for stage in stages where !selections.isEmpty { selections = run(stage, selections, trace) }
            return selections
        }

        private func run(_ stage: Stage, _ input: [Selection], _ trace: TraceView) -> [Selection] {
            switch stage {
            case .select: return input
            case .coalesce: return [Selection(spans: Set(input.flatMap(\.spans)).sorted())]
            case .spanset(let spanset):
                return input.compactMap { selection in
                    let spans = pick(spanset, selection.spans, trace)
                    return spans.isEmpty ? nil : Selection(spans: spans, attributes: selection.attributes)
                }
            case .group(let expression): return input.flatMap { group($0, by: expression, trace) }
            case .filter(let aggregate, let operation, let value):
                return input.compactMap { selection in
                    guard let result = self.value(of: aggregate, selection.spans, trace), let left = result.number,
                        let right = value.number, Evaluator.holds(operation, left, right)
                    else { return nil }
                    var selection = selection
                    selection.attributes.append(.init(key: aggregate.description, value: result))
                    return selection
                }
            }
        }

        private func pick(_ spanset: Spanset, _ spans: [Int], _ trace: TraceView) -> [Int] {
            switch spanset {
            case .filter(let expression):
                return spans.filter { evaluator.evaluate(expression, trace.values[$0]).isTrue }
            case .pipeline(let stages):
                return Set(run(stages, [Selection(spans: spans)], trace).flatMap(\.spans)).sorted()
            case .combined(let operation, let left, let right):
                let left = pick(left, spans, trace)
                if left.isEmpty, operation == .and { return [] }
                let right = pick(right, spans, trace)
                switch operation {
                case .and: return right.isEmpty ? [] : Set(left).union(right).sorted()
                case .or: return Set(left).union(right).sorted()
                case .related(let relation, let mode):
                    let related = relation.select(from: right, relatedTo: left, in: trace)
                    switch mode {
                    case .matching: return related.sorted()
                    case .negated: return Set(right).subtracting(related).sorted()
                    case .union:
                        let others = relation.inverse.select(from: left, relatedTo: right, in: trace)
                        return related.union(others).sorted()
                    }
                }
            }
        }

        private func group(_ selection: Selection, by expression: Expression, _ trace: TraceView) -> [Selection] {
            var groups: [(value: Value, spans: [Int])] = []
            for span in selection.spans {
                let value = evaluator.evaluate(expression, trace.values[span])
                if let index = groups.firstIndex(where: { $0.value == value }) {
                    groups[index].spans.append(span)
                } else {
                    groups.append((value, [span]))
                }
            }
            return groups.map {
                let attribute = Selection.Attribute(key: "by(\(expression))", value: $0.value)
                return Selection(spans: $0.spans, attributes: selection.attributes + [attribute])
            }
        }

        /// `nil` if no span has a number there.
        private func value(of aggregate: Aggregate, _ spans: [Int], _ trace: TraceView) -> Value? {
            guard let operand = aggregate.operand else { return .integer(Int64(spans.count)) }
            let values = spans.map { evaluator.evaluate(operand, trace.values[$0]) }
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

extension TraceQL.SpansetOperator.Relation {
    /// The relation seen from the other side.
    var inverse: Self {
        switch self {
        case .child: .parent
        case .parent: .child
        case .descendant: .ancestor
        case .ancestor: .descendant
        case .sibling: .sibling
        }
    }

    /// Those of `candidates` that are children, descendants … of one of `others`.
    func select(from candidates: [Int], relatedTo others: [Int], in trace: TraceQL.TraceView) -> Set<Int> {
        let anchors = Set(others)
        switch self {
        case .child: return Set(candidates.filter { trace.parents[$0].map(anchors.contains) ?? false })
        case .descendant: return Set(candidates.filter { trace.ancestors(of: $0).contains(where: anchors.contains) })
        case .parent: return Set(others.compactMap { trace.parents[$0] }).intersection(candidates)
        case .ancestor: return Set(others.flatMap { trace.ancestors(of: $0) }).intersection(candidates)
        case .sibling:
            var children: [Int: Int] = [:]
            for other in others { if let parent = trace.parents[other] { children[parent, default: 0] += 1 } }
            return Set(
                candidates.filter { candidate in
                    guard let parent = trace.parents[candidate], let count = children[parent] else { return false }
                    return count > (anchors.contains(candidate) ? 1 : 0)
                })
        }
    }
}

extension TraceQL.TraceView {
    /// The ancestors of a span, nearest first. Ends after as many steps as there are spans: ids may form a ring.
    fileprivate func ancestors(of span: Int) -> [Int] {
        var result: [Int] = []
        var current = parents[span]
        while let ancestor = current, result.count < parents.count {
            result.append(ancestor)
            current = parents[ancestor]
        }
        return result
    }
}
