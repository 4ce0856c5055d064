import Encoding

/// The condition on a measured number: `> 10`, `== 0`, `between 5 and 20` (both included).
package enum Expectation: Sendable, Equatable, CustomStringConvertible {
    case compares(Comparison, Double)
    case between(Double, Double)

    package enum Comparison: String, Sendable, CaseIterable {
        // Longer operators first: they begin with the shorter ones.
        case atLeast = ">="
        case atMost = "<="
        case equal = "=="
        case unequal = "!="
        case more = ">"
        case less = "<"
    }

    /// Parses the text; `nil` if it is not an expectation.
    package init?(_ text: String) {
        let words = text.split(whereSeparator: \.isWhitespace)
        if words.first == "between" {
            guard words.count == 4, words[2] == "and", let low = Double.finite(String(words[1])),
                let high = Double.finite(String(words[3])), low <= high
            else { return nil }
            self = .between(low, high)
            return
        }
        let joined = words.joined()
        guard let comparison = Comparison.allCases.first(where: { joined.hasPrefix($0.rawValue) }), words.count <= 2,
            let bound = Double.finite(String(joined.dropFirst(comparison.rawValue.count)))
        else { return nil }
        self = .compares(comparison, bound)
    }

    package func holds(for value: Double) -> Bool {
        switch self {
        case .compares(.atLeast, let bound): value >= bound
        case .compares(.atMost, let bound): value <= bound
        case .compares(.equal, let bound): value == bound
        case .compares(.unequal, let bound): value != bound
        case .compares(.more, let bound): value > bound
        case .compares(.less, let bound): value < bound
        case .between(let low, let high): value >= low && value <= high
        }
    }

    package var description: String {
        switch self {
        case .compares(let comparison, let bound): "\(comparison.rawValue) \(bound.shortText)"
        case .between(let low, let high): "between \(low.shortText) and \(high.shortText)"
        }
    }
}
