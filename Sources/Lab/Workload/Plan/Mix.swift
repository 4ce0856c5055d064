/// A share of each choice, written `sync=70,async=30`: shares are whole numbers and count relative to their sum.
package struct Mix<Choice: MixChoice>: Sendable, Equatable, CustomStringConvertible {
    /// The choices with a share above 0, in the order they were written.
    package let shares: [Share]
    private let total: UInt64

    package struct Share: Sendable, Equatable {
        package var choice: Choice
        package var share: Int
    }

    /// The largest share allowed.
    package static var largestShare: Int { 1_000_000 }

    /// Reads `name=share` pairs separated by commas; a bare name has the share 1.
    package init(_ text: String) throws(MixError) {
        let names = Choice.allCases.map(\.rawValue)
        let known = names.joined(separator: ", ")
        var shares: [Share] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { $0.trimmed }
            guard let name = pair.first, !name.isEmpty else {
                throw MixError("'\(text)': expected NAME=SHARE,… with names of \(known)")
            }
            guard let choice = Choice(rawValue: name) else {
                throw MixError("'\(name)' is not known, expected names of \(known)", unknown: name, known: names)
            }
            guard !shares.contains(where: { $0.choice == choice }) else { throw MixError("'\(name)' is given twice") }
            guard pair.count == 2 else {
                shares.append(Share(choice: choice, share: 1))
                continue
            }
            guard let share = Int(pair[1]), (0...Self.largestShare).contains(share) else {
                throw MixError("\(name)=\(pair[1]): expected a whole number from 0 to \(Self.largestShare)")
            }
            shares.append(Share(choice: choice, share: share))
        }
        self.shares = shares.filter { $0.share > 0 }
        total = shares.reduce(0) { $0 + UInt64($1.share) }
        guard total > 0 else { throw MixError("expected at least one share above 0") }
    }

    /// A mix given in code. At least one share must be above 0.
    package init(_ shares: KeyValuePairs<Choice, Int>) {
        self.shares = shares.map { Share(choice: $0, share: $1) }.filter { $0.share > 0 }
        total = self.shares.reduce(0) { $0 + UInt64($1.share) }
        precondition(total > 0, "a mix without a share")
    }

    package static func only(_ choice: Choice) -> Mix { Mix([choice: 1]) }

    package func pick(_ generator: inout SeededGenerator) -> Choice {
        var rest = generator.next(below: total)
        for share in shares {
            if rest < UInt64(share.share) { return share.choice }
            rest -= UInt64(share.share)
        }
        return shares[shares.count - 1].choice
    }

    package var description: String { shares.map { "\($0.choice.rawValue)=\($0.share)" }.joined(separator: ",") }
}

/// What can be mixed: an enumeration whose raw values are the names.
package protocol MixChoice: RawRepresentable<String>, CaseIterable, Hashable, Sendable {}

/// A mix that cannot be read; the message says what was expected.
package struct MixError: Error, Equatable, CustomStringConvertible {
    package var description: String
    /// The unknown name and the known ones, for a hint.
    package var unknown: String?
    package var known: [String]

    package init(_ description: String, unknown: String? = nil, known: [String] = []) {
        self.description = description
        self.unknown = unknown
        self.known = known
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
