import Encoding
import Foundation
import TestTools
import Testing
import Vocabulary

/// The scrape targets and the rules of Prometheus.
@Suite("Compose: Prometheus") struct PrometheusTests {
    @Test("The promtool check accepts configuration and rules") func promtoolAcceptsConfigurationAndRules() throws {
        let promtool = try TestTool.require(TestTool.promtool, "promtool")
        let result = try Tool.run(promtool, ["check", "config", "compose/prometheus/prometheus.yml"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("SUCCESS: 2 rule files found"))
    }

    @Test("The rules give the expected results on synthetic series")
    func rulesGiveTheExpectedResultsOnSyntheticSeries() throws {
        let promtool = try TestTool.require(TestTool.promtool, "promtool")
        let result = try Tool.run(promtool, ["test", "rules", "Tests/Support/prometheus-rules.yml"])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("Every rule file is loaded") func everyRuleFileIsLoaded() throws {
        let configuration = try Repository.yaml("compose/prometheus/prometheus.yml")
        let loaded = configuration["rule_files"]?.array?.compactMap(\.string).map { "compose/prometheus/" + $0 } ?? []
        #expect(loaded.sorted() == (try Repository.files(under: "compose/prometheus/rules", endingIn: ".yml")))
    }

    @Test("Every service and every part of the stack is scraped at its address")
    func everyPartIsScrapedAtItsAddress() throws {
        let configuration = try Repository.yaml("compose/prometheus/prometheus.yml")
        var targets: [String: Int] = [:]
        for job in configuration["scrape_configs"]?.array ?? [] {
            for group in job["static_configs"]?.array ?? [] {
                for target in group["targets"]?.array?.compactMap(\.string) ?? [] {
                    let parts = target.split(separator: ":")
                    targets[String(parts[0])] = Int(parts[1])
                    if job["job_name"]?.string == "tailspan" {
                        #expect(group["labels"]?["service"]?.string == String(parts[0]))
                        #expect(group["labels"]?["service_name"]?.string == String(parts[0]))
                    }
                }
            }
            for group in job["dns_sd_configs"]?.array ?? [] {
                for name in group["names"]?.array?.compactMap(\.string) ?? [] {
                    targets[name] = group["port"]?.integer.map(Int.init)
                }
            }
        }
        for role in ServiceRole.allCases { #expect(targets[role.rawValue] == role.defaultPort) }
        let expected = [
            "loki": StackPort.loki, "tempo": StackPort.tempo, "grafana": StackPort.grafana,
            "promtail": StackPort.promtail, "127.0.0.1": StackPort.prometheus, "alloy": 12345, "collector": 8888,
            "jaeger": 8888,
        ]
        for (name, port) in expected { #expect(targets[name] == port, "\(name)") }
        let services = Set(try ComposeModel.everyService().map(\.name)).subtracting(["load", "prometheus"])
            .subtracting(["victoriametrics"])
        #expect(services == Set(targets.keys).subtracting(["127.0.0.1"]))
    }

    @Test("Rules use metrics that the services expose") func rulesUseExistingMetrics() throws {
        let sources = try Repository.files(under: "Sources", endingIn: ".swift").map { try Repository.text($0) }
            .joined()
        let rules = try Repository.files(under: "compose/prometheus/rules", endingIn: ".yml")
            .map { try Repository.text($0) }.joined()
        let names = Set(rules.matches(of: /\b(?:http_server|otel_sdk|tailspan)_[a-z_]+/).map { String($0.0) })
        #expect(names.count >= 5)
        for name in names {
            // In the code they have their OpenTelemetry names, without what the exposition adds, and the SDK's own are put
            // together: `otel.sdk.processor.\\(signal)`.
            var plain = name
            for suffix in ["_count", "_bucket", "_sum", "_total", "_seconds"] where plain.hasSuffix(suffix) {
                plain.removeLast(suffix.count)
            }
            let dotted = plain.replacing("_", with: ".")
            let parts = dotted.components(separatedBy: ".span.")
            let isWritten = sources.contains("\"\(plain)\"") || sources.contains("\"\(name)\"")
            let isNamed = sources.contains("\"\(dotted)\"")
            let isComposed =
                parts.count == 2 && sources.contains("\"\(parts[0]).") && sources.contains(".\(parts[1])\"")
            #expect(isWritten || isNamed || isComposed, "\(name)")
        }
    }

    @Test("Prometheus accepts Tempo's remote writes and keeps exemplars")
    func prometheusAcceptsRemoteWritesAndKeepsExemplars() throws {
        let prometheus = try #require(try ComposeModel.model(.everything)["prometheus"])
        let command = prometheus.strings("command")
        #expect(command.contains("--web.enable-remote-write-receiver"))
        #expect(command.contains("--enable-feature=exemplar-storage"))
        #expect(
            prometheus.mounts.contains { $0.target == "/etc/prometheus" && $0.source.hasSuffix("/compose/prometheus") })
    }
}
