package struct OneLinkRule: LinkRule {
    package let number = 25
    package let name = "one link a line"
    package let explanation = """
        No line gets the same link twice: of all derived fields of a data source one leads to the trace. Broken by a \
        pattern that was kept for lines of another kind, and fits these, too. At most 200 lines are looked at.
        """

    private static let sample = 200

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        guard case .known(let links) = evidence.evidence.provisioned else {
            return findings.skip(links: evidence.evidence.provisioned)
        }
        let all = evidence.linkedLines.map(\.line)
        let step = max(1, all.count / Self.sample)
        for source in links.dataSources where source.isLogStore {
            // Another rule reports fields that cannot be applied.
            var names: Set<String> = []
            let matchers = source.derivedFields.filter { links.leadsToTraces($0) && names.insert($0.name).inserted }
                .compactMap { try? DerivedFieldMatcher($0) }
            var told: Set<[String]> = []
            for index in stride(from: 0, to: all.count, by: step).prefix(Self.sample) {
                findings.looked()
                let line = all[index]
                var byLink: [[String]: [String]] = [:]
                for matcher in matchers {
                    guard let value = matcher.value(in: line) else { continue }
                    let field = matcher.field
                    let link = Template(field.url).fill { name, path in
                        name == "__value" && path == "raw" ? value : nil
                    }
                    byLink[[field.datasourceUID ?? "", link.text], default: []].append(field.name)
                }
                for names in byLink.values where names.count > 1 && told.insert(names).inserted {
                    findings.violate(
                        "the derived fields \(names.joined(separator: ", ")) of \(source.name) make the same link of "
                            + "this line",
                        service: line.service, traceID: line.traceID, spanID: line.spanID, line: line.line)
                }
            }
        }
        if findings.checked == 0 { findings.skip("\(links.origin) has no log store, or no line led to a span") }
    }
}
