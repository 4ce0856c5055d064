import LogQL
import QuerySupport

/// Combines the series on both sides of an operator, step by step.
struct VectorMatcher {
    let operation: BinaryOperator
    let matching: VectorMatching
    let steps: Int
    let budget: QueryBudget

    func combine(_ left: [MetricSeries], _ right: [MetricSeries]) throws -> [MetricSeries] {
        switch operation {
        case .and: try select(left, by: right) { $0 }
        case .unless: try select(left, by: right) { !$0 }
        case .or: try unite(left, right)
        default: try calculate(left, right)
        }
    }

    /// The labels by which series are matched.
    private func signature(_ series: MetricSeries) -> [Label] {
        matching.labels.map { $0.key(of: series.labels) } ?? series.labels
    }

    private func presence(of series: [MetricSeries]) throws -> [[Label]: [Bool]] {
        var present: [[Label]: [Bool]] = [:]
        for one in series {
            try charge()
            let key = signature(one)
            for (step, value) in one.values.enumerated() where value != nil {
                present[key, default: Array(repeating: false, count: steps)][step] = true
            }
        }
        return present
    }

    /// Charges reading or creating one row of numbers.
    private func charge() throws {
        try budget.charge(1 + steps)
        try budget.hold(64 + steps)
    }

    // MARK: Set operators

    /// Keeps the values of `left` for which `isWanted` accepts the presence of a partner.
    private func select(
        _ left: [MetricSeries], by right: [MetricSeries], _ isWanted: (Bool) -> Bool
    ) throws -> [MetricSeries] {
        let present = try presence(of: right)
        return try left.compactMap { one in
            try charge()
            let partner = present[signature(one)]
            let values = one.values.enumerated().map { step, value in
                isWanted(partner?[step] ?? false) ? value : nil
            }
            return values.contains { $0 != nil } ? MetricSeries(labels: one.labels, values: values) : nil
        }
    }

    private func unite(_ left: [MetricSeries], _ right: [MetricSeries]) throws -> [MetricSeries] {
        let present = try presence(of: left)
        var result = left
        var places: [[Label]: Int] = [:]
        for (index, one) in left.enumerated() { places[one.labels] = index }
        for one in right {
            try charge()
            let partner = present[signature(one)]
            let values = one.values.enumerated().map { step, value in partner?[step] ?? false ? nil : value }
            guard values.contains(where: { $0 != nil }) else { continue }
            if let place = places[one.labels] {
                for (step, value) in values.enumerated() where value != nil { result[place].values[step] = value }
            } else {
                places[one.labels] = result.count
                result.append(MetricSeries(labels: one.labels, values: values))
            }
        }
        return result
    }

    // MARK: Arithmetic

    private func calculate(_ left: [MetricSeries], _ right: [MetricSeries]) throws -> [MetricSeries] {
        let many = matching.many == .right ? right : left
        let partners = Dictionary(grouping: matching.many == .right ? left : right, by: signature)
        var result: [MetricSeries] = []
        var places: [[Label]: Int] = [:]
        var taken: [[Label]: [Bool]] = [:]
        for one in many {
            let key = signature(one)
            guard let others = partners[key] else { continue }
            for step in 0..<steps {
                guard let value = one.values[step] else { continue }
                try budget.charge(1 + others.count)
                let present = others.filter { $0.values[step] != nil }
                guard let other = present.first, let otherValue = other.values[step] else { continue }
                guard present.count == 1 else {
                    throw LogQueryError.duplicates(side: matching.many == .right ? "left" : "right")
                }
                if matching.many == nil {
                    if taken[key]?[step] ?? false { throw LogQueryError.manyToOne }
                    taken[key, default: Array(repeating: false, count: steps)][step] = true
                }
                let operands = matching.many == .right ? (otherValue, value) : (value, otherValue)
                guard let number = apply(operands.0, operands.1) else { continue }
                let labels = labels(one, other)
                if let place = places[labels] {
                    result[place].values[step] = number
                } else {
                    try budget.hold(96 + labels.count * 64 + steps * MetricSeries.valueSize)
                    places[labels] = result.count
                    result.append(MetricSeries(labels: labels, values: Array(repeating: nil, count: steps)))
                    result[result.count - 1].values[step] = number
                }
            }
        }
        return result
    }

    private func apply(_ left: Double, _ right: Double) -> Double? {
        MetricEvaluator.apply(operation, returnsBool: matching.returnsBool, left, right)
    }

    /// The labels of a result: the matching labels, or those of the series on the side with many.
    private func labels(_ one: MetricSeries, _ other: MetricSeries) -> [Label] {
        guard matching.many != nil else { return signature(one) }
        let included = other.labels.filter { matching.included.contains($0.name) }
        return (one.labels.filter { !matching.included.contains($0.name) } + included).sorted()
    }
}
