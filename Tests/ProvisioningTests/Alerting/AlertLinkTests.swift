import Encoding
import LogQL
import Testing

/// The links in alerts and the panels that show them.
@Suite("The links of the alerts") struct AlertLinkTests {
    private let loki: [JSONValue]
    private let grafana: [JSONValue]

    init() throws {
        loki = try AlertFiles.lokiRules()
        grafana = try AlertFiles.grafanaRules()
    }

    @Test func alertsLinkToTheirLogLines() throws {
        for rule in grafana {
            let annotations = try #require(rule["annotations"])
            let pane = try AlertFiles.explored(annotations["logs_url"]?.string ?? "", service: "payments")
            #expect(pane["datasource"]?.string == "loki")
            #expect(pane["range"]?["to"]?.string == "now")
            let query = try #require(pane["queries"]?[0])
            #expect(query["datasource"] == ["type": "loki", "uid": "loki"])
            let expression = try #require(query["expr"]?.string)
            guard case .logs = try LogQLParser.parse(expression) else {
                Issue.record("\(expression) asks for no lines")
                continue
            }
            #expect(expression.contains(#"service="payments""#) || expression.contains(#"service="tasks""#))
        }
    }

    /// Grafana shows the texts of Loki's rules as written, so a link in one is never filled in.
    @Test func alertsInLokiHaveNoLinks() throws {
        for rule in loki {
            for member in rule["annotations"]?.object?.members ?? [] {
                let hasLink = member.value.string?.contains("://") != false || member.name.hasSuffix("url")
                #expect(!hasLink, "\(member.name)")
            }
        }
    }

    /// Grafana draws an alert's state in the panel that both its settings and its annotations name.
    @Test func everyAlertNamesAnExistingPanel() throws {
        var titles: [String] = []
        for rule in grafana {
            let (uid, id) = (rule["dashboardUid"]?.string, try #require(rule["panelId"]?.integer))
            #expect(rule["annotations"]?["__dashboardUid__"]?.string == uid)
            #expect(rule["annotations"]?["__panelId__"]?.string == String(id))
            let dashboard = try #require(Dashboard.all.first { $0.uid == uid })
            let panel = try #require(dashboard.panels.first { $0.json["id"]?.integer == id })
            #expect(panel.type == "timeseries", "\(panel.title) has no time to draw it at")
            titles.append(panel.title)
        }
        #expect(titles == ["Error Rate", "Log Volume by Service", "Outcomes of tasks"])
    }

    /// The dashboard's dashed line is where the alert fires, and it counts the same.
    @Test func theErrorAlertFiresAtTheDashedLine() throws {
        let (expression, threshold) = try AlertFiles.condition(grafana[0])
        let panel = try #require(Dashboard.all.flatMap(\.panels).first { $0.title == "Error Rate" })
        let steps = panel.defaults?["thresholds"]?["steps"]?.array ?? []
        #expect(steps.compactMap { $0["value"]?.double } == [threshold])
        let drawn = panel.targets.first?["expr"]?.string?.replacing(#" service=~"$service","#, with: "") ?? ""
        #expect(drawn.hasPrefix(expression), "\(drawn)")
    }
}
