import QuerySupport

extension TraceQL.SpansetOperator.Relation {
    /// The relation with its sides swapped.
    var inverse: Self {
        switch self {
        case .child: .parent
        case .parent: .child
        case .descendant: .ancestor
        case .ancestor: .descendant
        case .sibling: .sibling
        }
    }

    /// The `candidates` that are children, descendants and so on of any of `others`. Visits each span a bounded number
    /// of times, whatever the trace's shape.
    func select(
        from candidates: [Int], relatedTo others: [Int], in trace: TraceQL.TraceView, _ budget: QueryBudget
    ) throws -> Set<Int> {
        try budget.charge(4 * (candidates.count + others.count) + trace.parents.count)
        switch self {
        case .child:
            let anchors = trace.marks(others)
            return Set(candidates.filter { trace.parents[$0].map { anchors[$0] } ?? false })
        case .descendant:
            let below = try trace.descendants(of: trace.marks(others), budget)
            return Set(candidates.filter { below[$0] })
        case .parent:
            let above = trace.marks(others.compactMap { trace.parents[$0] })
            return Set(candidates.filter { above[$0] })
        case .ancestor:
            let above = try trace.ancestors(of: others, budget)
            return Set(candidates.filter { above[$0] })
        case .sibling:
            let anchors = trace.marks(others)
            var children: [Int: Int] = [:]
            for other in others { if let parent = trace.parents[other] { children[parent, default: 0] += 1 } }
            return Set(
                candidates.filter { candidate in
                    guard let parent = trace.parents[candidate], let count = children[parent] else { return false }
                    return count > (anchors[candidate] ? 1 : 0)
                })
        }
    }
}

extension TraceQL.TraceView {
    /// For each span of the trace, whether it is in `spans`.
    fileprivate func marks(_ spans: [Int]) -> [Bool] {
        var marks = [Bool](repeating: false, count: parents.count)
        for span in spans { marks[span] = true }
        return marks
    }

    /// For each span, whether it is an ancestor of one of `spans`. Every span is visited once: the ancestors of a
    /// visited span have been visited too. In a cycle of parents each span is its own ancestor.
    fileprivate func ancestors(of spans: [Int], _ budget: QueryBudget) throws -> [Bool] {
        var above = [Bool](repeating: false, count: parents.count)
        for span in spans {
            var current = parents[span]
            while let ancestor = current, !above[ancestor] {
                try budget.charge()
                above[ancestor] = true
                current = parents[ancestor]
            }
        }
        return above
    }

    /// For each span, whether one of its ancestors is in `anchors`.
    fileprivate func descendants(of anchors: [Bool], _ budget: QueryBudget) throws -> [Bool] {
        enum Answer: UInt8 { case unknown, asked, no, yes }
        var answers = [Answer](repeating: .unknown, count: parents.count)
        var path: [Int] = []
        for span in parents.indices where answers[span] == .unknown {
            // Up to a span with a known answer, to a root, or once around a cycle.
            var current: Int? = span
            while let index = current, answers[index] == .unknown {
                try budget.charge()
                answers[index] = .asked
                path.append(index)
                current = parents[index]
            }
            if let index = current, answers[index] == .asked, let start = path.firstIndex(of: index) {
                // All spans of a cycle are each other's ancestors.
                let answer: Answer = path[start...].contains { anchors[$0] } ? .yes : .no
                for member in path[start...] { answers[member] = answer }
                path.removeSubrange(start...)
            }
            while let index = path.popLast() {
                let parent = parents[index]
                answers[index] = parent.map { anchors[$0] || answers[$0] == .yes } ?? false ? .yes : .no
            }
        }
        return answers.map { $0 == .yes }
    }
}
