import QuerySupport

/// Looks for a query that can be parsed near one that cannot: makes small changes where the parser stopped, and others
/// after them, until the parser accepts one.
struct QueryRepair {
    /// What the parser says.
    enum Verdict {
        case sound
        /// It stopped there; lines and columns count from 1.
        case wrong(line: Int, column: Int)
    }

    /// A change of the text.
    enum Attempt {
        /// Closes a text: at a brace, a bar or a comma, or at the end.
        case closeQuote
        /// Closes the filter: where the parser stopped, or at the end.
        case closeBrace
        /// Puts the word where the parser stopped in quotes.
        case quoteWord
        /// Puts everything from there to the next stage in quotes.
        case quoteRest
        case replace(String, String)
        /// Takes words without any sign of a query for a text to look for in lines of this selector.
        case search(String)
        /// Puts the whole query in braces.
        case wrap
    }

    private let attempts: [Attempt]
    private let budget: QueryBudget
    private let judge: (String) -> Verdict

    /// A query has one or two mistakes; what needs more changes means something else.
    private static let maximumChanges = 4
    /// Longer queries come from programs.
    private static let maximumLength = 1000
    private static let maximumTries = 120

    /// - Parameters:
    ///   - attempts: what is tried, the likeliest first.
    ///   - budget: charged for every text that is parsed.
    ///   - judge: parses a query.
    init(of attempts: [Attempt], _ budget: QueryBudget, _ judge: @escaping (String) -> Verdict) {
        self.attempts = attempts
        self.budget = budget
        self.judge = judge
    }

    /// A query that can be parsed; `nil` if none was found. Fewer changes come first.
    func repaired(_ text: String) -> String? {
        guard text.unicodeScalars.count <= Self.maximumLength, case .wrong(let line, let column) = judge(text) else {
            return nil
        }
        var tries = 0
        var met: Set = [text]
        var current = [(text: Array(text.unicodeScalars), line: line, column: column)]
        for _ in 0..<Self.maximumChanges {
            var next: [(text: [Unicode.Scalar], line: Int, column: Int)] = []
            for (text, line, column) in current {
                let place = Self.index(in: text, line: line, column: column)
                for changed in attempts.flatMap({ $0.changes(of: text, at: place) }) {
                    let query = String(String.UnicodeScalarView(changed))
                    guard met.insert(query).inserted else { continue }
                    tries += 1
                    guard tries <= Self.maximumTries, budget.spend(64 + changed.count * 4) else { return nil }
                    switch judge(query) {
                    case .sound: return query
                    case .wrong(let line, let column): next.append((changed, line, column))
                    }
                }
            }
            current = next
        }
        return nil
    }

    private static func index(in text: [Unicode.Scalar], line: Int, column: Int) -> Int {
        var start = 0
        for _ in 1..<max(line, 1) { start = (text[start...].firstIndex(of: "\n") ?? text.count - 1) + 1 }
        return min(max(start + column - 1, 0), text.count)
    }
}

extension QueryRepair.Attempt {
    private static let ends: Set<Unicode.Scalar> = ["}", "|", ","]

    /// The texts that the change makes of `text`, whose parser stopped at `place`.
    fileprivate func changes(of text: [Unicode.Scalar], at place: Int) -> [[Unicode.Scalar]] {
        switch self {
        case .closeQuote:
            // Only an odd number of quotes leaves one open; it may be any.
            let quotes = text.indices.filter { text[$0] == "\"" }
            guard quotes.count % 2 == 1 else { return [] }
            let places = quotes.reversed().flatMap { open in
                [text[(open + 1)...].firstIndex { Self.ends.contains($0) } ?? text.count, text.count].map {
                    Self.trimmed(text, $0, from: open)
                }
            }
            return places.map { Self.inserting("\"", text, at: $0) }
        case .closeBrace:
            guard text.count(where: { $0 == "{" }) > text.count(where: { $0 == "}" }) else { return [] }
            return Set([Self.trimmed(text, place, from: 0), text.count]).sorted().map {
                Self.inserting("}", text, at: $0)
            }
        case .quoteWord:
            let end = text[place...].firstIndex { $0.properties.isWhitespace || Self.ends.contains($0) } ?? text.count
            return Self.quoting(text, place..<end)
        case .quoteRest:
            let end = text[place...].firstIndex { Self.ends.contains($0) } ?? text.count
            return Self.quoting(text, place..<Self.trimmed(text, end, from: place))
        case .replace(let old, let new):
            let whole = String(String.UnicodeScalarView(text))
            guard let first = whole.firstRange(of: old) else { return [] }
            return [Array(whole.replacing(old, with: new, subrange: first.lowerBound..<whole.endIndex).unicodeScalars)]
        case .search(let selector):
            guard !text.isEmpty, !text.contains(where: { "{}|=\"`()[]".unicodeScalars.contains($0) }) else { return [] }
            return [Array((selector + " |= \"").unicodeScalars) + text + ["\""]]
        case .wrap:
            guard !text.isEmpty, !text.contains("{"), !text.contains("}") else { return [] }
            return [["{", " "] + text + [" ", "}"]]
        }
    }

    private static func inserting(_ scalar: Unicode.Scalar, _ text: [Unicode.Scalar], at place: Int) -> [Unicode.Scalar]
    {
        Array(text[..<place]) + [scalar] + Array(text[place...])
    }

    private static func quoting(_ text: [Unicode.Scalar], _ range: Range<Int>) -> [[Unicode.Scalar]] {
        guard !range.isEmpty, !text[range].contains("\"") else { return [] }
        return [Array(text[..<range.lowerBound]) + ["\""] + text[range] + ["\""] + Array(text[range.upperBound...])]
    }

    /// The end of the text before `end`, without white space.
    private static func trimmed(_ text: [Unicode.Scalar], _ end: Int, from start: Int) -> Int {
        var end = end
        while end > start + 1, text[end - 1].properties.isWhitespace { end -= 1 }
        return end
    }
}
