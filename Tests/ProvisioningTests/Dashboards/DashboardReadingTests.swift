import Encoding
import LogQL
import QuerySupport
import Testing

/// Readers rely on figures with a time window and a unit, and on texts that name the next step.
@Suite("The readability of the dashboards") struct DashboardReadingTests {
    @Test(arguments: Dashboard.all) func descriptionsEndWithANextStep(_ dashboard: Dashboard) {
        for panel in dashboard.panels where panel.showsData {
            let last = panel.description.split(separator: /[.:] +/).last ?? ""
            #expect(
                last.contains(/(?i)\b(click|open|point at|drag|sort|choose|paste)\b/),
                "\(panel.title): \(panel.description)")
            #expect(panel.description.hasSuffix("."), "\(panel.title)")
        }
    }

    /// A figure must not change with the zoom, and 0 requests a second differs from no answer.
    @Test(arguments: Dashboard.all) func everyFigureNamesItsTimeWindow(_ dashboard: Dashboard) {
        for panel in dashboard.panels where panel.type == "stat" {
            #expect(panel.defaults?["noValue"]?.string == "–", "\(panel.title)")
            #expect(
                panel.description.contains(/(?i)last (full )?minute|last [0-9]+ minutes|at this moment|right now/),
                "\(panel.title): \(panel.description)")
            for target in panel.targets {
                let query = target["expr"]?.string ?? target["query"]?.string ?? ""
                #expect(!query.contains("$__"), "\(panel.title) changes with the zoom: \(query)")
            }
        }
    }

    /// `short` writes 1 K for 1312 without saying of what.
    @Test(arguments: Dashboard.all) func everyNumberHasAUnit(_ dashboard: Dashboard) {
        for panel in dashboard.panels where panel.showsNumbers && panel.type != "nodeGraph" {
            let units = panel.values(of: "unit").map { $0.string ?? "" }
            #expect(!units.isEmpty, "\(panel.title)")
            for unit in units { #expect(unit != "short" && unit != "", "\(panel.title)") }
        }
    }

    /// With one point per pixel, rates of rare events jump, and bars change with the window.
    @Test(arguments: Dashboard.all) func pointsAreAtLeastTenSecondsApart(_ dashboard: Dashboard) throws {
        for panel in dashboard.panels {
            for target in panel.targets where try Self.isOverTime(target) {
                let interval = target["step"]?.string ?? target["interval"]?.string ?? panel.json["interval"]?.string
                let nanoseconds = Measure.duration(interval ?? "") ?? 0
                #expect(nanoseconds >= 10_000_000_000, "\(panel.title): \(interval ?? "no interval")")
            }
        }
    }

    /// A count per interval changes with the zoom; a rate does not.
    @Test(arguments: Dashboard.all) func noCountDependsOnTheZoom(_ dashboard: Dashboard) {
        for panel in dashboard.panels {
            for target in panel.targets {
                let query = target["expr"]?.string ?? target["query"]?.string ?? ""
                #expect(!query.contains(/count_over_time\([^\[\]]*\[\$__(auto|interval)\]/), "\(panel.title)")
                #expect(!query.contains("increase("), "\(panel.title)")
            }
        }
    }

    /// Tempo returns arbitrary matches unless it is asked for the newest.
    @Test(arguments: Dashboard.all) func panelsOfTheNewestTracesAskForTheNewest(_ dashboard: Dashboard) {
        for panel in dashboard.panels
        where (panel.title + panel.description).contains(/(?i)\bnewest\b|\blatest\b|\bmost recent\b/) {
            for target in panel.targets
            where target["queryType"]?.string == "traceql" && target["metricsQueryType"] == nil {
                #expect(target["query"]?.string?.contains("most_recent=true") == true, "\(panel.title)")
            }
        }
    }

    /// One annotation marks the beginning and one the end. They reveal the answer, so they are off by default.
    @Test(arguments: Dashboard.all) func annotationsAreOffByDefault(_ dashboard: Dashboard) {
        for annotation in dashboard.json["annotations"]?["list"]?.array ?? [] where annotation["builtIn"] == nil {
            let name = annotation["name"]?.string ?? ""
            #expect(annotation["enable"]?.bool == false, "\(name)")
            #expect(annotation["expr"]?.string?.contains(#"|= "fault rules changed""#) == true, "\(name)")
        }
    }

    private static func isOverTime(_ target: JSONValue) throws -> Bool {
        switch target["datasource"]?["uid"]?.string {
        case "loki":
            guard target["queryType"]?.string == "range" else { return false }
            if case .logs = try LogQLParser.parse(GrafanaText(target["expr"]?.string ?? "").filled()) { return false }
            return true
        case "prometheus": return target["range"]?.bool == true
        case "tempo": return target["metricsQueryType"]?.string == "range"
        default: return false
        }
    }
}
