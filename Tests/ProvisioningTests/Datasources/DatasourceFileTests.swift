import Contracts
import Encoding
import Foundation
import TestTools
import Testing

@testable import Verification

/// What the file says, held against the rest of the repository.
@Suite struct DatasourceFileTests {
    private let entries: [JSONValue]
    private let sources: [DataSource]

    init() throws {
        entries = try #require(try Repository.yaml(ProvisionedSources.file)["datasources"]?.array)
        sources = try ProvisionedSources.read()
    }

    @Test func namesEachStoreOnceByItsFixedUidAndPort() throws {
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

    @Test func doublesEveryDollarSign() throws {
        let texts = ProvisionedTexts.all(in: .array(entries))
        // Meant for Grafana to fill in.
        for (path, text) in texts where text != "$TENANT" {
            #expect(ProvisionedTexts.loneDollars(in: text) == 0, "\(path): \(text)")
        }
        #expect(texts.count { $0.text.contains("$$") } > 8)
    }

    @Test func refersOnlyToDataSourcesThatAreThere() {
        let references = ProvisionedTexts.all(in: .array(entries)).filter { $0.path.hasSuffix(".datasourceUid") }
        #expect(references.count > 6)
        for (path, uid) in references {
            let target = sources.first { $0.uid == uid }
            let expected =
                path.contains("derivedFields") || path.contains("exemplar")
                ? "tempo" : path.contains("tracesToLogs") ? "loki" : "prometheus"
            #expect(target?.type == expected, "\(path): \(uid)")
        }
    }

    @Test func leadsFromBothKindsOfExemplarsToTraces() throws {
        let prometheus = try #require(entries.first { $0["uid"]?.string == "prometheus" })["jsonData"]
        let names = prometheus?["exemplarTraceIdDestinations"]?.array?.map { $0["name"]?.string }
        // The services' own, and Tempo's.
        #expect(names == [LogField.traceID, "traceID"])
    }

    @Test func switchesOnWhatADemonstrationNeeds() throws {
        let tempo = try #require(entries.first { $0["uid"]?.string == "tempo" }?["jsonData"])
        #expect(tempo["serviceMap"]?["datasourceUid"]?.string == "prometheus")
        #expect(tempo["nodeGraph"]?["enabled"]?.bool == true)
        #expect(tempo["streamingEnabled"] == ["search": true, "metrics": true])
        let shifts = try #require(tempo["traceQuery"])
        #expect(shifts["timeShiftEnabled"]?.bool == true)
        for name in ["spanStartTimeShift", "spanEndTimeShift"] {
            let value = try #require(shifts[name]?.string.flatMap(GrafanaInterval.milliseconds))
            #expect((value < 0) == (name == "spanStartTimeShift"))
        }
    }

    @Test func asksPrometheusInPromQL() throws {
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
