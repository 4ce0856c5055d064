import Encoding
import HTTP

/// A dashboard, reduced to what links to it and from it need.
package struct GrafanaDashboard: Sendable, Equatable {
    package var uid: String
    package var title: String
    /// The names of its variables.
    package var variables: [String]
    /// The variables that appear in its URL: links can set them.
    package var addressed: [String]
    package var links: [DashboardLink]

    package init(
        uid: String, title: String, variables: [String] = [], addressed: [String]? = nil, links: [DashboardLink] = []
    ) {
        self.uid = uid
        self.title = title
        self.variables = variables
        self.addressed = addressed ?? variables
        self.links = links
    }

    /// Reads a dashboard's JSON; `nil` if it is not a dashboard.
    package init?(_ json: JSONValue) {
        guard let uid = json["uid"]?.presentText, let title = json["title"]?.plainText else { return nil }
        let variables = json["templating"]?["list"]?.array ?? []
        self.init(
            uid: uid, title: title, variables: variables.compactMap { $0["name"]?.string },
            addressed: variables.filter { $0["skipUrlSync"]?.bool != true }.compactMap { $0["name"]?.string },
            links: DashboardLink.ofDashboard(json) + DashboardLink.ofPanels(json))
    }
}

/// A link of a dashboard, of a panel, or of a value in a panel.
package struct DashboardLink: Sendable, Equatable {
    /// For example `panel Error rate`; empty for the dashboard itself.
    package var place: String
    package var title: String
    /// As written, with Grafana's variables.
    package var url: String
    /// Whether Grafana adds the time range by itself. ``keepsVariables`` does the same for all variables.
    package var keepsTime: Bool
    package var keepsVariables: Bool

    package init(place: String, title: String, url: String, keepsTime: Bool = false, keepsVariables: Bool = false) {
        self.place = place
        self.title = title
        self.url = url
        self.keepsTime = keepsTime
        self.keepsVariables = keepsVariables
    }

    /// The links at the top of the dashboard.
    static func ofDashboard(_ json: JSONValue) -> [DashboardLink] {
        (json["links"]?.array ?? []).compactMap { link in
            guard link["type"]?.string != "dashboards", let url = link["url"]?.presentText else { return nil }
            return DashboardLink(
                place: "", title: link["title"]?.plainText ?? "", url: url, keepsTime: link["keepTime"]?.bool ?? false,
                keepsVariables: link["includeVars"]?.bool ?? false)
        }
    }

    /// The links of panels, including those on their values.
    static func ofPanels(_ json: JSONValue) -> [DashboardLink] {
        let panels = (json["panels"]?.array ?? []).flatMap { [$0] + ($0["panels"]?.array ?? []) }
        return panels.flatMap { panel in
            let overrides = (panel["fieldConfig"]?["overrides"]?.array ?? []).flatMap { $0["properties"]?.array ?? [] }
                .filter { $0["id"]?.string == "links" }.flatMap { $0["value"]?.array ?? [] }
            let all =
                (panel["links"]?.array ?? []) + (panel["fieldConfig"]?["defaults"]?["links"]?.array ?? []) + overrides
            return all.compactMap { link -> DashboardLink? in
                guard let url = link["url"]?.presentText else { return nil }
                return DashboardLink(
                    place: "panel " + (panel["title"]?.plainText ?? "?"), title: link["title"]?.plainText ?? "",
                    url: url)
            }
        }
    }

    /// `panel Error rate, link Logs`.
    var name: String { (place.isEmpty ? "" : place + ", ") + "link " + (title.isEmpty ? url : title) }
}

/// The target of a URL within Grafana.
struct GrafanaAddress {
    enum Target: Equatable {
        case dashboard(uid: String)
        case explore
    }

    var target: Target
    /// The parts of the query as written: names and values.
    var parts: [(name: String, value: String)]

    /// `nil` for a URL outside of Grafana.
    init?(_ url: String) {
        var path = url[...]
        // A link may start with a variable for Grafana's base URL, or be relative to it.
        for prefix in ["${__grafana_base_url}", "."] where path.hasPrefix(prefix) {
            path = path.dropFirst(prefix.count)
        }
        let halves = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let steps = halves[0].split(separator: "/")
        guard path.hasPrefix("/") || path.hasPrefix("d/") || path.hasPrefix("explore") else { return nil }
        switch (steps.first, steps.count) {
        case ("d"?, 2...): target = .dashboard(uid: String(steps[1]))
        case ("explore"?, _): target = .explore
        default: return nil
        }
        parts = (halves.count > 1 ? halves[1] : "").split(separator: "&").map { part in
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(sides[0]), sides.count > 1 ? String(sides[1]) : "")
        }
    }

    /// The target's variables that the URL sets, by `var-name=` or `${name:queryparam}`.
    var setVariables: [String] {
        parts.compactMap { part in
            if part.name.hasPrefix("var-") { return String(part.name.dropFirst(4)) }
            guard part.name.hasPrefix("${"), part.name.hasSuffix(":queryparam}") else { return nil }
            return String(part.name.dropFirst(2).prefix { $0 != ":" })
        }
    }

    var setsAllVariables: Bool { parts.contains { $0.name.hasPrefix("${__all_variables") } }

    var setsTime: Bool {
        parts.contains { $0.name.hasPrefix("${__url_time_range") }
            || Set(["from", "to"]).isSubset(of: parts.map(\.name))
    }

    /// The uids of the data sources that a link to Explore queries; `nil` if the link cannot be read.
    var exploredSources: [String]? {
        guard let text = parts.first(where: { $0.name == "panes" })?.value,
            let panes = QueryParameters(query: "panes=" + text)["panes"],
            let json = try? JSONValue(parsing: panes), let members = json.object?.members
        else { return nil }
        return members.flatMap { pane in
            [pane.value["datasource"]?.plainText].compactMap { $0 }
                + (pane.value["queries"]?.array ?? []).compactMap { $0["datasource"]?["uid"]?.plainText }
        }
    }
}
