import EventLoop

/// The kinds that there are, with what they do.
package struct FaultCatalog: Sendable {
    package let definitions: [FaultDefinition]
    /// What rules may name.
    package let kinds: FaultKindTable
    private let effects: [FaultKind: [FaultEffect]]

    /// - Parameter definitions: no two of one name.
    package init(_ definitions: [FaultDefinition]) {
        self.definitions = definitions
        kinds = FaultKindTable(definitions.map(\.kind))
        effects = Dictionary(uniqueKeysWithValues: definitions.map { ($0.kind, $0.effects) })
    }

    /// Those of ``FaultDefinition/all``.
    package static let standard = FaultCatalog(FaultDefinition.all)

    /// What the rules that hit a request do, in the order of the rules.
    /// - Parameter eventLoop: for effects that wait.
    package func effects(
        of request: RequestFaults, on eventLoop: EventLoop? = nil
    ) -> [(fault: FaultOccurrence, effect: FaultEffect)] {
        effects(of: request.hits, request, eventLoop)
    }

    /// As ``effects(of:on:)``, but of several rules of one kind only the first counts.
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
