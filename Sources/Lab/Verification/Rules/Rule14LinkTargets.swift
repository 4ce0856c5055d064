package struct LinkTargetsRule: LinkRule {
    package let number = 14
    package let name = "links lead to traces"
    package let explanation = """
        The link that Grafana makes of a line's trace id leads to a data source that exists and keeps traces, and asks it \
        for that id, which the trace store knows. Broken by a uid that nobody has, or by a single $ in a provisioning \
        file, where $${__value.raw} must stand: ${__value.raw} is taken for an environment variable and becomes nothing. \
        The id may also stand in a search for it, { trace:id = "…" }, or be a variable of a dashboard.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        guard case .known(let links) = evidence.evidence.provisioned else {
            return findings.skip(links: evidence.evidence.provisioned)
        }
        let fields = links.derivedFields.filter { links.mayBeAboutTraces($0.field) }
        guard !fields.isEmpty else { return findings.skip("\(links.origin) has no derived field that leads anywhere") }
        for (source, field) in fields {
            let title = "derived field \(field.name) of \(source.name)"
            if let dashboard = field.dashboard {
                findings.looked()
                if let complaint = complaint(dashboard, links) { findings.violate("\(title) \(complaint)") }
                continue
            }
            guard let target = links.dataSources.find(field.datasourceUID ?? "") else {
                findings.looked()
                findings.violate("\(title) leads to data source \(field.datasourceUID ?? ""), which does not exist")
                continue
            }
            guard target.isTraceStore else {
                // If it finds other values than trace ids, that store may be the right target.
                guard let matcher = try? DerivedFieldMatcher(field), matcher.findsIDs(in: evidence) else { continue }
                findings.looked()
                findings.violate(
                    "\(title) leads to \(target.name), which is of the type \(target.type) and keeps no traces")
                continue
            }
            // Every line of a trace produces the same link.
            for (request, trace) in evidence.found {
                findings.looked()
                guard let complaint = complaint(field, trace.traceID) else { continue }
                findings.violate("\(title) \(complaint)", traceID: request.traceID)
                break
            }
        }
    }

    /// What is wrong with the link for a trace that the trace store has; `nil` if nothing is.
    private func complaint(_ field: DerivedField, _ traceID: String) -> String? {
        let filled = Template(field.url).fill { name, path in
            name == "__value" && path == "raw" ? traceID : nil
        }
        if filled.text.isEmpty { return "asks for nothing: its query is empty" }
        if let unknown = filled.undefined.first { return "has \(unknown) in its query, which has no value there" }
        let isSearch = filled.text.filter { $0 != " " } == "{trace:id=\"\(traceID)\"}"
        return isSearch || filled.text == traceID ? nil : "asks for '\(filled.text)' instead of the trace id"
    }

    /// What is wrong with a link to a dashboard; `nil` if nothing is.
    private func complaint(_ address: GrafanaAddress, _ links: ProvisionedLinks) -> String? {
        guard case .dashboard(let uid) = address.target, let dashboards = links.dashboards else { return nil }
        guard let target = dashboards.first(where: { $0.uid == uid }) else {
            return "leads to dashboard \(uid), which does not exist"
        }
        return address.setVariables.first { !target.variables.contains($0) }.map {
            "sets the variable \($0), which the dashboard \(target.title) does not have"
        }
    }
}
