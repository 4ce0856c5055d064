/// Reads RE2's syntax: what Loki and Prometheus accept in `=~` and `|~`, without Unicode classes (`\pL`).
struct RegexParser {
    private struct Flags {
        var ignoresCase = false
        var dotMatchesNewline = false
        var multiline = false
        var swapsGreed = false
    }

    private let text: [Unicode.Scalar]
    private var index = 0
    private var flags = Flags()
    private var depth = 0
    /// The names of the groups so far; `nil` for one without.
    private var groupNames: [String?] = []

    private init(_ pattern: String) { text = Array(pattern.unicodeScalars) }

    static func parse(
        _ pattern: String
    ) throws(RegularExpressionError) -> (node: RegexNode, groupNames: [String?]) {
        var parser = RegexParser(pattern)
        let node = try parser.parseAlternation()
        guard parser.index == parser.text.count else { throw RegularExpressionError("unexpected )", pattern) }
        return (node, parser.groupNames)
    }

    private var next: Unicode.Scalar? { index < text.count ? text[index] : nil }

    private func slice(from start: Int) -> String {
        var result = String.UnicodeScalarView()
        result.append(contentsOf: text[start..<min(index, text.count)])
        return String(result)
    }

    private func rest(from start: Int) -> String {
        var result = String.UnicodeScalarView()
        result.append(contentsOf: text[start...])
        return String(result)
    }

    private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        index += 1
        return true
    }

    private func starts(with prefix: String) -> Bool { text[index...].starts(with: prefix.unicodeScalars) }

    private mutating func parseAlternation() throws(RegularExpressionError) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 200 else { throw RegularExpressionError("expression nests too deeply", rest(from: 0)) }
        var branches = [try parseSequence()]
        while accept("|") { branches.append(try parseSequence()) }
        return branches.count == 1 ? branches[0] : .alternation(branches)
    }

    private mutating func parseSequence() throws(RegularExpressionError) -> RegexNode {
        var items: [RegexNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let start = index
            switch scalar {
            case "*", "+", "?": throw RegularExpressionError("missing argument to repetition operator", String(scalar))
            default: break
            }
            if starts(with: "\\Q") {
                index += 2
                while index < text.count, !starts(with: "\\E") {
                    items.append(literal(text[index]))
                    index += 1
                }
                if index < text.count { index += 2 }
                continue
            }
            guard let atom = try parseAtom() else { continue }
            items.append(try parseRepetition(of: atom, from: start))
        }
        return items.count == 1 ? items[0] : items.isEmpty ? .empty : .sequence(items)
    }

    private mutating func parseRepetition(
        of atom: RegexNode, from start: Int
    ) throws(RegularExpressionError) -> RegexNode {
        var node = atom
        var operatorStart: Int?
        while let scalar = next {
            let begin = index
            let bounds: (Int, Int?)
            switch scalar {
            case "*": bounds = (0, nil)
            case "+": bounds = (1, nil)
            case "?": bounds = (0, 1)
            case "{":
                guard let parsed = try parseBounds() else { return node }
                bounds = parsed
            default: return node
            }
            if scalar != "{" { index += 1 }
            let isLazy = accept("?") != flags.swapsGreed
            if let operatorStart {
                throw RegularExpressionError("invalid nested repetition operator", slice(from: operatorStart))
            }
            operatorStart = begin
            node = .repetition(node, minimum: bounds.0, maximum: bounds.1, isLazy: isLazy)
        }
        return node
    }

    /// Reads `{2}`, `{2,}`, `{2,5}`; anything else is literal text, as RE2 has it.
    private mutating func parseBounds() throws(RegularExpressionError) -> (Int, Int?)? {
        let start = index
        index += 1
        guard let minimum = parseInteger() else {
            index = start
            return nil
        }
        var maximum: Int? = minimum
        if accept(",") { maximum = next == "}" ? nil : parseInteger() ?? -1 }
        guard maximum != -1, accept("}") else {
            index = start
            return nil
        }
        guard minimum <= 1000, maximum ?? 0 <= 1000, maximum.map({ $0 >= minimum }) ?? true else {
            throw RegularExpressionError("invalid repeat count", slice(from: start))
        }
        return (minimum, maximum)
    }

    private mutating func parseInteger() -> Int? {
        let start = index
        var value = 0
        while let scalar = next, ("0"..."9").contains(scalar), value < 100_000 {
            value = value * 10 + Int(scalar.value - 48)
            index += 1
        }
        return index > start ? value : nil
    }

    private func literal(_ scalar: Unicode.Scalar) -> RegexNode {
        let ranges = [scalar.value...scalar.value]
        return .scalars(flags.ignoresCase ? ScalarRanges.caseFolded(ranges) : ranges)
    }

    /// `nil` for a group that only sets flags.
    private mutating func parseAtom() throws(RegularExpressionError) -> RegexNode? {
        let scalar = text[index]
        switch scalar {
        case "(": return try parseGroup()
        case "[": return try parseClass()
        case ".":
            index += 1
            return .scalars(flags.dotMatchesNewline ? ScalarRanges.all : ScalarRanges.inverted([10...10]))
        case "^":
            index += 1
            return .assertion(flags.multiline ? .lineStart : .textStart)
        case "$":
            index += 1
            return .assertion(flags.multiline ? .lineEnd : .textEnd)
        case "\\": return try parseEscape()
        default:
            index += 1
            return literal(scalar)
        }
    }

    private mutating func parseGroup() throws(RegularExpressionError) -> RegexNode? {
        let start = index
        let saved = flags
        index += 1
        var number: Int?
        if accept("?") {
            if starts(with: "P<") || starts(with: "<") {
                _ = accept("P")
                index += 1
                let nameStart = index
                // Behind (?< may also be a lookbehind, which nothing here can follow.
                while let scalar = next, Self.isPartOfName(scalar) { index += 1 }
                let name = slice(from: nameStart)
                guard accept(">") else { throw RegularExpressionError("invalid named capture", rest(from: start)) }
                groupNames.append(name)
                number = groupNames.count
            } else {
                guard try parseFlags(from: start) else { return nil }
            }
        } else {
            groupNames.append(nil)
            number = groupNames.count
        }
        let body = try parseAlternation()
        guard accept(")") else { throw RegularExpressionError("missing closing )", rest(from: 0)) }
        flags = saved
        return number.map { .group(body, number: $0) } ?? body
    }

    private static func isPartOfName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
    }

    /// Reads `i-s:`; returns whether a body follows.
    private mutating func parseFlags(from start: Int) throws(RegularExpressionError) -> Bool {
        var value = true
        while let scalar = next {
            index += 1
            switch scalar {
            case "i": flags.ignoresCase = value
            case "s": flags.dotMatchesNewline = value
            case "m": flags.multiline = value
            case "U": flags.swapsGreed = value
            case "-": value = false
            case ":": return true
            case ")": return false
            default: throw RegularExpressionError("invalid or unsupported Perl syntax", slice(from: start))
            }
        }
        throw RegularExpressionError("missing closing )", rest(from: 0))
    }

    private mutating func parseEscape() throws(RegularExpressionError) -> RegexNode {
        let start = index
        index += 1
        guard let scalar = next else { throw RegularExpressionError("trailing backslash at end of expression", "") }
        switch scalar {
        case "b": return assertion(.wordBoundary)
        case "B": return assertion(.notWordBoundary)
        case "A": return assertion(.textStart)
        case "z": return assertion(.textEnd)
        default: break
        }
        if let ranges = shorthand(scalar) {
            index += 1
            return .scalars(ranges)
        }
        return literal(try parseEscapedScalar(from: start))
    }

    private mutating func assertion(_ assertion: RegexAssertion) -> RegexNode {
        index += 1
        return .assertion(assertion)
    }

    private func shorthand(_ scalar: Unicode.Scalar) -> [ClosedRange<UInt32>]? {
        switch scalar {
        case "d": ScalarRanges.digit
        case "D": ScalarRanges.inverted(ScalarRanges.digit)
        case "w": ScalarRanges.word
        case "W": ScalarRanges.inverted(ScalarRanges.word)
        case "s": ScalarRanges.space
        case "S": ScalarRanges.inverted(ScalarRanges.space)
        default: nil
        }
    }

    /// Reads what follows a backslash that stands for one scalar.
    private mutating func parseEscapedScalar(from start: Int) throws(RegularExpressionError) -> Unicode.Scalar {
        guard let scalar = next else { throw RegularExpressionError("trailing backslash at end of expression", "") }
        index += 1
        switch scalar {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "a": return "\u{07}"
        case "x":
            let digits: String
            if accept("{") {
                let first = index
                while let scalar = next, scalar != "}" {
                    _ = scalar
                    index += 1
                }
                digits = slice(from: first)
                index += 1
            } else {
                let first = index
                index = min(index + 2, text.count)
                digits = slice(from: first)
            }
            if let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) { return scalar }
        default:
            let isWord = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            if scalar.isASCII, !isWord { return scalar }
        }
        throw RegularExpressionError("invalid escape sequence", slice(from: start))
    }

    private mutating func parseClass() throws(RegularExpressionError) -> RegexNode {
        let start = index
        index += 1
        let isNegated = accept("^")
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while isFirst || next != "]" {
            guard let scalar = next else { throw RegularExpressionError("missing closing ]", rest(from: start)) }
            isFirst = false
            if starts(with: "[:") {
                let begin = index
                index += 2
                let name = index
                while let scalar = next, scalar != "]" {
                    _ = scalar
                    index += 1
                }
                let inner = slice(from: name)
                guard accept("]"), inner.hasSuffix(":"), let named = ScalarRanges.posix(String(inner.dropLast())) else {
                    throw RegularExpressionError("invalid character class range", slice(from: begin))
                }
                ranges += named
                continue
            }
            let begin = index
            index += 1
            var low = scalar
            if scalar == "\\" {
                if let escaped = next, let named = shorthand(escaped) {
                    index += 1
                    ranges += named
                    continue
                }
                low = try parseEscapedScalar(from: begin)
            }
            var high = low
            if next == "-", index + 1 < text.count, text[index + 1] != "]" {
                index += 1
                let second = index
                high = text[index]
                index += 1
                if high == "\\" { high = try parseEscapedScalar(from: second) }
            }
            guard low <= high else {
                throw RegularExpressionError("invalid character class range", slice(from: begin))
            }
            ranges.append(low.value...high.value)
        }
        index += 1
        ranges = flags.ignoresCase ? ScalarRanges.caseFolded(ranges) : ScalarRanges.normalized(ranges)
        return .scalars(isNegated ? ScalarRanges.inverted(ranges) : ranges)
    }
}
