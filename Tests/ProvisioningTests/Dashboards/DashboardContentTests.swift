import Encoding
import LogQL
import Testing
import TraceQL
import Vocabulary

/// The panels of the dashboards and their queries.
@Suite("The content of the dashboards") struct DashboardContentTests {
    @Test func theLogsExplorerHasTwelvePanels() throws {
        let dashboard = try #require(Dashboard.all.first { $0.uid == "tailspan-logs" })
        let panels = dashboard.panels.filter { $0.type != "row" }
        #expect(
            panels.map(\.title) == [
                "Log Volume by Service", "Error Rate", "Recent Logs", "Error Logs", "Warning Logs", "Logs by Trace ID",
                "Log Level Distribution", "Top Services by Log Volume", "Error Hotspots", "Network Logs",
                "Execution Logs", "Payment Logs",
            ])
        #expect(dashboard.linkedVariables == ["service", "level", "trace_id", "guild"])
        let byTrace = try #require(panels.first { $0.title == "Logs by Trace ID" })
        let links = ProvisionedQueries.links(of: byTrace.json).compactMap { $0["url"]?.string }
        #expect(links.contains { $0.hasPrefix("/d/tailspan-trace?var-trace_id=${trace}&") })
        #expect(byTrace.defaults?["noValue"]?.string?.contains("Trace id") == true, "it does not say what to do")
    }

    /// The level is a label, so the context of an error shows only earlier errors, and readers must know.
    @Test func theLogsExplorerExplainsContext() throws {
        let panels = try #require(Dashboard.all.first { $0.uid == "tailspan-logs" }).panels
        for title in ["Recent Logs", "Error Logs"] {
            let description = try #require(panels.first { $0.title == title }).description
            #expect(description.lowercased().contains("context") && description.lowercased().contains("level"))
        }
        #expect(try Repository.text("docs/TROUBLESHOOTING.md").contains(/Show context.*level/))
    }

    /// The page must work without Prometheus and say which panels do not.
    @Test func theServicesDashboardStartsWithoutPrometheus() throws {
        let panels = try #require(Dashboard.all.first { $0.uid == "tailspan-services" }).panels
        let sources = panels.filter { $0.type != "row" }.map { $0.targets.first?["datasource"]?["uid"]?.string }
        #expect(Array(sources.prefix(3)) == ["loki", "loki", "loki"])
        let text = panels.first { $0.type == "text" }?.json["options"]?["content"]?.string ?? ""
        #expect(text.contains("Prometheus") && text.contains("`metrics`"))
        let exemplars = panels.flatMap(\.targets).filter { $0["exemplar"]?.bool == true }
        #expect(
            exemplars.contains { $0["expr"]?.string?.contains("http_server_request_duration_seconds_bucket") == true })
    }

    @Test func theTracesDashboardNeedsTempoAlone() throws {
        let panels = try #require(Dashboard.all.first { $0.uid == "tailspan-traces" }).panels
        for target in panels.flatMap(\.targets) { #expect(target["datasource"]?["uid"]?.string == "tempo") }
    }

    /// A caller's error repeats the gateway's answer and belongs to no service of the environment.
    @Test func failuresOfCallersAreNotCounted() throws {
        let services = ServiceRole.allCases.map(\.rawValue)
        let failures = try ProvisionedQueries.ofDashboards().map { $0.text() }.filter {
            $0.contains("status = error") || $0.contains("status_code >= ")
        }
        #expect(failures.count >= 5)
        for query in failures {
            let named = query.firstMatch(of: /resource\.service\.name =~? "([a-z|]+)"/)?.1.split(separator: "|") ?? []
            #expect(!named.isEmpty && named.allSatisfy { services.contains(String($0)) }, "\(query)")
        }
    }

    @Test func theIncidentRoomHasTheServiceMap() throws {
        let panels = try #require(Dashboard.all.first { $0.uid == "tailspan-incident" }).panels
        let map = try #require(panels.first { $0.type == "nodeGraph" })
        #expect(map.targets.first?["queryType"]?.string == "serviceMap")
        // Else each service with a database or a queue would seem to call itself: that is how Tempo names those.
        let selector = map.targets.first?["serviceMapQuery"]?.string
        #expect(selector == #"{connection_type!~"database|messaging_system"}"#)
    }

    /// A selector on a name that is no label matches nothing; one on a high-cardinality label reads everything.
    @Test func selectorsUseStreamLabels() throws {
        let labels: Set = ["job", "service", "service_name", "service_namespace", "level"]
        let queries = try ProvisionedQueries.ofDashboards().filter { $0.language == .logQL }
        #expect(queries.count > 20)
        for query in queries {
            let selectors = query.text().matches(of: /\{\s*[a-z_]+\s*[=!][^{}]*\}/)
            #expect(!selectors.isEmpty)
            for selector in selectors {
                let matchers = try LogQLParser.parseSelector(String(selector.0))
                #expect(Set(matchers.map(\.name)).isSubset(of: labels), "\(query.place)")
                #expect(
                    matchers.contains {
                        $0.name == "service_namespace" && $0.comparison == .equal && $0.value == "tailspan"
                    },
                    "\(query.place) reads what others write")
            }
        }
    }

    /// The shipper has parsed every line, so its fields are available without parsing, in any format.
    @Test func noQueryParsesLines() throws {
        for query in try ProvisionedQueries.ofDashboards() where query.language == .logQL {
            #expect(!query.written.contains(/\|\s*(json|logfmt|regexp|pattern|unpack)\b/), "\(query.place)")
        }
    }

    /// An empty field or a typo must not end in "400 Bad Request".
    @Test(arguments: ["", " ", "\"", "\\"]) func anyTextInTheTraceIDFieldMakesAValidQuery(_ id: String) throws {
        let asked = try ProvisionedQueries.ofDashboards().filter { !$0.place.contains(", link ") }
        for query in asked {
            // What Grafana makes of the field: blanks around a choice go, and `:regex` sets off what means something.
            let escaped = String(id.trimmingPrefix(" ")).replacing("\\", with: "\\\\")
            let values = id.isEmpty ? [:] : ["trace_id": escaped, "trace": escaped]
            switch query.language {
            case .logQL:
                #expect(throws: Never.self, "\(query.place)") { try LogQLParser.parse(query.text(values)) }
            case .traceQL where id.isEmpty:
                #expect(throws: Never.self, "\(query.place)") { try TraceQL.parse(query.text()) }
            default: break
            }
        }
    }

    /// The query matches no stream either: without an id there is nothing to ask.
    @Test func anEmptyTraceIDReadsNoLines() throws {
        let query = try #require(
            try ProvisionedQueries.ofDashboards().first { $0.place.contains("Logs by Trace ID, A") })
        func readsTailspan(_ values: [String: String]) throws -> Bool {
            let selector = try #require(query.text(values).firstMatch(of: /\{[^{}]*\}/))
            let job = try #require(try LogQLParser.parseSelector(String(selector.0)).first { $0.name == "job" })
            guard job.comparison == .doesNotMatch else { return false }
            return try !"tailspan".contains(Regex("^(?:\(job.value))$"))
        }
        #expect(try !readsTailspan([:]))
        #expect(try readsTailspan(["trace": "0af7651916cd43dd8448eb211c80319c"]))
        #expect(try readsTailspan(["trace": "0"]))
    }

    @Test func theProviderReadsTheMountedFolder() throws {
        let file = try Repository.yaml("grafana/provisioning/dashboards/tailspan.yaml")
        let providers = try #require(file["providers"]?.array)
        #expect(file["apiVersion"]?.integer == 1)
        #expect(providers.count == 1)
        #expect(providers[0]["type"]?.string == "file")
        #expect(providers[0]["folder"]?.string == "Tailspan")
        // Alerting comes first and finds its folder by title: with a uid here, there would be two of one name.
        #expect(providers[0]["folderUid"] == nil)
        #expect(try Repository.yaml(AlertFiles.grafana)["groups"]?[0]?["folder"] == providers[0]["folder"])
        #expect(providers[0]["options"]?["path"]?.string == "/etc/grafana/dashboards")
        #expect(providers[0]["allowUiUpdates"]?.bool == false)
    }
}
