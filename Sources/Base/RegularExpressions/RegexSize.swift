/// How much a pattern will be once it is compiled, told by its tree alone: that costs what the pattern is long, whatever
/// its repetitions stand for. Beyond ``most`` all is the same.
struct RegexSize: Equatable {
    /// Without the one that matches.
    private(set) var instructions = 0
    /// The parts that are compiled, each as often as it is repeated: one that is empty makes no instruction.
    private(set) var pieces = 1

    static let most = 1 << 40

    init(_ node: RegexNode, savesGroups: Bool) {
        switch node {
        case .empty: break
        case .assertion: instructions = 1
        case .scalars(let ranges):
            let sequences = ranges.flatMap(UTF8Sequences.of)
            instructions = max(1, sequences.reduce(-1) { $0 + $1.count + 1 })
        case .sequence(let items): for item in items { add(RegexSize(item, savesGroups: savesGroups)) }
        case .alternation(let items):
            for item in items { add(RegexSize(item, savesGroups: savesGroups)) }
            instructions += items.count - 1
        case .group(let item, _):
            add(RegexSize(item, savesGroups: savesGroups))
            if savesGroups { instructions += 2 }
        case .repetition(let item, let minimum, let maximum, _):
            // What may be left out, or come again, needs a choice.
            let choices = maximum.map { max(0, $0 - minimum) } ?? 1
            add(RegexSize(item, savesGroups: savesGroups), times: minimum + choices)
            instructions += choices
        }
    }

    private mutating func add(_ other: RegexSize, times: Int = 1) {
        // Counts are at most 2,000, so that nothing overflows.
        instructions = min(instructions + times * other.instructions, Self.most)
        pieces = min(pieces + times * other.pieces, Self.most)
    }
}
