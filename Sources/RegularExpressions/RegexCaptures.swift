extension RegularExpression {
    /// The first match from the left and the groups in it: element 0 is the whole match, element 1 the first group. A
    /// group that took no part is `nil`. Of several matches that begin at the same place the one counts that a
    /// backtracking engine, such as JavaScript's, would come upon first.
    package func firstMatch(in text: String) -> [String?]? {
        let bytes = Array(text.utf8)
        let isPossible = bytes.withUnsafeBufferPointer { requiredText.isEmpty || $0.contains(requiredText) }
        guard isPossible else { return nil }
        var simulation = CaptureSimulation(program, bytes)
        guard let slots = simulation.run() else { return nil }
        return stride(from: 0, to: slots.count, by: 2).map { slot in
            guard slots[slot] >= 0, slots[slot + 1] >= slots[slot] else { return nil }
            return String(decoding: bytes[slots[slot]..<slots[slot + 1]], as: UTF8.self)
        }
    }
}

/// Follows all ways through a program at once, the preferred ones first, each with the positions it has remembered
/// (R. Pike's simulation): a byte costs at most one step an instruction.
private struct CaptureSimulation {
    private struct Thread {
        var instruction: Int32
        var slots: [Int]
    }

    private let program: RegexProgram
    private let bytes: [UInt8]
    /// When an instruction was last reached: once a position is enough, for whoever comes first is preferred.
    private var mark: [Int]

    init(_ program: RegexProgram, _ bytes: [UInt8]) {
        self.program = program
        self.bytes = bytes
        mark = Array(repeating: -1, count: program.instructions.count)
    }

    /// The slots of the match, the whole match first.
    mutating func run() -> [Int]? {
        var matched: [Int]?
        var current: [Thread] = []
        for position in 0...bytes.count {
            if matched == nil {
                var slots = Array(repeating: -1, count: program.captureCount * 2 + 2)
                slots[0] = position
                follow(program.start, slots, at: position, into: &current)
            }
            if current.isEmpty {
                if matched != nil { break }
                continue
            }
            var next: [Thread] = []
            threads: for thread in current {
                switch program.instructions[Int(thread.instruction)] {
                case .bytes(let range, let target):
                    guard position < bytes.count, range.contains(bytes[position]) else { continue }
                    follow(target, thread.slots, at: position + 1, into: &next)
                case .match:
                    matched = thread.slots
                    matched?[1] = position
                    // What follows is less preferred.
                    break threads
                case .split, .save, .assert: continue
                }
            }
            current = next
        }
        return matched
    }

    /// Adds the consuming and matching instructions that are reached from `start` without a byte, the preferred first.
    private mutating func follow(_ start: Int32, _ slots: [Int], at position: Int, into threads: inout [Thread]) {
        var stack = [Thread(instruction: start, slots: slots)]
        while var thread = stack.popLast() {
            let index = Int(thread.instruction)
            guard mark[index] != position else { continue }
            mark[index] = position
            switch program.instructions[index] {
            case .bytes, .match: threads.append(thread)
            case .split(let preferred, let other):
                stack.append(Thread(instruction: other, slots: thread.slots))
                stack.append(Thread(instruction: preferred, slots: thread.slots))
            case .save(let slot, let next):
                thread.slots[Int(slot)] = position
                thread.instruction = next
                stack.append(thread)
            case .assert(let assertion, let next):
                let holds = assertion.holds(
                    atStart: position == 0, atEnd: position == bytes.count,
                    before: position > 0 ? bytes[position - 1] : nil,
                    after: position < bytes.count ? bytes[position] : nil)
                guard holds else { continue }
                thread.instruction = next
                stack.append(thread)
            }
        }
    }
}
