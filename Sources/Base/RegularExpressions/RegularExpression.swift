/// A compiled pattern in RE2's syntax that tells whether a text matches, in time linear in the text whatever the
/// pattern: neither a query nor a configuration can make it run for ever.
package struct RegularExpression: Sendable {
    package let pattern: String
    let program: RegexProgram
    /// A text that is in every match: to look for it first is quicker than any automaton.
    let requiredText: [UInt8]

    /// - Throws: ``RegularExpressionError``, worded as RE2 does.
    package init(_ pattern: String) throws(RegularExpressionError) {
        self.pattern = pattern
        let node = try RegexParser.parse(pattern).node
        program = try RegexProgram(node, pattern: pattern)
        requiredText = node.requiredText
    }

    /// How many instructions the pattern has become: what its memory, and a step over one byte at worst, grow with.
    package var size: Int { program.instructions.count }

    /// Whether the whole of `text` matches. For single tests; use a ``RegexMatcher`` for many.
    package func matchesWhole(_ text: String) -> Bool {
        RegexMatcher(self, anchored: true).matches(text)
    }
}

/// Tests texts against one pattern. Its states are built as they are met and kept, so that many texts cost one table
/// lookup a byte. Not thread-safe.
package final class RegexMatcher {
    /// Told how much work was done besides looking bytes up; answers whether to go on.
    package typealias Meter = (Int) -> Bool

    private let meter: Meter?
    private let program: RegexProgram
    private let anchored: Bool
    private let requiredText: [UInt8]
    private var closure: RegexClosure
    /// Bytes that no instruction tells apart share a class, which keeps the table small.
    private let byteClass: [UInt8]
    private let classCount: Int
    private let representatives: [UInt8]

    private struct State {
        var instructions: [Int32]
        /// The text may end here.
        var acceptsAtEnd: Bool
    }
    private var states: [State] = []
    /// Whether a state decides the matter whatever follows.
    private enum Finality: UInt8 {
        case none, accepts, stuck
    }
    private var final: [Finality] = []
    private var index: [[Int32]: Int32] = [:]
    /// `states.count` rows of `classCount`; -1 where not built yet.
    private var table: [Int32] = []
    private var first: Int32 = 0
    private static let maximumStates = 2000
    /// How many instructions the states hold together, at most, and do hold.
    private static let maximumHeld = 200_000
    private var held = 0

    /// - Parameters:
    ///   - anchored: whether the whole text must match, or a part of it is enough.
    ///   - meter: bounds the work. A text that it does not let be read to its end does not match.
    package init(_ expression: RegularExpression, anchored: Bool, meter: Meter? = nil) {
        self.meter = meter
        program = expression.program
        self.anchored = anchored
        requiredText = expression.requiredText
        closure = RegexClosure(program)
        (byteClass, representatives) = Self.classes(of: program)
        classCount = representatives.count
        reset()
    }

    package func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches($0) }
    }

    package func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard requiredText.isEmpty || bytes.contains(text: requiredText) else { return false }
        return program.looksAround ? simulate(bytes) : run(bytes)
    }

    private static func classes(of program: RegexProgram) -> ([UInt8], [UInt8]) {
        var starts = [Bool](repeating: false, count: 257)
        starts[0] = true
        for case .bytes(let range, _) in program.instructions {
            starts[Int(range.lowerBound)] = true
            starts[Int(range.upperBound) + 1] = true
        }
        var classes = [UInt8](repeating: 0, count: 256)
        var representatives: [UInt8] = []
        for byte in 0..<256 {
            if starts[byte] { representatives.append(UInt8(byte)) }
            classes[byte] = UInt8(representatives.count - 1)
        }
        return (classes, representatives)
    }

    private func reset() {
        states = []
        final = []
        table = []
        index = [:]
        held = 0
        first = state(for: closure.from([program.start], atStart: true))
    }

    private func state(for instructions: [Int32]) -> Int32 {
        if let known = index[instructions] { return known }
        let number = Int32(states.count)
        held += instructions.count
        let accepts = closure.contains(match: instructions)
        states.append(
            State(
                instructions: instructions,
                acceptsAtEnd: accepts || closure.contains(match: closure.from(instructions, atEnd: true))))
        final.append(!anchored && accepts ? .accepts : anchored && instructions.isEmpty ? .stuck : .none)
        table.append(contentsOf: repeatElement(-1, count: classCount))
        index[instructions] = number
        return number
    }

    private func run(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var current = first
        var position = 0
        while true {
            let stop = follow(bytes, &position, &current)
            switch stop {
            case .accepted: return true
            case .stuck: return false
            case .end: return states[Int(current)].acceptsAtEnd
            case .unknown:
                if let meter, !meter(states[Int(current)].instructions.count + 16) { return false }
                if states.count > Self.maximumStates || held > Self.maximumHeld {
                    // A text may lead through any number of states: all but this one are forgotten.
                    let instructions = states[Int(current)].instructions
                    reset()
                    current = state(for: instructions)
                }
                let symbol = byteClass[Int(bytes[position])]
                let next = build(from: current, on: representatives[Int(symbol)])
                table[Int(current) * classCount + Int(symbol)] = next
                current = next
                position += 1
            }
        }
    }

    private enum Stop {
        case accepted, stuck, end
        /// The next state has not been built yet.
        case unknown
    }

    /// Goes from state to state as far as they are known: the loop that a scan of many lines spends its time in.
    private func follow(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ current: inout Int32) -> Stop {
        table.withUnsafeBufferPointer { table in
            byteClass.withUnsafeBufferPointer { classes in
                final.withUnsafeBufferPointer { final in
                    var state = Int(current)
                    var index = position
                    defer {
                        current = Int32(state)
                        position = index
                    }
                    while true {
                        switch final[state] {
                        case .none: break
                        case .accepts: return .accepted
                        case .stuck: return .stuck
                        }
                        guard index < bytes.count else { return .end }
                        let next = table[state * classCount + Int(classes[Int(bytes[index])])]
                        guard next >= 0 else { return .unknown }
                        state = Int(next)
                        index += 1
                    }
                }
            }
        }
    }

    private func build(from current: Int32, on byte: UInt8) -> Int32 {
        var targets = closure.step(states[Int(current)].instructions, on: byte)
        if !anchored { targets.append(program.start) }
        return state(for: closure.from(targets))
    }

    static func isWord(_ byte: UInt8?) -> Bool {
        switch byte {
        case .some(48...57), .some(65...90), .some(95), .some(97...122): true
        default: false
        }
    }

    /// Follows the sets of instructions position by position; for patterns that look at neighbouring bytes.
    private func simulate(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var current = [program.start]
        for position in 0...bytes.count {
            let before = position > 0 ? bytes[position - 1] : nil
            let after = position < bytes.count ? bytes[position] : nil
            let reached = closure.from(
                current, atStart: before == nil, atEnd: after == nil, before: before, after: after)
            if closure.contains(match: reached), !anchored || after == nil { return true }
            if let meter, !meter(reached.count + 4) { return false }
            guard let after else { return false }
            current = closure.step(reached, on: after)
            if !anchored { current.append(program.start) }
        }
        return false
    }
}

/// Computes which instructions can be reached without consuming a byte.
private struct RegexClosure {
    private let program: RegexProgram
    private var mark: [UInt32]
    private var generation: UInt32 = 0
    private var stack: [Int32] = []

    init(_ program: RegexProgram) {
        self.program = program
        mark = Array(repeating: 0, count: program.instructions.count)
    }

    /// The consuming, matching and still undecided instructions reached from `starts`, sorted.
    mutating func from(
        _ starts: [Int32], atStart: Bool = false, atEnd: Bool = false, before: UInt8? = nil, after: UInt8? = nil
    ) -> [Int32] {
        generation &+= 1
        var result: [Int32] = []
        stack.append(contentsOf: starts)
        while let pointer = stack.popLast() {
            guard mark[Int(pointer)] != generation else { continue }
            mark[Int(pointer)] = generation
            switch program.instructions[Int(pointer)] {
            case .bytes, .match: result.append(pointer)
            case .save(_, let next): stack.append(next)
            case .split(let left, let right):
                stack.append(right)
                stack.append(left)
            case .assert(let assertion, let next):
                let holds =
                    switch assertion {
                    case .textStart: atStart
                    case .textEnd: atEnd
                    case .lineStart: atStart || before == 10
                    case .lineEnd: atEnd || after == 10
                    case .wordBoundary: RegexMatcher.isWord(before) != RegexMatcher.isWord(after)
                    case .notWordBoundary: RegexMatcher.isWord(before) == RegexMatcher.isWord(after)
                    }
                if holds { stack.append(next) }
                if assertion == .textEnd, !atEnd { result.append(pointer) }
            }
        }
        return result.sorted()
    }

    func contains(match instructions: [Int32]) -> Bool { instructions.first == 0 }

    func step(_ instructions: [Int32], on byte: UInt8) -> [Int32] {
        var result: [Int32] = []
        for pointer in instructions {
            if case .bytes(let range, let next) = program.instructions[Int(pointer)], range.contains(byte) {
                result.append(next)
            }
        }
        return result
    }
}
