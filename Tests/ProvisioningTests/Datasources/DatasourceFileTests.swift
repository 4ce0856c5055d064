import Encoding
import Foundation
import TestTools
import Testing
import Vocabulary

@testable import Verification

/// The file, compared with the rest of the repository.
@Suite("The file of data sources") struct DatasourceFileTests {
    private let entries: [JSONValue]
    private let sources: [DataSource]

    init() throws {
        entries = try #require(try Repository.yaml(ProvisionedSources.file)["datasources"]?.array)
        sources = try ProvisionedSources.read()
    }

    @Test func eachStoreHasItsFixedUIDAndPort() throws {
        #expect(try Repository.yaml(ProvisionedSources.file)["apiVersion"]?.integer == 1)
        #expect(
            sources.map { "\($0.type) \($0.uid) \($0.url)" } == [
                "loki loki http://loki:\(StackPort.loki)", "tempo tempo http://tempo:\(StackPort.tempo)",
                "prometheus prometheus http://prometheus:\(StackPort.prometheus)",
                // Jaeger's own standard port.
                "jaeger jaeger http://jaeger:16686",
            ])
        for entry in entries {
            #expect(entry["access"]?.string == "proxy")
            #expect(entry["editable"]?.bool == false)
        }
        #expect(entries.filter { $0["isDefault"]?.bool == true }.map { $0["uid"]?.string } == ["loki"])
    }

    @Test func everyDollarSignIsDoubled() throws {
        let texts = ProvisionedTexts.all(in: .array(entries))
        // Meant for Grafana to fill in.
        for (path, text) in texts where text != "$TENANT" {
            #expect(ProvisionedTexts.loneDollars(in: text) == 0, "\(path): \(text)")
        }
        #expect(texts.count { $0.text.contains("$$") } > 6)
    }

    @Test func everyReferenceNamesAnExistingDataSource() {
        let references = ProvisionedTexts.all(in: .array(entries)).filter { $0.path.hasSuffix(".datasourceUid") }
        #expect(references.count >= 6)
        for (path, uid) in references {
            let target = sources.first { $0.uid == uid }
            let expected =
                path.contains("derivedFields") || path.contains("exemplar")
                ? "tempo" : path.contains("tracesToLogs") ? "loki" : "prometheus"
            #expect(target?.type == expected, "\(path): \(uid)")
        }
    }

    @Test func bothKindsOfExemplarsLinkToTraces() throws {
        let prometheus = try #require(entries.first { $0["uid"]?.string == "prometheus" })["jsonData"]
        let names = prometheus?["exemplarTraceIdDestinations"]?.array?.map { $0["name"]?.string }
        // The services' own, and Tempo's.
        #expect(names == [LogField.traceID, "traceID"])
    }

    @Test func theFeaturesOfADemonstrationAreOn() throws {
        let tempo = try #require(entries.first { $0["uid"]?.string == "tempo" }?["jsonData"])
        #expect(tempo["serviceMap"]?["datasourceUid"]?.string == "prometheus")
        #expect(tempo["nodeGraph"]?["enabled"]?.bool == true)
        // Whose panels show "No data" at each refresh while an answer streams in.
        #expect(tempo["streamingEnabled"] == ["search": false, "metrics": false])
        // Grafana lists the alerts of a Loki that manages some beside its own, which are the same.
        let loki = try #require(entries.first { $0["uid"]?.string == "loki" }?["jsonData"])
        #expect(loki["manageAlerts"]?.bool == false)
    }

    /// The time range of the query covers the trace, whatever range the page shows.
    @Test(arguments: [0, 25, 60, 6 * 24 * 60]) func tracesOfAnyAgeAreFound(_ minutes: Int64) throws {
        let settings = entries.first { $0["uid"]?.string == "tempo" }?["jsonData"]?["traceQuery"]
        let now: Int64 = 1_795_192_321_000
        let trace = now - minutes * 60_000
        // Explore opens a line's trace with the range that the line was found in: around it, or up to now.
        for (from, to) in [(trace - 3_600_000, now), (trace - 60_000, min(now, trace + 60_000)), (now - 900_000, now)]
        where from <= trace {
            let window = try #require(TraceWindow(settings, pageFrom: from, to: to), "nothing can be asked")
            #expect(window.includes(trace), "of \(minutes) minutes ago")
        }
    }

    /// Time after the span would be drawn as a drop to zero.
    @Test func theMetricsRangeOfASpanEndsWithTheSpan() throws {
        let links = try #require(entries.first { $0["uid"]?.string == "tempo" }?["jsonData"]?["tracesToMetrics"])
        let shift = { (name: String) in (links[name]?.string).flatMap(GrafanaInterval.milliseconds) ?? 0 }
        #expect(shift("spanStartTimeShift") <= -10 * 60_000)
        #expect(shift("spanEndTimeShift") <= 0)
    }

    /// Grafana logs an error for each folder that it does not find.
    @Test func everyFolderThatGrafanaReadsExists() throws {
        for folder in ["alerting", "dashboards", "datasources", "plugins"] {
            let files = try Repository.files(under: "grafana/provisioning/\(folder)", endingIn: "")
            // Git keeps no empty folder.
            #expect(!files.isEmpty, "\(folder)")
        }
    }

    @Test func theMetricsQueriesAreValidPromQL() throws {
        let promtool = try TestTool.require(TestTool.promtool, "promtool")
        let tempo = try #require(entries.first { $0["uid"]?.string == "tempo" }?["jsonData"])
        let queries = try #require(tempo["tracesToMetrics"]?["queries"]?.array)
        #expect(Set(queries.compactMap { $0["name"]?.string }).count == queries.count)
        let rules = queries.enumerated().map { number, query -> JSONValue in
            let text = EnvironmentExpansion.expand(query["query"]?.string ?? "", [:])
            let filled = Template(text).fill { name, path in
                switch (name, path) {
                case ("__tags", nil): #"service_name="gateway""#
                case ("__span", "name"?), ("__span", #"tags["service.name"]"#?): "x"
                default: nil
                }
            }
            #expect(filled.undefined.isEmpty, "\(text)")
            return ["record": .string("query:\(number)"), "expr": .string(filled.text)]
        }
        let file: JSONValue = ["groups": [["name": "links", "rules": .array(rules)]]]
        let path = NSTemporaryDirectory() + "tailspan-links-\(UInt32.random(in: 0 ... .max)).json"
        try file.description.write(toFile: path, atomically: true, encoding: .utf8)
        defer { unlink(path) }
        let result = try Tool.run(promtool, ["check", "rules", path])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("4 rules found"), "\(result.output)")
    }
}
