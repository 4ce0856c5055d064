import Encoding
import Foundation
import Testing
import Vocabulary

/// METRICS chooses Prometheus, or VictoriaMetrics in its place.
@Suite("Compose: the metrics store") struct MetricsStoreTests {
    private func service(_ metrics: String, _ environment: [String: String] = [:]) throws -> ComposeService {
        try #require(try ComposeModel.model(.init(metrics: metrics, environment: environment))[metrics])
    }

    @Test("The METRICS variable chooses the store, and without it there is none")
    func theMetricsVariableChoosesTheStore() throws {
        let stores: Set = ["prometheus", "victoriametrics"]
        for (one, expected) in [
            (.init(), []), (.init(profiles: ["metrics"]), ["prometheus"]),
            (.init(metrics: "prometheus"), ["prometheus"]),
            (.init(metrics: "prometheus", profiles: ["metrics"]), ["prometheus"]),
            (.init(metrics: "victoriametrics", profiles: ["load"]), ["victoriametrics"]),
        ] as [(ComposeModel.Case, Set<String>)] {
            #expect(try ComposeModel.model(one).names.intersection(stores) == expected, "\(one.testDescription)")
        }
    }

    /// The data source, Tempo's remote write and the scrape file are therefore the same for both.
    @Test("VictoriaMetrics replaces Prometheus at its name and port")
    func victoriaMetricsReplacesPrometheusAtItsAddress() throws {
        let victoria = try service("victoriametrics")
        #expect(victoria["networks"]?["default"]?["aliases"]?.array?.compactMap(\.string) == ["prometheus"])
        #expect(victoria.strings("command").contains("-httpListenAddr=:\(StackPort.prometheus)"))
        let prometheus = try service("prometheus")
        #expect(victoria.ports.map(\.target) == [StackPort.prometheus])
        #expect(victoria.ports.map(\.published) == prometheus.ports.map(\.published))
        #expect(try Repository.text("tempo/tempo.yaml").contains("http://prometheus:9090/api/v1/write"))
        #expect(victoria["container_name"] == prometheus["container_name"])
    }

    @Test("VictoriaMetrics reads the scrape file of Prometheus and skips unknown settings")
    func victoriaMetricsReadsTheScrapeFileOfPrometheus() throws {
        let victoria = try service("victoriametrics")
        #expect(victoria.strings("command").contains("-promscrape.config=/etc/prometheus/prometheus.yml"))
        #expect(victoria.strings("command").contains("-promscrape.config.strictParse=false"))
        #expect(
            victoria.mounts.contains { $0.target == "/etc/prometheus" && $0.source.hasSuffix("/compose/prometheus") })
    }

    @Test(
        "Metrics are kept as long as lines unless another time is set",
        arguments: [
            ([:], "168h"), (["LOKI_RETENTION": "30d"], "30d"),
            (["LOKI_RETENTION": "30d", "PROMETHEUS_RETENTION": "7d"], "7d"),
        ])
    func metricsAreKeptAsLongAsLines(_ environment: [String: String], _ expected: String) throws {
        for (metrics, option) in [
            ("prometheus", "--storage.tsdb.retention.time="), ("victoriametrics", "-retentionPeriod="),
        ] {
            #expect(try service(metrics, environment).strings("command").contains(option + expected))
        }
        let loki = try #require(try ComposeModel.model(.init(environment: environment))["loki"])
        if environment.count < 2 { #expect(loki.environment["LOKI_RETENTION"] == expected) }
    }

    @Test("The script omits Prometheus when METRICS=victoriametrics, even with the metrics profile")
    func makeStackWithVictoriaMetricsOmitsPrometheus() throws {
        let room = try StackRoom()
        let result = try room.run(
            "up", environment: ["METRICS": "victoriametrics", "PROFILES": "metrics,load"])
        #expect(result.status == 0, "\(result.output)")
        #expect(try room.environment("PROFILES") == "load")
        #expect(try room.calls.contains { $0.hasSuffix("rm --stop --force alloy collector jaeger prometheus") })
        #expect(result.output.contains("VictoriaMetrics http://127.0.0.1:9090"))
        #expect(result.output.contains("no exemplars, and evaluates no rules"))
    }
}
