/// Why a pattern cannot be used; the wording is RE2's, as Loki gives it.
package struct RegularExpressionError: Error, Equatable, CustomStringConvertible {
    package var description: String
    init(_ problem: String, _ part: some StringProtocol) {
        description = "error parsing regexp: \(problem): `\(part)`"
    }
}

/// A pattern as a tree.
indirect enum RegexNode {
    case empty
    /// One scalar out of sorted, disjoint ranges.
    case scalars([ClosedRange<UInt32>])
    case sequence([RegexNode])
    case alternation([RegexNode])
    /// `maximum` is `nil` for no limit. A lazy one prefers fewer.
    case repetition(RegexNode, minimum: Int, maximum: Int?, isLazy: Bool = false)
    /// Groups are counted from 1 by their opening parentheses.
    case group(RegexNode, number: Int)
    case assertion(RegexAssertion)
}

extension RegexNode {
    /// The longest text that every match has in it, as UTF-8; empty if there is none to be sure of.
    var requiredText: [UInt8] {
        var best: [UInt8] = []
        var run: [UInt8] = []
        collect(&run, &best)
        return run.count > best.count ? run : best
    }

    private func collect(_ run: inout [UInt8], _ best: inout [UInt8]) {
        switch self {
        case .empty, .assertion: break
        case .scalars(let ranges):
            if ranges.count == 1, ranges[0].count == 1, let scalar = Unicode.Scalar(ranges[0].lowerBound) {
                run.append(contentsOf: Array(String(Character(scalar)).utf8))
            } else {
                Self.end(&run, &best)
            }
        case .sequence(let items): for item in items { item.collect(&run, &best) }
        case .group(let item, _): item.collect(&run, &best)
        case .repetition(let item, let minimum, _, _):
            Self.end(&run, &best)
            guard minimum > 0 else { return }
            item.collect(&run, &best)
            Self.end(&run, &best)
        case .alternation: Self.end(&run, &best)
        }
    }

    private static func end(_ run: inout [UInt8], _ best: inout [UInt8]) {
        if run.count > best.count { best = run }
        run = []
    }
}

/// A condition on a position.
enum RegexAssertion: UInt8, Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, notWordBoundary
}

/// Sets of scalars as sorted, disjoint ranges.
enum ScalarRanges {
    static let all: [ClosedRange<UInt32>] = [0...0x10FFFF]
    static let digit: [ClosedRange<UInt32>] = [48...57]
    static let word: [ClosedRange<UInt32>] = [48...57, 65...90, 95...95, 97...122]
    static let space: [ClosedRange<UInt32>] = [9...10, 12...13, 32...32]

    static func normalized(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound &+ 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    static func inverted(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in normalized(ranges) {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { result.append(next...0x10FFFF) }
        return result
    }

    /// Adds the other case of every ASCII letter.
    static func caseFolded(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result = ranges
        for range in ranges {
            for (letters, shift) in [(UInt32(65)...UInt32(90), Int64(32)), (97...122, -32)]
            where range.overlaps(letters) {
                let part = range.clamped(to: letters)
                result.append(UInt32(Int64(part.lowerBound) + shift)...UInt32(Int64(part.upperBound) + shift))
            }
        }
        return normalized(result)
    }

    /// The class of a name such as `alpha`, as in `[[:alpha:]]`.
    static func posix(_ name: String) -> [ClosedRange<UInt32>]? {
        switch name {
        case "alnum": [48...57, 65...90, 97...122]
        case "alpha": [65...90, 97...122]
        case "ascii": [0...127]
        case "blank": [9...9, 32...32]
        case "cntrl": [0...31, 127...127]
        case "digit": digit
        case "graph": [33...126]
        case "lower": [97...122]
        case "print": [32...126]
        case "punct": [33...47, 58...64, 91...96, 123...126]
        case "space": [9...13, 32...32]
        case "upper": [65...90]
        case "word": word
        case "xdigit": [48...57, 65...70, 97...102]
        default: nil
        }
    }
}
