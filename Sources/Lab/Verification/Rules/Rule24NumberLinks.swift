import Vocabulary

package struct NumberLinksRule: LinkRule {
    package let number = 24
    package let name = "links to numbers resolve"
    package let explanation = """
        The service map, the links from spans to metrics and those from exemplars to traces lead to data sources that \
        exist and keep such things; their queries have values for all variables and ask for metrics that the services, or \
        Tempo, make; the attribute on a trace's bars is one that spans have. What Prometheus has is asked where it answers.
        """

    /// The exemplar labels that hold a trace id: the services' and Tempo's.
    private static let exemplarLabels: Set<String> = [LogField.traceID, "traceID"]

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        guard case .known(let links) = evidence.evidence.provisioned else {
            return findings.skip(links: evidence.evidence.provisioned)
        }
        for source in links.dataSources {
            if let uid = source.serviceMapUID {
                check(target: uid, "the service map of \(source.name)", links, &findings) { $0.isNumberStore }
            }
            if let setting = source.tracesToMetrics { check(setting, of: source, links, evidence, &findings) }
            if let tag = source.spanBarTag { check(tag: tag, of: source, evidence, &findings) }
            for link in source.exemplars { check(link, of: source, links, &findings) }
            if source.isNumberStore { checkSeries(source, links, &findings) }
        }
        if findings.checked == 0 { findings.skip("\(links.origin) has no link to numbers") }
    }

    @discardableResult
    private func check(
        target uid: String, _ title: String, _ links: ProvisionedLinks, _ findings: inout Findings,
        _ isFit: (DataSource) -> Bool
    ) -> DataSource? {
        findings.looked()
        guard let target = links.dataSources.find(uid) else {
            findings.violate("\(title) leads to data source \(uid), which does not exist")
            return nil
        }
        guard isFit(target) else {
            findings.violate("\(title) leads to \(target.name), which is of the type \(target.type)")
            return nil
        }
        return target
    }

    private func check(
        _ setting: TracesToMetrics, of source: DataSource, _ links: ProvisionedLinks, _ evidence: IndexedEvidence,
        _ findings: inout Findings
    ) {
        let title = "the link from spans of \(source.name) to metrics"
        guard check(target: setting.datasourceUID, title, links, &findings, \.isNumberStore) != nil else { return }
        let exposed = links.clicks?.exposed ?? []
        for query in setting.queries {
            guard let text = query.text else { continue }
            for (span, trace) in Self.servers(evidence) {
                findings.looked()
                let variables = SpanVariables(mapping: setting.tags, of: source, span: span, in: trace)
                let filled = Template(text).fill(variables.value)
                guard let name = filled.undefined.first ?? filled.empty.first else { continue }
                findings.violate(
                    "\(title), '\(query.name)': \(name) has no value, so Grafana shows no link", service: span.service,
                    traceID: trace.traceID, spanID: span.spanID)
                break
            }
            // If the services were not asked, their metrics are unknown.
            guard !exposed.isEmpty else { continue }
            for metric in NumberLinks.metrics(in: text).sorted() {
                findings.looked()
                guard !exposed.contains(metric), !NumberLinks.isMadeByTempo(metric) else { continue }
                findings.violate("\(title), '\(query.name)': neither a service nor Tempo makes a metric \(metric)")
            }
        }
    }

    /// One SERVER span of each service: the services' metrics count these.
    private static func servers(_ evidence: IndexedEvidence) -> [(SpanRecord, TraceData)] {
        var seen: Set<String> = []
        return evidence.found.flatMap { found in
            found.trace.spans.filter { $0.kind == .server && seen.insert($0.service).inserted }.map {
                ($0, found.trace)
            }
        }
    }

    private func check(
        tag: String, of source: DataSource, _ evidence: IndexedEvidence, _ findings: inout Findings
    ) {
        let traces = evidence.found
        guard !traces.isEmpty else { return }
        findings.looked()
        let isThere = traces.contains { found in
            found.trace.spans.contains { span in
                span.attribute(tag) != nil || span.resource.contains { $0.name == tag }
            }
        }
        if !isThere {
            findings.violate("\(source.name) is to show '\(tag)' on the bars of a trace, which no span has")
        }
    }

    private func check(
        _ link: ExemplarLink, of source: DataSource, _ links: ProvisionedLinks, _ findings: inout Findings
    ) {
        let title = "the link of exemplars of \(source.name) by '\(link.label)'"
        if let uid = link.datasourceUID { check(target: uid, title, links, &findings, \.isTraceStore) }
        findings.looked()
        guard !Self.exemplarLabels.contains(link.label) else { return }
        findings.violate(
            "\(title): no exemplar has that label; the services' have \(LogField.traceID), Tempo's traceID")
    }

    /// An empty store proves nothing about names.
    private func checkSeries(_ source: DataSource, _ links: ProvisionedLinks, _ findings: inout Findings) {
        let known = links.clicks?.numbers[source.uid] ?? [:]
        guard known.values.contains(where: { !$0.isEmpty }) else { return }
        for (metric, labels) in known.sorted(by: { $0.key < $1.key }) {
            findings.looked()
            // There may not have been any failure.
            guard labels.isEmpty, !metric.contains("_failed_") else { continue }
            // Tempo derives its metrics some time after the spans, and a trace store may derive none.
            guard !NumberLinks.isMadeByTempo(metric) else {
                findings.note("\(source.name) has no series of \(metric), which Tempo may make of spans")
                continue
            }
            findings.violate("\(source.name) has no series of \(metric), to which a link leads")
        }
    }
}
