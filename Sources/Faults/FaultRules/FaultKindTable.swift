import Encoding

/// The kinds that rules may name, in display order.
package struct FaultKindTable: Sendable {
    package let kinds: [FaultKind]
    private let byName: [String: FaultKind]

    /// - Parameter kinds: must have distinct names.
    package init(_ kinds: [FaultKind]) {
        self.kinds = kinds
        byName = Dictionary(uniqueKeysWithValues: kinds.map { ($0.rawValue, $0) })
    }

    package subscript(_ word: String) -> FaultKind? { byName[word] }

    /// Returns the kind that was probably meant.
    func nearest(to word: String) -> String? { Suggestion.closest(to: word, among: kinds.map(\.rawValue)) }
}
