/// A text that every match of a pattern contains.
///
/// Searching for it first is several times faster than RE2 if RE2 cannot search for a literal itself. RE2 does that
/// only for a prefix of the pattern, not for `declined` in `.*declined.*`.
struct RequiredText: Sendable {
    /// The text in UTF-8; empty if none is certain.
    private(set) var bytes: [UInt8] = []
    /// Whether the pattern begins with it.
    private(set) var isAtStart = true

    /// Whether a text contains it, or RE2 finds that out faster.
    func isIn(_ text: UnsafeBufferPointer<UInt8>) -> Bool { isAtStart || text.contains(text: bytes) }

    /// - Parameter pattern: must be valid.
    init(of pattern: String) {
        var scanner = PatternScanner(pattern)
        var levels = [Level()]
        var start = 0
        var previous: PatternScanner.Part?
        while let part = scanner.next() {
            switch part {
            case .literal(let scalar): levels[levels.count - 1].append(scalar, at: start)
            case .group, .plainGroup:
                levels[levels.count - 1].endRun()
                levels.append(Level())
            case .groupEnd:
                // RE2 decides what the pattern means. If this scanner disagrees, only speed may be lost.
                guard levels.count > 1 else { return }
                let group = levels.removeLast().longestText
                levels[levels.count - 1].group = group
            case .alternation: levels[levels.count - 1].hasAlternatives = true
            case .repetition(let mayBeNone):
                // In `ab{2}(?s)?`, the repetition applies to an earlier part.
                if previous?.isRepeatedWithWhatIsBefore ?? false { return }
                levels[levels.count - 1].repeatLast(mayBeNone: mayBeNone)
            case .flags, .anyByte, .other: levels[levels.count - 1].endRun()
            case .quotation: break
            }
            switch part {
            case .flags(let flags), .plainGroup(let flags):
                // With this flag, letters do not match only themselves.
                if flags.contains("i") { return }
            default: break
            }
            start = scanner.index
            if part != .quotation { previous = part }
        }
        guard let text = levels[0].longestText else { return }
        bytes = Array(String(text.scalars).utf8)
        isAtStart = text.start == 0
    }
}

extension PatternScanner.Part {
    /// Whether a following repetition does not apply to this part alone.
    fileprivate var isRepeatedWithWhatIsBefore: Bool {
        switch self {
        case .flags, .repetition: true
        default: false
        }
    }
}

/// Scalars that appear consecutively in every match.
private struct Run {
    var scalars = String.UnicodeScalarView()
    /// Where it begins in the pattern.
    var start = 0
}

/// What is known so far about a pattern, or about one of its groups.
private struct Level {
    /// If so, none of its texts is required.
    var hasAlternatives = false
    /// The text of a group that has just ended and may be repeated.
    var group: Run?
    private var run = Run()
    private var longest: Run?

    mutating func append(_ scalar: Unicode.Scalar, at start: Int) {
        keepGroup()
        if run.scalars.isEmpty { run.start = start }
        run.scalars.append(scalar)
    }

    mutating func repeatLast(mayBeNone: Bool) {
        if group != nil {
            if mayBeNone { group = nil }
            return keepGroup()
        }
        guard let last = run.scalars.popLast() else { return }
        let start = run.start + run.scalars.count
        endRun()
        guard !mayBeNone else { return }
        append(last, at: start)
        endRun()
    }

    mutating func endRun() {
        keepGroup()
        keep(run)
        run = Run()
    }

    /// The longest required text; the first one if there are several.
    var longestText: Run? {
        guard !hasAlternatives else { return nil }
        var level = self
        level.endRun()
        return level.longest
    }

    private mutating func keepGroup() {
        if let group { keep(group) }
        group = nil
    }

    private mutating func keep(_ run: Run) {
        if run.scalars.count > longest?.scalars.count ?? 0 { longest = run }
    }
}
