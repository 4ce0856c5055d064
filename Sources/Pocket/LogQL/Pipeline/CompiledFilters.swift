import QuerySupport
import RegularExpressions

/// A line filter with compiled regular expressions.
struct CompiledLineFilter {
    private enum Alternative {
        case text([UInt8])
        case expression(RegexMatcher)
        case pattern(LinePattern)
    }

    private let isNegated: Bool
    private let alternatives: [Alternative]

    private let budget: QueryBudget?

    init(_ filter: LineFilter, _ budget: QueryBudget?) {
        self.budget = budget
        isNegated = filter.isNegated
        alternatives = filter.alternatives.map {
            switch $0 {
            case .text(let text): .text(Array(text.utf8))
            case .expression(let expression): .expression(RegexMatcher(expression, anchored: false, meter: budget))
            case .pattern(let pattern): .pattern(pattern)
            }
        }
    }

    func admits(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        let found = alternatives.contains {
            guard budget?.spend(1 + line.count / 64) ?? true else { return false }
            return switch $0 {
            case .text(let text): line.contains(text: text)
            case .expression(let matcher): matcher.matches(line)
            case .pattern(let pattern): pattern.matches(line)
            }
        }
        return found != isNegated
    }
}

/// A label filter with compiled regular expressions.
indirect enum CompiledLabelFilter {
    case and(CompiledLabelFilter, CompiledLabelFilter)
    case or(CompiledLabelFilter, CompiledLabelFilter)
    case equality(name: String, value: String, isNegated: Bool)
    case expression(name: String, RegexMatcher, isNegated: Bool)
    case quantity(name: String, Comparison, Quantity)

    init(_ filter: LabelFilter, _ budget: QueryBudget?) {
        switch filter {
        case .and(let left, let right):
            self = .and(CompiledLabelFilter(left, budget), CompiledLabelFilter(right, budget))
        case .or(let left, let right):
            self = .or(CompiledLabelFilter(left, budget), CompiledLabelFilter(right, budget))
        case .quantity(let name, let comparison, let quantity): self = .quantity(name: name, comparison, quantity)
        case .text(let matcher):
            let isNegated = matcher.comparison == .notEqual || matcher.comparison == .doesNotMatch
            if let expression = matcher.expression {
                self = .expression(
                    name: matcher.name, RegexMatcher(expression, anchored: true, meter: budget), isNegated: isNegated)
            } else {
                self = .equality(name: matcher.name, value: matcher.value, isNegated: isNegated)
            }
        }
    }

    func admits(_ labels: inout LineLabels) -> Bool {
        guard labels.spend(1) else { return false }
        switch self {
        case .and(let left, let right): return left.admits(&labels) && right.admits(&labels)
        case .or(let left, let right): return left.admits(&labels) || right.admits(&labels)
        case .equality(let name, let value, let isNegated): return ((labels.value(name) ?? "") == value) != isNegated
        case .expression(let name, let matcher, let isNegated):
            return matcher.matches(labels.value(name) ?? "") != isNegated
        case .quantity(let name, let comparison, let quantity):
            guard let text = labels.value(name) else { return false }
            let pair: (Double, Double)?
            switch quantity {
            case .number(let value): pair = GoText.number(text).map { ($0, value) }
            case .duration(let value): pair = GoText.duration(text).map { (Double($0), Double(value)) }
            case .bytes(let value): pair = Measure.bytes(text).map { (Double($0), Double(value)) }
            }
            if let pair { return comparison.holds(pair.0, pair.1) }
            // As in Loki, a line whose value cannot be compared is kept and marked, so that it is not overlooked.
            labels.setError("LabelFilterErr", "\(name)=\"\(text)\" is not a \(quantity.kind)")
            return true
        }
    }
}

extension Quantity {
    fileprivate var kind: String {
        switch self {
        case .number: "number"
        case .duration: "duration"
        case .bytes: "size in bytes"
        }
    }
}

/// A label of `drop` or `keep` with its compiled regular expression.
struct CompiledNamedMatcher {
    private let matcher: NamedLabelMatcher
    private let expression: RegexMatcher?

    init(_ matcher: NamedLabelMatcher, _ budget: QueryBudget?) {
        self.matcher = matcher
        expression = matcher.matcher?.expression.map { RegexMatcher($0, anchored: true, meter: budget) }
    }

    func covers(_ label: Label) -> Bool {
        guard label.name == matcher.name else { return false }
        guard let expression else { return matcher.matcher?.matches(label.value) ?? true }
        return expression.matches(label.value) == (matcher.matcher?.comparison == .matches)
    }
}
