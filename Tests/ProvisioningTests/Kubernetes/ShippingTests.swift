import Encoding
import OTelSDK
import ServiceKit
import Testing
import Vocabulary

/// Spans and lines arrive with the labels that everything else here relies on.
@Suite("The telemetry of the Kubernetes overlays") struct ShippingTests {
    static let labels = ["job", "service", "service_name", "service_namespace", "level"]

    private func telemetry(_ folder: String, _ role: ServiceRole) throws -> OTelConfiguration {
        let kustomization = try Kustomization(folder)
        let workload = try #require(kustomization.workload(role.rawValue))
        return try ServiceConfiguration(role: role, environment: try workload.environment(kustomization.settings))
            .telemetry
    }

    @Test(arguments: ServiceRole.allCases) func theBaseSendsNoTelemetry(role: ServiceRole) throws {
        let exporter = try telemetry(Kustomization.base, role).exporter
        #expect(exporter.traces.endpoint == nil)
        #expect(exporter.logs.endpoint == nil)
    }

    @Test(arguments: ServiceRole.allCases) func thePocketStackGetsSpansAndLinesOverOTLP(role: ServiceRole) throws {
        let exporter = try telemetry(Kustomization.pocket, role).exporter
        #expect(exporter.traces.endpoint == "http://pocket:\(StackPort.otlpHTTP)/v1/traces")
        #expect(exporter.logs.endpoint == "http://pocket:\(StackPort.loki)/otlp/v1/logs")
    }

    /// Alloy ships the lines there; sent over OTLP as well, each line would be in Loki twice.
    @Test(arguments: ServiceRole.allCases) func tempoGetsSpansOnly(role: ServiceRole) throws {
        let exporter = try telemetry(Kustomization.distributed, role).exporter
        #expect(exporter.traces.endpoint == "http://tempo-distributor.tempo.svc:\(StackPort.otlpHTTP)/v1/traces")
        #expect(exporter.traces.headers.map { "\($0.name): \($0.value)" } == ["x-scope-orgid: tailspan"])
        #expect(exporter.logs.endpoint == nil)
    }

    /// `ShipperTests` checks the stages together with the other shippers.
    @Test func alloyTakesEveryLabelButTheLevelFromThePod() throws {
        let file = try AlloyFile(try alloy())
        let rules = try file.block("discovery.relabel").blocks
        #expect(
            rules.compactMap { $0["target_label"]?.string }.sorted() == Self.labels.filter { $0 != "level" }.sorted())
        #expect(try file.block("discovery.relabel")["targets"]?.string == "discovery.kubernetes.services.targets")
        #expect(try file.block("loki.source.kubernetes")["targets"]?.string == "discovery.relabel.services.output")
        #expect(try file.block("loki.source.kubernetes")["forward_to"]?.textItems == ["loki.process.services.receiver"])
        #expect(try file.block("loki.process")["forward_to"]?.textItems == ["loki.write.loki.receiver"])
    }

    @Test func alloyDropsTheLevelsOfItsConfigMap() throws {
        let kustomization = try Kustomization(Kustomization.distributed)
        let variables = try #require(kustomization.workload("alloy")).environment(kustomization.settings)
        let levels = try #require(variables["SHIP_DROP_LEVELS"])
        #expect(try Shipper.pods.stages(["SHIP_DROP_LEVELS": levels]) == Shipper.pods.stages())
    }

    @Test func alloyFollowsTheServicesOfItsNode() throws {
        let kustomization = try Kustomization(Kustomization.distributed)
        let text = try alloy()
        let selector = try #require(text.firstMatch(of: /name in \(([a-z,]+)\)/))
        #expect(selector.1.split(separator: ",").map(String.init) == ServiceRole.allCases.map(\.rawValue))
        #expect(text.contains("app.kubernetes.io/part-of=tailspan,"))
        for role in ServiceRole.allCases {
            let workload = try #require(kustomization.workload(role.rawValue))
            #expect(workload.podLabels["app.kubernetes.io/part-of"] == "tailspan")
            #expect(workload.containers.map { $0["name"]?.string } == [role.rawValue])
        }
        #expect(text.contains(#"field = "spec.nodeName=" + sys.env("NODE_NAME")"#))
        let workload = try #require(kustomization.workload("alloy"))
        let variables = try workload.environment(kustomization.settings)
        let used = text.matches(of: /sys\.env\("(\w+)"\)/).map { String($0.1) }
        #expect(Set(used) == Set(variables.keys))
    }

    /// The addresses and the network policies name the same namespaces.
    @Test func theNetworkPoliciesAllowTheConfiguredAddresses() throws {
        let kustomization = try Kustomization(Kustomization.distributed)
        let policies = try NetworkPolicies(kustomization)
        for (map, variable, workload) in [
            ("settings", "OTEL_EXPORTER_OTLP_ENDPOINT", "gateway"), ("alloy", "LOKI_PUSH_URL", "alloy"),
        ] {
            let address = try #require(kustomization.settings[map]?[variable])
            let host = try #require(address.firstMatch(of: /http:\/\/([\w-]+)\.([\w-]+)\.svc/))
            #expect(policies.outside(workload).contains { $0.hasPrefix("\(host.2)/*:") }, "\(address)")
        }
    }

    @Test func alloyMountsItsConfiguration() throws {
        let kustomization = try Kustomization(Kustomization.distributed)
        let workload = try #require(kustomization.workload("alloy"))
        let arguments = try Kustomization.strings(workload.containers[0]["args"], "args")
        let folder = try #require(workload.volume(at: "/etc/alloy"))
        let name = try #require(folder.at("configMap.name")?.string)
        let file = try #require(kustomization.settings[name]?.keys.first)
        #expect(arguments.prefix(2) == ["run", "/etc/alloy/\(file)"])
        let state = try #require(arguments.first { $0.hasPrefix("--storage.path=") })
        #expect(workload.volume(at: String(state.dropFirst("--storage.path=".count))) != nil)
        let port = try #require(workload.port("http"))
        #expect(arguments.contains("--server.http.listen-addr=0.0.0.0:\(port)"))
        #expect(arguments.contains("--disable-reporting"))
    }

    private func alloy() throws -> String {
        try Repository.text("\(Kustomization.top)/\(Kustomization.distributed)/config.alloy")
    }
}
