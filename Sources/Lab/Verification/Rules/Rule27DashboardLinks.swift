package struct DashboardLinksRule: LinkRule {
    package let number = 27
    package let name = "dashboards' links arrive"
    package let explanation = """
        A link of a dashboard leads to a dashboard that exists, sets variables that exist there, fills them from variables \
        that exist here, and takes the time range along; one to its own dashboard takes along what is chosen there. A link \
        to Explore names data sources that exist. Broken by a uid or a variable that was renamed.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        guard case .known(let links) = evidence.evidence.provisioned else {
            return findings.skip(links: evidence.evidence.provisioned)
        }
        guard let dashboards = links.dashboards, !dashboards.isEmpty else {
            return findings.skip("no dashboards are known of \(links.origin)")
        }
        for dashboard in dashboards {
            for link in dashboard.links {
                guard let address = GrafanaAddress(link.url) else { continue }
                findings.looked()
                for complaint in complaints(link, address, from: dashboard, dashboards, links) {
                    findings.violate("dashboard \(dashboard.title), \(link.name): \(complaint)")
                }
            }
        }
        if findings.checked == 0 { findings.skip("no dashboard has a link inside Grafana") }
    }

    private func complaints(
        _ link: DashboardLink, _ address: GrafanaAddress, from dashboard: GrafanaDashboard,
        _ dashboards: [GrafanaDashboard], _ links: ProvisionedLinks
    ) -> [String] {
        var complaints: [String] = []
        for name in Self.variables(in: link.url) where !dashboard.variables.contains(name) {
            complaints.append("uses the variable \(name), which the dashboard does not have")
        }
        switch address.target {
        case .explore:
            guard let sources = address.exploredSources else { return complaints + ["cannot be read by Explore"] }
            for uid in sources where links.dataSources.find(uid) == nil && !uid.contains("$") {
                complaints.append("asks data source \(uid), which does not exist")
            }
        case .dashboard(let uid):
            guard let target = dashboards.first(where: { $0.uid == uid }) else {
                return complaints + ["leads to dashboard \(uid), which does not exist"]
            }
            for name in address.setVariables where !target.variables.contains(name) {
                complaints.append("sets the variable \(name), which \(target.title) does not have")
            }
            if !link.keepsTime, !address.setsTime { complaints.append("does not take the time range along") }
            complaints += lost(link, address, from: dashboard, to: target)
        }
        return complaints
    }

    /// Selections that a link to the same dashboard loses. A link that sets one trace needs no other selection.
    private func lost(
        _ link: DashboardLink, _ address: GrafanaAddress, from dashboard: GrafanaDashboard, to target: GrafanaDashboard
    ) -> [String] {
        let set = address.setVariables
        guard dashboard.uid == target.uid, !link.keepsVariables, !address.setsAllVariables, !set.contains("trace_id")
        else { return [] }
        return target.addressed.filter { !set.contains($0) }.map { "forgets what is chosen as \($0)" }
    }

    /// The dashboard's own variables in an address, without those of Grafana.
    private static func variables(in url: String) -> [String] {
        var used: [String] = []
        _ = Template(url).fill { name, _ in
            used.append(name)
            return "x"
        }
        return used.filter { !$0.hasPrefix("__") && $0 != "timeFilter" }
    }
}
