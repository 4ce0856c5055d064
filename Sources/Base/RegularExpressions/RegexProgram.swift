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
    private let savesGroups: Bool

    /// - Parameter savesGroups: whether it notes where groups are; to tell whether there is a match is quicker without.
    init(_ node: RegexNode, pattern: String, savesGroups: Bool = false) throws(RegularExpressionError) {
        self.savesGroups = savesGroups
        // Before any of it is built: a short pattern can stand for very many instructions, and a query have many patterns.
        let size = RegexSize(node, savesGroups: savesGroups)
        guard size.instructions < Self.maximumSize, size.pieces <= 4 * Self.maximumSize else {
            throw RegularExpressionError("expression is too large", pattern)
        }
        instructions.reserveCapacity(size.instructions + 1)
        instructions.append(.match)
        start = compile(node, next: 0)
    }

    private mutating func emit(_ instruction: Instruction) -> Int32 {
        instructions.append(instruction)
        return Int32(instructions.count - 1)
    }

    /// Compiles back to front: every piece knows where the rest begins.
    private mutating func compile(_ node: RegexNode, next: Int32) -> Int32 {
        switch node {
        case .empty: return next
        case .assertion(let assertion):
            if assertion != .textStart, assertion != .textEnd { looksAround = true }
            return emit(.assert(assertion, next: next))
        case .scalars(let ranges):
            var branches: [Int32] = []
            for range in ranges {
                for sequence in UTF8Sequences.of(range) {
                    var entry = next
                    for bytes in sequence.reversed() { entry = emit(.bytes(bytes, next: entry)) }
                    branches.append(entry)
                }
            }
            return choice(of: branches)
        case .sequence(let items):
            var entry = next
            for item in items.reversed() { entry = compile(item, next: entry) }
            return entry
        case .alternation(let items):
            var branches: [Int32] = []
            for item in items { branches.append(compile(item, next: next)) }
            return choice(of: branches)
        case .group(let item, let number):
            guard savesGroups else { return compile(item, next: next) }
            let end = emit(.save(2 * number + 1, next: next))
            return emit(.save(2 * number, next: compile(item, next: end)))
        case .repetition(let item, let minimum, let maximum, let isLazy):
            var entry = next
            if let maximum {
                for _ in minimum..<max(minimum, maximum) {
                    let body = compile(item, next: entry)
                    entry = emit(isLazy ? .split(next, body) : .split(body, next))
                }
            } else {
                let loop = emit(.split(0, next))
                let body = compile(item, next: loop)
                instructions[Int(loop)] = isLazy ? .split(next, body) : .split(body, next)
                entry = loop
            }
            for _ in 0..<minimum { entry = compile(item, next: entry) }
            return entry
        }
    }

    /// One entry for several branches; with none nothing can match, which a byte range that never ends says.
    private mutating func choice(of branches: [Int32]) -> Int32 {
        guard var entry = branches.last else {
            let stuck = Int32(instructions.count)
            return emit(.split(stuck, stuck))
        }
        for branch in branches.dropLast().reversed() { entry = emit(.split(branch, entry)) }
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
