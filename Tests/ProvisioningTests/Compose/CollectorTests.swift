import Encoding
import Testing

/// The configuration of the Collector and of Jaeger, which is built on the Collector, read without running them.
@Suite("Compose: the Collector and Jaeger") struct CollectorTests {
    private static let files = ["compose/collector/collector.yaml", "compose/jaeger/jaeger.yaml"]

    @Test("Pipelines use exactly the configured components", arguments: files)
    func pipelinesUseExactlyTheConfiguredComponents(_ file: String) throws {
        let configuration = try Repository.yaml(file)
        let pipelines = configuration["service"]?["pipelines"]?.object?.members ?? []
        #expect(!pipelines.isEmpty)
        for kind in ["receivers", "processors", "exporters"] {
            let configured = Set((configuration[kind]?.object?.members ?? []).map(\.name))
            let used = Set(pipelines.flatMap { $0.value[kind]?.array?.compactMap(\.string) ?? [] })
            #expect(used == configured, "\(kind)")
        }
        let extensions = Set((configuration["extensions"]?.object?.members ?? []).map(\.name))
        #expect(Set(configuration["service"]?["extensions"]?.array?.compactMap(\.string) ?? []) == extensions)
    }

    @Test("Every component is in the distribution that runs")
    func everyComponentIsInTheDistribution() throws {
        let known: [String: Set<String>] = [
            "compose/collector/collector.yaml": [
                "otlp", "memory_limiter", "resource", "transform", "batch", "otlp_http", "health_check",
            ],
            "compose/jaeger/jaeger.yaml": [
                "otlp", "batch", "jaeger_storage_exporter", "otlp_http", "jaeger_storage", "jaeger_query",
                "healthcheckv2",
            ],
        ]
        for (file, types) in known {
            let configuration = try Repository.yaml(file)
            let used = ["receivers", "processors", "exporters", "extensions"].flatMap { kind in
                (configuration[kind]?.object?.members ?? []).map { String($0.name.prefix { $0 != "/" }) }
            }
            #expect(Set(used) == types, "\(file)")
        }
    }

    @Test("The memory limiter comes first, and batching comes last")
    func memoryIsLimitedFirstAndBatchingComesLast() throws {
        let configuration = try Repository.yaml("compose/collector/collector.yaml")
        for (name, pipeline) in configuration["service"]?["pipelines"]?.object?.members ?? [] {
            let processors = pipeline["processors"]?.array?.compactMap(\.string) ?? []
            #expect(processors.first == "memory_limiter" && processors.last == "batch", "\(name)")
        }
        let limit = try #require(configuration["processors"]?["memory_limiter"]?["limit_mib"]?.integer)
        let collector = try #require(try ComposeModel.model(.init(shipper: "collector"))["collector"])
        #expect(Int(limit) < (try #require(collector.memory)))
    }

    @Test("Lines get the labels that Promtail gives them")
    func linesGetTheLabelsThatPromtailGives() throws {
        let configuration = try Repository.yaml("compose/collector/collector.yaml")
        var attributes: Set<String> = ["service.name"]
        for processor in ["resource", "resource/lines"] {
            for attribute in configuration["processors"]?[processor]?["attributes"]?.array ?? [] {
                if let key = attribute["key"]?.string { attributes.insert(key) }
            }
        }
        #expect(attributes == ["job", "service", "service.name", "service.namespace"])
        // And Loki makes labels of exactly these.
        let loki = try #require(try Repository.yaml("loki/loki.yaml")["limits_config"]?["otlp_config"])
        #expect(loki["resource_attributes"]?["ignore_defaults"]?.bool == true)
        #expect(labels(loki["resource_attributes"]?["attributes_config"]) == attributes)
        #expect(labels(loki["log_attributes"]) == ["level"])
    }

    /// The attributes that Loki makes labels of.
    private func labels(_ rules: JSONValue?) -> Set<String> {
        Set(
            (rules?.array ?? []).filter { $0["action"]?.string == "index_label" }
                .flatMap { $0["attributes"]?.array?.compactMap(\.string) ?? [] })
    }

    @Test("The health check asks the address that answers it")
    func theHealthCheckAsksTheRightAddress() throws {
        let models = try ComposeModel.models([.init(shipper: "collector", traces: "jaeger")])
        let model = try #require(models.first)
        for (name, file) in [("collector", Self.files[0]), ("jaeger", Self.files[1])] {
            let endpoint = try Repository.text(file).contains("endpoint: 127.0.0.1:13133")
            #expect(endpoint && model[name]?.healthcheck.last?.hasPrefix("http://127.0.0.1:13133/") == true, "\(name)")
        }
    }
}
