import Encoding
import Testing

/// The targets of dashboard links and the variables that they keep.
@Suite("The links of the dashboards") struct DashboardLinkTests {
    private static let known = Dictionary(uniqueKeysWithValues: Dashboard.all.map { ($0.uid, $0) })

    /// The links above the page lead to every other dashboard and keep time and variables.
    @Test(arguments: Dashboard.all) func everyDashboardLinksToAllOthers(_ dashboard: Dashboard) throws {
        let above = dashboard.json["links"]?.array ?? []
        let others = Set(Self.known.keys).subtracting([dashboard.uid])
        #expect(Set(above.compactMap { $0["url"]?.string }) == Set(others.map { "/d/" + $0 }))
        #expect(above.count == others.count)
        // Grafana shows no icon for any other name.
        let icons: Set = ["external link", "dashboard", "question", "info", "bolt", "doc", "cloud"]
        for link in above {
            #expect(link["keepTime"]?.bool == true && link["includeVars"]?.bool == true)
            #expect(icons.contains(link["icon"]?.string ?? ""))
            let target = try #require(Self.known[String(link["url"]?.string?.dropFirst(3) ?? "")])
            #expect(link["title"]?.string == target.title)
        }
    }

    @Test(arguments: Dashboard.all) func panelLinksKeepRangeAndVariables(_ dashboard: Dashboard) {
        var count = 0
        for panel in dashboard.panels {
            for link in ProvisionedQueries.links(of: panel.json) {
                let url = link["url"]?.string ?? ""
                count += 1
                #expect(link["title"]?.string?.isEmpty == false, "\(panel.title)")
                check(url, panel, dashboard)
            }
            for link in panel.json["options"]?["content"]?.string?.matches(of: /\]\(([^)]*)\)/) ?? [] {
                check(String(link.1), panel, dashboard)
            }
            let titles = (panel.defaults?["links"]?.array ?? []).compactMap { $0["title"]?.string }
            #expect(Set(titles).count == titles.count, "\(panel.title) has two links of one name")
        }
        // The page of one trace is where all the others lead.
        #expect(count > 5 || dashboard.uid == "tailspan-trace")
    }

    /// An id that is shown but cannot be clicked is half a link.
    @Test(arguments: Dashboard.all) func everyTraceIDLeadsToItsTrace(_ dashboard: Dashboard) {
        let ids: Set = ["trace_id", "traceID", "traceIdHidden", "trace:id"]
        for panel in dashboard.panels where panel.type == "table" {
            for override in panel.overrides {
                let isHidden =
                    Panel.property("custom.hideFrom", of: override) != nil
                    || Panel.property("custom.hidden", of: override)?.bool == true
                guard ids.contains(override["matcher"]?["options"]?.string ?? ""), !isHidden else { continue }
                let links = Panel.property("links", of: override)?.array ?? []
                #expect(
                    links.contains { $0["url"]?.string?.hasPrefix("/d/tailspan-trace?var-trace_id=") == true },
                    "\(panel.title)")
            }
        }
    }

    private func check(_ url: String, _ panel: Panel, _ page: Dashboard) {
        if url.hasPrefix("/d/") { checkDashboardLink(url, panel, page) } else { checkExploreLink(url, panel) }
    }

    private func checkDashboardLink(_ url: String, _ panel: Panel, _ page: Dashboard) {
        let parts = url.dropFirst(3).split(separator: "?", maxSplits: 1)
        guard let target = Self.known[String(parts[0])] else {
            Issue.record("\(panel.title): there is no dashboard \(parts[0])")
            return
        }
        let parameters = parts.count > 1 ? parts[1].split(separator: "&") : []
        // The page's, or one of its own.
        let range = ["from=", "to="].filter { name in parameters.contains { $0.hasPrefix(name) } }
        let hasRange = parameters.contains("${__url_time_range}") || range.count == 2
        #expect(hasRange, "\(panel.title): \(url) loses the time range")
        var carried: Set<String> = []
        for parameter in parameters where parameter.hasPrefix("var-") {
            carried.insert(String(parameter.dropFirst(4).prefix { $0 != "=" }))
        }
        for parameter in parameters where parameter.hasSuffix(":queryparam}") {
            carried.insert(String(parameter.dropFirst(2).prefix { $0 != ":" }))
        }
        #expect(
            carried.isSubset(of: target.linkedVariables),
            "\(panel.title): \(target.title) has no \(carried.subtracting(target.linkedVariables))")
        let lost = target.linkedVariables.intersection(page.linkedVariables).subtracting(carried)
        #expect(lost.isEmpty, "\(panel.title): \(url) loses \(lost.sorted())")
    }

    private func checkExploreLink(_ url: String, _ panel: Panel) {
        guard let value = ProvisionedQueries.panes(of: url) else {
            Issue.record("\(panel.title): \(url) leads neither to a dashboard nor to Explore")
            return
        }
        for (_, pane) in value.object?.members ?? [] {
            #expect(pane["range"] == ["from": "${__from}", "to": "${__to}"], "\(panel.title) loses the time range")
            #expect(pane["queries"]?[0]?["datasource"]?["uid"] == pane["datasource"], "\(panel.title)")
        }
    }
}
