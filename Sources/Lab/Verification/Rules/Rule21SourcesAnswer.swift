package struct SourcesAnswerRule: LinkRule {
    package let number = 21
    package let name = "data sources answer"
    package let explanation = """
        The stores of lines and traces answer where Grafana asks them: through its proxy with --grafana, else at the \
        address in the file, if that means the same on this machine. Broken by an address of another network, a closed \
        port, or an unset variable. A store of numbers, or a second store of traces, may be away: then that is told.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        guard case .known(let links) = evidence.evidence.provisioned else {
            return findings.skip(links: evidence.evidence.provisioned)
        }
        guard let clicks = links.clicks else { return findings.skip("no data source was asked") }
        let needed = Self.needed(links)
        var reasons: [(names: [String], text: String)] = []
        for source in links.dataSources {
            switch clicks.reach[source.uid] {
            case .answers?: findings.looked()
            case .silent(let reason)? where needed.contains(source.uid):
                findings.looked()
                findings.violate("\(source.name), \(source.url.isEmpty ? "without an address" : source.url): \(reason)")
            case .silent(let reason)?:
                findings.note("\(source.name) does not answer, so that what needs it stays empty: \(reason)")
            case .notAsked(let reason)?:
                if let index = reasons.firstIndex(where: { $0.text == reason }) {
                    reasons[index].names.append(source.name)
                } else {
                    reasons.append(([source.name], reason))
                }
            case nil: continue
            }
        }
        if findings.checked == 0 {
            let texts = reasons.map { "\($0.names.joined(separator: ", ")): \($0.text)" }
            findings.skip(texts.isEmpty ? "\(links.origin) has no data source" : texts.joined(separator: "; "))
        }
    }

    /// The default data source, the log stores, and the trace stores that these lead to.
    private static func needed(_ links: ProvisionedLinks) -> Set<String> {
        var uids = Set(links.dataSources.filter { $0.isDefault || $0.isLogStore }.map(\.uid))
        for (_, field) in links.derivedFields {
            if let target = field.datasourceUID.flatMap({ links.dataSources.find($0) }) { uids.insert(target.uid) }
            // A trace dashboard queries a trace store; the first one if there are several.
            if field.datasourceUID == nil, let store = links.dataSources.first(where: { $0.type == "tempo" }) {
                uids.insert(store.uid)
            }
        }
        return uids
    }
}
