import EventLoop
import FaultRules

/// The known kinds with their effects.
package struct FaultCatalog: Sendable {
    package let definitions: [FaultDefinition]
    /// The kinds that rules may name.
    package let kinds: FaultKindTable
    private let effects: [FaultKind: [FaultEffect]]

    /// - Parameter definitions: must have distinct names.
    package init(_ definitions: [FaultDefinition]) {
        self.definitions = definitions
        kinds = FaultKindTable(definitions.map(\.kind))
        effects = Dictionary(uniqueKeysWithValues: definitions.map { ($0.kind, $0.effects) })
    }

    /// The kinds of ``FaultDefinition/all``.
    package static let standard = FaultCatalog(FaultDefinition.all)

    /// Returns the effects of the rules that hit a request, in rule order.
    /// - Parameter eventLoop: the loop for effects that wait.
    package func effects(
        of request: RequestFaults, on eventLoop: EventLoop? = nil
    ) -> [(fault: FaultOccurrence, effect: FaultEffect)] {
        effects(of: request.hits, request, eventLoop)
    }

    /// Like ``effects(of:on:)``, but only the first rule of each kind counts.
    package func firstEffects(
        of request: RequestFaults, on eventLoop: EventLoop? = nil
    ) -> [(fault: FaultOccurrence, effect: FaultEffect)] {
        var seen: Set<FaultKind> = []
        return effects(of: request.hits.filter { seen.insert($0.kind).inserted }, request, eventLoop)
    }

    private func effects(
        of hits: [FaultHit], _ request: RequestFaults, _ eventLoop: EventLoop?
    ) -> [(fault: FaultOccurrence, effect: FaultEffect)] {
        hits.flatMap { hit in
            let fault = FaultOccurrence(hit, of: request, on: eventLoop)
            return (effects[hit.kind] ?? []).map { (fault, $0) }
        }
    }
}
