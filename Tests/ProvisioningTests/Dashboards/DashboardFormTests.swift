import Encoding
import Logging
import QuerySupport
import Testing
import Vocabulary

/// Rules for every dashboard and for all of them together, whatever they show.
@Suite("The form of the dashboards") struct DashboardFormTests {
    @Test func fiveDashboardsHaveDistinctNames() {
        let dashboards = Dashboard.all
        #expect(
            Set(dashboards.map(\.uid)) == [
                "tailspan-logs", "tailspan-services", "tailspan-traces", "tailspan-trace", "tailspan-incident",
            ])
        #expect(
            Set(dashboards.map(\.title)) == [
                "Logs Explorer", "Services (RED)", "Traces", "One trace", "Incident room",
            ])
        #expect(dashboards.count == 5)
    }

    /// Version 42 is the last of this schema; Grafana would migrate an older one at each load.
    @Test(arguments: Dashboard.all) func everyDashboardOpensAsAWorkshopNeedsIt(_ dashboard: Dashboard) {
        let json = dashboard.json
        #expect(json["schemaVersion"]?.integer == 42)
        #expect(json["editable"]?.bool == true)
        #expect(json["time"] == ["from": "now-15m", "to": "now"])
        #expect(json["tags"]?.array?.contains("tailspan") == true)
        #expect(json["description"]?.string?.isEmpty == false)
        // These are Grafana's own, and would change with every export.
        #expect(json["id"] == nil)
        #expect(json["version"] == nil)
    }

    /// A refresh closes the line that a reader has opened, and more than two a minute only add load.
    @Test(arguments: Dashboard.all) func noDashboardRefreshesTooOften(_ dashboard: Dashboard) throws {
        let refresh = try #require(dashboard.json["refresh"]?.string)
        let isForReading = ["tailspan-logs", "tailspan-trace"].contains(dashboard.uid)
        #expect(refresh.isEmpty == isForReading)
        if !refresh.isEmpty { #expect(try #require(Measure.duration(refresh)) >= 30_000_000_000) }
    }

    @Test(arguments: Dashboard.all) func eachPanelDescribesWhatItShows(_ dashboard: Dashboard) {
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

    @Test(arguments: Dashboard.all) func panelsDoNotOverlap(_ dashboard: Dashboard) throws {
        // What a closed row holds has no place on the page until the row is opened, and all below it moves down then.
        let page = dashboard.json["panels"]?.array ?? []
        for layer in [page] + page.compactMap({ $0["panels"]?.array }) {
            let placed = try layer.map { Panel(json: $0) }.map { ($0, try #require($0.place, "\($0.title)")) }
            for (index, (panel, place)) in placed.enumerated() {
                #expect(place.x >= 0 && place.y >= 0 && place.width >= 3 && place.x + place.width <= 24)
                #expect(panel.type == "row" ? place.height == 1 && place.width == 24 : place.height >= 3)
                for (other, second) in placed.dropFirst(index + 1) {
                    #expect(!place.overlaps(second), "\(panel.title) and \(other.title) overlap")
                }
            }
            // Each line of panels is as wide as the page, or readers look for what is missing.
            let lines = Dictionary(grouping: placed, by: \.1.y)
            for (y, line) in lines { #expect(line.reduce(0) { $0 + $1.1.width } == 24, "at \(y)") }
        }
    }

    /// Any other panel would have to be downloaded.
    @Test(arguments: Dashboard.all) func panelsAreBuiltIntoGrafana(_ dashboard: Dashboard) {
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
        // A variable may be made of another.
        for (path, text) in dashboard.texts where path.first != "templating" || path.last == "query" {
            for name in GrafanaText(text).names where !name.hasPrefix("__") {
                used.insert(name)
                #expect(defined.contains(name), "\(path): there is no variable \(name)")
            }
        }
        #expect(used == defined, "defined and never used: \(defined.subtracting(used))")
    }

    /// An empty selection must not give an empty answer.
    @Test(arguments: Dashboard.all) func variablesSelectEverythingByDefault(_ dashboard: Dashboard) {
        let choices: [String: [String]] = [
            "service": ServiceRole.allCases.map(\.rawValue),
            // The last is what shippers call a level that they cannot read.
            "level": Logger.Level.allCases.map(\.rawValue) + ["unknown"],
            // As many as an empty ledger starts with.
            "guild": (1...16).map { "g-\($0)" },
        ]
        for variable in dashboard.variables {
            let name = variable["name"]?.string ?? ""
            #expect(variable["description"]?.string?.isEmpty == false)
            guard let choice = choices[name] else {
                // A trace id is typed; what is made of it stands in no address.
                #expect(name == "trace_id" || (name == "trace" && variable["hide"]?.integer == 2), "\(name)")
                #expect((name == "trace") == (variable["skipUrlSync"]?.bool == true))
                #expect((name == "trace_id") == (variable["type"]?.string == "textbox"))
                #expect(name == "trace" || variable["query"]?.string == "")
                continue
            }
            #expect(variable["type"]?.string == "custom")
            #expect(variable["query"]?.string == choice.joined(separator: ","))
            #expect(variable["multi"]?.bool == true)
            #expect(variable["includeAll"]?.bool == true)
            // Without a value of its own, Grafana fills in all that can be chosen.
            #expect([".*", ".+", nil].contains(variable["allValue"]?.string), "\(name)")
            #expect(variable["current"]?["value"] == ["$__all"])
        }
    }
}
