import Contracts
import Encoding
import Logging
import Testing

/// What holds of each dashboard and of all together, whatever they show.
@Suite struct DashboardFormTests {
    @Test func thereAreFourWithNamesOfTheirOwn() {
        let dashboards = Dashboard.all
        #expect(
            Set(dashboards.map(\.uid)) == [
                "tailspan-logs", "tailspan-services", "tailspan-traces", "tailspan-incident",
            ])
        #expect(Set(dashboards.map(\.title)) == ["Logs Explorer", "Services (RED)", "Traces", "Incident room"])
        #expect(dashboards.count == 4)
    }

    /// Version 42 is the last of this form of dashboards; Grafana would migrate an older one at each load.
    @Test(arguments: Dashboard.all) func isLookedAtAsAWorkshopDoes(_ dashboard: Dashboard) {
        let json = dashboard.json
        #expect(json["schemaVersion"]?.integer == 42)
        #expect(json["editable"]?.bool == true)
        #expect(json["refresh"]?.string == "10s")
        #expect(json["time"] == ["from": "now-15m", "to": "now"])
        #expect(json["tags"]?.array?.contains("tailspan") == true)
        #expect(json["description"]?.string?.isEmpty == false)
        // These are Grafana's own, and would change with every export.
        #expect(json["id"] == nil)
        #expect(json["version"] == nil)
    }

    @Test(arguments: Dashboard.all) func eachPanelSaysWhatItShows(_ dashboard: Dashboard) {
        let panels = dashboard.panels
        #expect(Set(panels.map { $0.json["id"]?.integer }).count == panels.count, "two panels have one id")
        for panel in panels {
            #expect(!panel.title.isEmpty)
            guard panel.type != "row" else { continue }
            #expect((panel.json["description"]?.string ?? "").count > 20, "\(panel.title) is not described")
            if panel.showsData { #expect(!panel.targets.isEmpty, "\(panel.title) asks nothing") }
            if panel.showsNumbers { #expect(panel.defaults?["unit"]?.string != nil, "\(panel.title) has no unit") }
            if panel.type == "timeseries" || panel.type == "piechart" {
                #expect(panel.json["options"]?["legend"]?["showLegend"]?.bool == true, "\(panel.title) has no legend")
            }
            if panel.type == "timeseries" || panel.type == "stat" {
                #expect(panel.defaults?["thresholds"]?["steps"]?.array?.isEmpty == false, "\(panel.title)")
            }
            let references = panel.targets.map { $0["refId"]?.string }
            #expect(Set(references).count == references.count, "\(panel.title) has two targets of one name")
        }
        let titles = panels.filter { $0.type != "row" }.map(\.title)
        #expect(Set(titles).count == titles.count, "two panels have one title")
    }

    @Test(arguments: Dashboard.all) func panelsStandBesideEachOther(_ dashboard: Dashboard) throws {
        let placed = try dashboard.panels.map { ($0, try #require($0.place, "\($0.title) has no place")) }
        for (index, (panel, place)) in placed.enumerated() {
            #expect(place.x >= 0 && place.y >= 0 && place.width >= 3 && place.x + place.width <= 24, "\(panel.title)")
            #expect(panel.type == "row" ? place.height == 1 : place.height >= 3, "\(panel.title)")
            for (other, second) in placed.dropFirst(index + 1) {
                #expect(!place.overlaps(second), "\(panel.title) and \(other.title) overlap")
            }
        }
    }

    /// Anything else would have to be downloaded.
    @Test(arguments: Dashboard.all) func panelsComeWithGrafana(_ dashboard: Dashboard) {
        let core: Set = [
            "row", "text", "timeseries", "stat", "bargauge", "piechart", "table", "logs", "heatmap", "nodeGraph",
            "traces",
        ]
        for panel in dashboard.panels { #expect(core.contains(panel.type), "\(panel.title): \(panel.type)") }
        for (path, text) in dashboard.texts {
            #expect(!text.contains("http://") && !text.contains("https://"), "\(path) points out of Grafana")
        }
    }

    @Test(arguments: Dashboard.all) func dataSourcesAreProvisioned(_ dashboard: Dashboard) throws {
        var types = ["-- Grafana --": "grafana"]
        for file in try Repository.files(under: "grafana/provisioning/datasources", endingIn: ".yaml", ".yml") {
            for source in try Repository.yaml(file)["datasources"]?.array ?? [] {
                types[source["uid"]?.string ?? ""] = source["type"]?.string
            }
        }
        var count = 0
        func check(_ value: JSONValue) {
            switch value {
            case .array(let elements): elements.forEach(check)
            case .object(let object):
                for (name, value) in object.members {
                    if name == "datasource" {
                        count += 1
                        let uid = value["uid"]?.string ?? ""
                        #expect(types[uid] != nil, "there is no data source \(uid)")
                        #expect(types[uid] == value["type"]?.string)
                    }
                    check(value)
                }
            default: break
            }
        }
        check(dashboard.json)
        #expect(count > 0)
        for panel in dashboard.panels {
            for target in panel.targets { #expect(target["datasource"] != nil, "\(panel.title)") }
        }
    }

    @Test(arguments: Dashboard.all) func variablesAreDefinedAndUsed(_ dashboard: Dashboard) {
        let defined = dashboard.variableNames
        var used: Set<String> = []
        for (path, text) in dashboard.texts where path.first != "templating" {
            for name in GrafanaText(text).names where !name.hasPrefix("__") {
                used.insert(name)
                #expect(defined.contains(name), "\(path): there is no variable \(name)")
            }
        }
        #expect(used == defined, "defined and never used: \(defined.subtracting(used))")
    }

    /// An empty choice must not be an empty answer.
    @Test(arguments: Dashboard.all) func variablesChooseEverythingAtFirst(_ dashboard: Dashboard) {
        let choices: [String: [String]] = [
            "service": ServiceRole.allCases.map(\.rawValue), "level": Logger.Level.allCases.map(\.rawValue),
            // As many as an empty ledger starts with.
            "guild": (1...16).map { "g-\($0)" },
        ]
        for variable in dashboard.variables {
            let name = variable["name"]?.string ?? ""
            #expect(variable["description"]?.string?.isEmpty == false)
            if name == "trace_id" {
                #expect(variable["type"]?.string == "textbox")
                #expect(variable["query"]?.string == "")
                continue
            }
            #expect(variable["type"]?.string == "custom")
            #expect(variable["query"]?.string == choices[name]?.joined(separator: ","))
            #expect(variable["multi"]?.bool == true)
            #expect(variable["includeAll"]?.bool == true)
            #expect([".*", ".+"].contains(variable["allValue"]?.string), "\(name)")
            #expect(variable["current"]?["value"] == ["$__all"])
        }
    }

    @Test(arguments: Dashboard.all) func linksLeadSomewhere(_ dashboard: Dashboard) throws {
        let known = Dictionary(uniqueKeysWithValues: Dashboard.all.map { ($0.uid, $0) })
        // Those above the page lead to each of the others, and take time and variables along.
        let above = dashboard.json["links"]?.array ?? []
        let others = Set(known.keys).subtracting([dashboard.uid])
        #expect(Set(above.compactMap { $0["url"]?.string }) == Set(others.map { "/d/" + $0 }))
        for link in above {
            #expect(link["keepTime"]?.bool == true && link["includeVars"]?.bool == true)
            let target = try #require(known[String(link["url"]?.string?.dropFirst(3) ?? "")])
            #expect(link["title"]?.string == target.title)
        }
        for panel in dashboard.panels {
            for link in ProvisionedQueries.links(of: panel.json) {
                let url = link["url"]?.string ?? ""
                #expect(link["title"]?.string?.isEmpty == false, "\(panel.title)")
                if url.hasPrefix("/d/") { checkDashboardLink(url, known, panel) } else { checkExploreLink(url, panel) }
            }
            for link in panel.json["options"]?["content"]?.string?.matches(of: /\]\(([^)]*)\)/) ?? [] {
                #expect(known[String(link.1.dropFirst(3))] != nil, "\(panel.title): \(link.1)")
            }
        }
    }

    private func checkDashboardLink(_ url: String, _ known: [String: Dashboard], _ panel: Panel) {
        let parts = url.dropFirst(3).split(separator: "?", maxSplits: 1)
        guard let target = known[String(parts[0])] else {
            Issue.record("\(panel.title): there is no dashboard \(parts[0])")
            return
        }
        let parameters = parts.count > 1 ? parts[1].split(separator: "&") : []
        #expect(parameters.contains("${__url_time_range}"), "\(panel.title): \(url) loses the time range")
        for parameter in parameters where parameter.hasPrefix("var-") {
            let name = parameter.dropFirst(4).prefix { $0 != "=" }
            #expect(
                target.variableNames.contains(String(name)), "\(panel.title): \(target.title) has no variable \(name)")
        }
        for parameter in parameters where parameter.hasSuffix(":queryparam}") {
            let name = parameter.dropFirst(2).prefix { $0 != ":" }
            #expect(
                target.variableNames.contains(String(name)), "\(panel.title): \(target.title) has no variable \(name)")
        }
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
