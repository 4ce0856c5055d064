/// Finds the word that was probably meant.
package enum Suggestion {
    /// The nearest of `candidates`, if it is close enough to be a typo.
    package static func closest(to text: String, among candidates: [String]) -> String? {
        guard text.count > 1 else { return nil }
        let ranked = candidates.map { candidate in
            let isBeginning = text.count >= 3 && candidate.hasPrefix(text)
            return (candidate, isBeginning ? 1 : distance(text.lowercased(), candidate.lowercased()))
        }
        guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
        return best.1 <= max(1, min(3, best.0.count / 3)) ? best.0 : nil
    }

    /// The number of insertions, deletions, replacements and swaps of neighbours between two texts (optimal string
    /// alignment distance).
    package static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left)
        let right = Array(right)
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for column in right.indices {
                let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
                var best = min(replaced, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, beforePrevious[column - 1] + 1)
                }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}
