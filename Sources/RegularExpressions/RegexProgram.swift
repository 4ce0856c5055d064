/// A pattern as a non-deterministic automaton over UTF-8 bytes.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        /// Consumes a byte in the range, then goes on at `next`.
        case bytes(ClosedRange<UInt8>, next: Int32)
        /// Goes on at both; the first is preferred where it matters which match is found.
        case split(Int32, Int32)
        /// Notes the position: the start and the end of group `n` are slots `2n` and `2n + 1`.
        case save(Int, next: Int32)
        case assert(RegexAssertion, next: Int32)
        case match
    }

    private(set) var instructions: [Instruction] = []
    private(set) var start: Int32 = 0
    /// Whether a position's neighbours matter beyond the text's ends: then only the slower simulation is right.
    private(set) var looksAround = false

    private static let maximumSize = 50_000
    /// How many pieces are compiled at most: one that is empty makes no instruction, however often it is repeated.
    private static let maximumPieces = 4 * maximumSize
    private var pieces = 0
    private let savesGroups: Bool

    /// - Parameter savesGroups: whether it notes where groups are; to tell whether there is a match is quicker without.
    init(_ node: RegexNode, pattern: String, savesGroups: Bool = false) throws(RegularExpressionError) {
        self.savesGroups = savesGroups
        instructions.append(.match)
        start = try compile(node, next: 0, pattern)
    }

    private mutating func emit(_ instruction: Instruction, _ pattern: String) throws(RegularExpressionError) -> Int32 {
        guard instructions.count < Self.maximumSize else {
            throw RegularExpressionError("expression is too large", pattern)
        }
        instructions.append(instruction)
        return Int32(instructions.count - 1)
    }

    /// Compiles back to front: every piece knows where the rest begins.
    private mutating func compile(
        _ node: RegexNode, next: Int32, _ pattern: String
    ) throws(RegularExpressionError)
        -> Int32
    {
        pieces += 1
        guard pieces <= Self.maximumPieces else { throw RegularExpressionError("expression is too large", pattern) }
        switch node {
        case .empty: return next
        case .assertion(let assertion):
            if assertion != .textStart, assertion != .textEnd { looksAround = true }
            return try emit(.assert(assertion, next: next), pattern)
        case .scalars(let ranges):
            var branches: [Int32] = []
            for range in ranges {
                for sequence in UTF8Sequences.of(range) {
                    var entry = next
                    for bytes in sequence.reversed() { entry = try emit(.bytes(bytes, next: entry), pattern) }
                    branches.append(entry)
                }
            }
            return try choice(of: branches, pattern)
        case .sequence(let items):
            var entry = next
            for item in items.reversed() { entry = try compile(item, next: entry, pattern) }
            return entry
        case .alternation(let items):
            var branches: [Int32] = []
            for item in items { branches.append(try compile(item, next: next, pattern)) }
            return try choice(of: branches, pattern)
        case .group(let item, let number):
            guard savesGroups else { return try compile(item, next: next, pattern) }
            let end = try emit(.save(2 * number + 1, next: next), pattern)
            return try emit(.save(2 * number, next: try compile(item, next: end, pattern)), pattern)
        case .repetition(let item, let minimum, let maximum, let isLazy):
            var entry = next
            if let maximum {
                for _ in minimum..<max(minimum, maximum) {
                    let body = try compile(item, next: entry, pattern)
                    entry = try emit(isLazy ? .split(next, body) : .split(body, next), pattern)
                }
            } else {
                let loop = try emit(.split(0, next), pattern)
                let body = try compile(item, next: loop, pattern)
                instructions[Int(loop)] = isLazy ? .split(next, body) : .split(body, next)
                entry = loop
            }
            for _ in 0..<minimum { entry = try compile(item, next: entry, pattern) }
            return entry
        }
    }

    /// One entry for several branches; with none nothing can match, which a byte range that never ends says.
    private mutating func choice(of branches: [Int32], _ pattern: String) throws(RegularExpressionError) -> Int32 {
        guard var entry = branches.last else {
            let stuck = Int32(instructions.count)
            return try emit(.split(stuck, stuck), pattern)
        }
        for branch in branches.dropLast().reversed() { entry = try emit(.split(branch, entry), pattern) }
        return entry
    }
}

/// The UTF-8 encodings of ranges of scalars.
enum UTF8Sequences {
    /// Sequences of byte ranges that together are exactly the encodings of `range`, surrogates left out.
    static func of(_ range: ClosedRange<UInt32>) -> [[ClosedRange<UInt8>]] {
        var result: [[ClosedRange<UInt8>]] = []
        for part: ClosedRange<UInt32> in [0...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF]
        where range.overlaps(part) {
            let clamped = range.clamped(to: part)
            split(encode(clamped.lowerBound), encode(clamped.upperBound), into: &result)
        }
        return result
    }

    private static func encode(_ value: UInt32) -> [UInt8] {
        guard let scalar = Unicode.Scalar(value) else { return [] }
        return Array(String(Character(scalar)).utf8)
    }

    /// Splits the range between two encodings of one length where the bytes after the first do not span all values.
    private static func split(_ low: [UInt8], _ high: [UInt8], into result: inout [[ClosedRange<UInt8>]]) {
        if low.count == 1 {
            result.append([low[0]...high[0]])
            return
        }
        let tail = low.count - 1
        let least = [UInt8](repeating: 0x80, count: tail)
        let most = [UInt8](repeating: 0xBF, count: tail)
        func prefixed(_ first: ClosedRange<UInt8>, _ low: [UInt8], _ high: [UInt8]) {
            var parts: [[ClosedRange<UInt8>]] = []
            split(low, high, into: &parts)
            for part in parts { result.append([first] + part) }
        }
        let (lowTail, highTail) = (Array(low[1...]), Array(high[1...]))
        if low[0] == high[0] { return prefixed(low[0]...low[0], lowTail, highTail) }
        var first = low[0]
        var last = high[0]
        if lowTail != least {
            prefixed(first...first, lowTail, most)
            first += 1
        }
        if highTail != most { last -= 1 }
        if first <= last { prefixed(first...last, least, most) }
        if highTail != most { prefixed(high[0]...high[0], least, highTail) }
    }
}
