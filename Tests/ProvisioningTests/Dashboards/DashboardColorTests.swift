import Encoding
import Testing
import Vocabulary

/// One colour means one thing on every page.
@Suite("The colours of the dashboards") struct DashboardColorTests {
    private static let services = ["gateway": "blue", "tasks": "green", "executor": "orange", "payments": "purple"]
    /// A call has the colour of the service that is called.
    private static let edges = [
        "gateway → tasks": "green", "tasks → executor": "orange", "tasks → payments": "purple",
    ]
    private static let statuses = ["2xx": "semi-dark-green", "4xx": "yellow", "5xx": "red"]
    private static let all = services.merging(edges) { $1 }.merging(statuses) { $1 }

    @Test func everyServiceHasItsColor() {
        #expect(Set(Self.services.keys) == Set(ServiceRole.allCases.map(\.rawValue)))
        #expect(Set(Self.services.values).count == Self.services.count)
    }

    @Test(arguments: Dashboard.all) func colorsAreTheSameEverywhere(_ dashboard: Dashboard) throws {
        for panel in dashboard.panels {
            for (name, color) in try Self.colors(of: panel) {
                #expect(color == Self.all[name], "\(panel.title): \(name)")
            }
        }
    }

    /// Otherwise Grafana assigns colours by the order of the answer, which changes with the selection.
    @Test(arguments: Dashboard.all) func everyChartUsesTheAssignedColors(_ dashboard: Dashboard) throws {
        for panel in dashboard.panels where ["timeseries", "bargauge", "piechart"].contains(panel.type) {
            let colored = Set(try Self.colors(of: panel).map(\.name))
            for target in panel.targets {
                let legend = target["legendFormat"]?.string ?? ""
                let query = target["query"]?.string ?? ""
                var wanted: Set<String> = []
                if legend == "{{service}}" || query.contains("by (resource.service.name)") {
                    wanted = Set(Self.services.keys)
                } else if legend.contains("→") {
                    wanted = Set(Self.edges.keys)
                } else if Self.statuses[legend] != nil {
                    wanted = [legend]
                }
                #expect(wanted.isSubset(of: colored), "\(panel.title) leaves out \(wanted.subtracting(colored))")
            }
        }
    }

    /// The default yellow cannot be read on white.
    @Test(arguments: Dashboard.all) func textInTablesIsReadable(_ dashboard: Dashboard) {
        let samples = ["200": "text", "404": "#CC8F00", "503": "red"]
        for panel in dashboard.panels where panel.type == "table" {
            for mapping in panel.values(of: "mappings").flatMap({ $0.array ?? [] }) {
                for (service, color) in Self.services {
                    guard let given = mapping["options"]?[service]?["color"] else { continue }
                    #expect(given.string == color, "\(panel.title): \(service)")
                }
                guard let pattern = mapping["options"]?["pattern"]?.string, pattern.hasSuffix("..$"),
                    let given = mapping["options"]?["result"]?["color"]?.string, let regex = try? Regex(pattern)
                else { continue }
                for (status, color) in samples where status.contains(regex) {
                    #expect(given == color, "\(panel.title): \(status)")
                }
            }
        }
    }

    /// Each name of the palette that an override of the panel gives a colour to.
    private static func colors(of panel: Panel) throws -> [(name: String, color: String)] {
        try panel.overrides.flatMap { override -> [(name: String, color: String)] in
            guard panel.type != "table", let color = Panel.property("color", of: override)?["fixedColor"]?.string,
                let options = override["matcher"]?["options"]?.string
            else { return [] }
            switch override["matcher"]?["id"]?.string {
            case "byName": return all[options] == nil ? [] : [(options, color)]
            case "byRegexp":
                let regex = try Regex(options.hasPrefix("/") ? String(options.dropFirst().dropLast()) : options)
                return all.keys.filter { $0.contains(regex) }.map { ($0, color) }
            default: return []
            }
        }
    }
}
