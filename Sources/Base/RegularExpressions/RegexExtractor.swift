/// A pattern of which not only a match, but its groups are asked for.
package struct RegexExtraction: Sendable {
    let expression: RegularExpression
    let program: RegexProgram
    /// What each group is called, from the first on; `nil` for one without a name.
    package let groupNames: [String?]

    /// How many instructions the pattern has become, times the groups that each way of matching notes.
    package var size: Int { expression.size + program.instructions.count * (1 + groupNames.count / 8) }

    /// - Throws: ``RegularExpressionError``, worded as RE2 does.
    package init(_ pattern: String) throws(RegularExpressionError) {
        expression = try RegularExpression(pattern)
        let (node, names) = try RegexParser.parse(pattern)
        program = try RegexProgram(node, pattern: pattern, savesGroups: true)
        groupNames = names
    }
}

/// Finds the groups of a pattern's leftmost match, as RE2 chooses it: the first alternative, the most of a greedy
/// repetition. Takes time in proportion to the text, whatever the pattern. Not thread-safe.
package final class RegexExtractor {
    private let program: RegexProgram
    private let matcher: RegexMatcher
    private let anchored: Bool
    private let slotCount: Int
    private var marks: [UInt32]
    private var generation: UInt32 = 0

    /// A way of matching so far, and where it has met groups; -1 where it has not.
    private struct Thread {
        var instruction: Int32
        var slots: [Int]
    }

    private let meter: RegexMatcher.Meter?

    /// - Parameters:
    ///   - anchored: whether the whole text must match.
    ///   - meter: bounds the work. A text that it does not let be read to its end does not match.
    package init(_ extraction: RegexExtraction, anchored: Bool, meter: RegexMatcher.Meter? = nil) {
        program = extraction.program
        self.meter = meter
        matcher = RegexMatcher(extraction.expression, anchored: anchored, meter: meter)
        self.anchored = anchored
        slotCount = 2 * (extraction.groupNames.count + 1)
        marks = Array(repeating: 0, count: program.instructions.count)
    }

    /// Where the match and each group are, the match first; `nil` for a group that is no part of it. `nil` without match.
    package func groups(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>?]? {
        // Most lines match or do not in one pass without groups.
        guard matcher.matches(bytes), let slots = run(bytes) else { return nil }
        return stride(from: 0, to: slotCount, by: 2).map { index in
            slots[index] >= 0 && slots[index + 1] >= slots[index] ? slots[index]..<slots[index + 1] : nil
        }
    }

    /// The match and each group as text, the match first; `nil` for a group that is no part of it. `nil` without match.
    package func groups(in text: String) -> [String?]? {
        var text = text
        return text.withUTF8 { bytes in
            groups(bytes)?.map { range in
                range.map { String(decoding: UnsafeBufferPointer(rebasing: bytes[$0]), as: UTF8.self) }
            }
        }
    }

    private func run(_ bytes: UnsafeBufferPointer<UInt8>) -> [Int]? {
        var current: [Thread] = []
        var best: [Int]?
        generation &+= 1
        for position in 0...bytes.count {
            if best == nil, position == 0 || !anchored {
                var slots = Array(repeating: -1, count: slotCount)
                slots[0] = position
                add(Thread(instruction: program.start, slots: slots), at: position, bytes, to: &current)
            }
            if current.isEmpty, best != nil || anchored { break }
            generation &+= 1
            if let meter, !meter(current.count * (1 + slotCount / 8) + 4) { return nil }
            var following: [Thread] = []
            threads: for thread in current {
                switch program.instructions[Int(thread.instruction)] {
                case .match:
                    guard !anchored || position == bytes.count else { continue }
                    best = thread.slots
                    best?[1] = position
                    // What comes after is not preferred.
                    break threads
                case .bytes(let range, let next):
                    guard position < bytes.count, range.contains(bytes[position]) else { continue }
                    add(Thread(instruction: next, slots: thread.slots), at: position + 1, bytes, to: &following)
                case .split, .save, .assert: continue
                }
            }
            current = following
        }
        return best
    }

    /// Follows what consumes nothing, the preferred way first, up to what consumes a byte or matches.
    private func add(
        _ thread: Thread, at position: Int, _ bytes: UnsafeBufferPointer<UInt8>, to threads: inout [Thread]
    ) {
        var stack = [thread]
        while var thread = stack.popLast() {
            let place = Int(thread.instruction)
            guard marks[place] != generation else { continue }
            marks[place] = generation
            switch program.instructions[place] {
            case .bytes, .match: threads.append(thread)
            case .split(let preferred, let other):
                stack.append(Thread(instruction: other, slots: thread.slots))
                thread.instruction = preferred
                stack.append(thread)
            case .save(let slot, let next):
                thread.slots[slot] = position
                thread.instruction = next
                stack.append(thread)
            case .assert(let assertion, let next):
                guard holds(assertion, at: position, bytes) else { continue }
                thread.instruction = next
                stack.append(thread)
            }
        }
    }

    private func holds(_ assertion: RegexAssertion, at position: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let before = position > 0 ? bytes[position - 1] : nil
        let after = position < bytes.count ? bytes[position] : nil
        return switch assertion {
        case .textStart: before == nil
        case .textEnd: after == nil
        case .lineStart: before == nil || before == 10
        case .lineEnd: after == nil || after == 10
        case .wordBoundary: RegexMatcher.isWord(before) != RegexMatcher.isWord(after)
        case .notWordBoundary: RegexMatcher.isWord(before) == RegexMatcher.isWord(after)
        }
    }
}
