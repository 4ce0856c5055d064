import Contracts
import Encoding
import PocketStack
import Testing

/// What the dashboards show, and in whose words.
@Suite struct DashboardContentTests {
    @Test func logsExplorerHasItsTwelvePanels() throws {
        let dashboard = try #require(Dashboard.all.first { $0.uid == "tailspan-logs" })
        let panels = dashboard.panels.filter { $0.type != "row" }
        #expect(
            panels.map(\.title) == [
                "Log volume by service", "Error rate", "Level distribution", "Top services by volume",
                "Error hotspots by service and operation", "Recent logs", "Error logs", "Warning logs",
                "Logs by trace id", "Network and gateway", "Execution", "Payments",
            ])
        #expect(Set(dashboard.variableNames) == ["service", "level", "trace_id", "guild"])
        let byTrace = try #require(panels.first { $0.title == "Logs by trace id" })
        let links = ProvisionedQueries.links(of: byTrace.json).compactMap { $0["url"]?.string }
        #expect(links.contains { $0.hasPrefix("/explore") && $0.contains("tempo") && $0.contains("${trace_id}") })
    }

    /// It must show something where Prometheus does not run, and say what does not.
    @Test func servicesBeginWithWhatNeedsNoPrometheus() throws {
        let panels = try #require(Dashboard.all.first { $0.uid == "tailspan-services" }).panels
        let sources = panels.filter { $0.type != "row" }.map { $0.targets.first?["datasource"]?["uid"]?.string }
        #expect(Array(sources.prefix(3)) == ["loki", "loki", "loki"])
        let text = panels.first { $0.type == "text" }?.json["options"]?["content"]?.string ?? ""
        #expect(text.contains("Prometheus") && text.contains("`metrics`"))
        let exemplars = panels.flatMap(\.targets).filter { $0["exemplar"]?.bool == true }
        #expect(
            exemplars.contains { $0["expr"]?.string?.contains("http_server_request_duration_seconds_bucket") == true })
    }

    @Test func tracesNeedTempoAlone() throws {
        let panels = try #require(Dashboard.all.first { $0.uid == "tailspan-traces" }).panels
        for target in panels.flatMap(\.targets) { #expect(target["datasource"]?["uid"]?.string == "tempo") }
    }

    /// What a caller got is what the gateway answered: counted twice, and of no service of the environment.
    @Test func failuresOfCallingCommandsAreLeftOut() throws {
        let callers = CallingCommand.allCases.map(\.rawValue).joined(separator: "|")
        let failures = try ProvisionedQueries.ofDashboards().map { $0.text() }.filter {
            $0.contains("status = error") && !$0.contains(#"resource.service.name = ""#)
        }
        #expect(failures.count >= 4)
        for query in failures { #expect(query.contains(#"resource.service.name !~ "\#(callers)""#), "\(query)") }
    }

    @Test func incidentRoomHasTheServiceMap() throws {
        let panels = try #require(Dashboard.all.first { $0.uid == "tailspan-incident" }).panels
        let map = try #require(panels.first { $0.type == "nodeGraph" })
        #expect(map.targets.first?["queryType"]?.string == "serviceMap")
        // Else each service with a database would seem to call itself: that is how Tempo names databases.
        #expect(map.targets.first?["serviceMapQuery"]?.string == #"{connection_type!="database"}"#)
    }

    /// A selector on a name that is no label finds nothing, and one on a label of high cardinality reads everything.
    @Test func selectorsUseTheLabelsOfStreams() throws {
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

    /// Reading every line as JSON is the dear part: what labels, metadata and a line's text can decide comes before.
    @Test func metadataIsFilteredBeforeLinesAreParsed() throws {
        for query in try ProvisionedQueries.ofDashboards() where query.language == .logQL {
            // One pipeline after another: each begins with its selector.
            for pipeline in query.text().split(separator: /\{service_namespace=/) {
                guard let json = pipeline.firstRange(of: "| json") else { continue }
                let rest = pipeline[json.upperBound...]
                for name in [LogField.traceID, LogField.spanID, LogField.requestID, LogField.service, LogField.level] {
                    #expect(!rest.contains("| \(name)"), "\(query.place) filters by \(name) after `| json`")
                }
                #expect(!rest.contains("|=") && !rest.contains("|~"), "\(query.place) filters lines after `| json`")
            }
        }
    }

    @Test func providerReadsTheFolderThatIsMounted() throws {
        let file = try Repository.yaml("grafana/provisioning/dashboards/tailspan.yaml")
        let providers = try #require(file["providers"]?.array)
        #expect(file["apiVersion"]?.integer == 1)
        #expect(providers.count == 1)
        #expect(providers[0]["type"]?.string == "file")
        #expect(providers[0]["folder"]?.string == "Tailspan")
        #expect(providers[0]["options"]?["path"]?.string == "/etc/grafana/dashboards")
        #expect(providers[0]["allowUiUpdates"]?.bool == false)
    }
}
