package struct SharedDialectRule: LinkRule {
    package let number = 23
    package let name = "patterns mean one thing"
    package let explanation = """
        A derived field's pattern keeps to what RE2 and JavaScript both know. Grafana applies it in the browser, in \
        JavaScript's dialect: [[:xdigit:]], (?i) and \\A are well known to Loki, and find nothing there, or end the \
        page's script. What only JavaScript knows cannot be checked here, nor used in a query of Loki's.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        guard case .known(let links) = evidence.evidence.provisioned else {
            return findings.skip(links: evidence.evidence.provisioned)
        }
        let fields = links.derivedFields
        guard !fields.isEmpty else { return findings.skip("\(links.origin) has no derived field") }
        for (source, field) in fields {
            findings.looked()
            guard let foreign = SharedDialect.foreign(in: field.expression) else { continue }
            findings.violate(
                "derived field \(field.name) of \(source.name) has \(foreign.text) in its pattern, which "
                    + "\(foreign.dialect.rawValue) alone knows")
        }
    }
}
