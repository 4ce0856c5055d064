import CommandLine

/// The kinds that rules may name, in the order in which they are shown.
package struct FaultKindTable: Sendable {
    package let kinds: [FaultKind]
    private let byName: [String: FaultKind]

    /// - Parameter kinds: no two of one name.
    package init(_ kinds: [FaultKind]) {
        self.kinds = kinds
        byName = Dictionary(uniqueKeysWithValues: kinds.map { ($0.rawValue, $0) })
    }

    package subscript(_ word: String) -> FaultKind? { byName[word] }

    /// The word that may have been meant.
    func nearest(to word: String) -> String? { Suggestion.closest(to: word, among: kinds.map(\.rawValue)) }
}
