import Encoding
import Foundation
import Testing

@testable import tailspan

/// Every variable that compose.yaml sets is read, and every image that it runs is pinned in one place.
@Suite("Compose: environment and images") struct ComposeEnvironmentTests {
    private static let own: Set = ["gateway", "tasks", "executor", "payments"]

    @Test("Every variable of a service is read by the code") func everyServiceVariableIsReadByTheCode() throws {
        let sources = try Repository.files(under: "Sources", endingIn: ".swift").map { try Repository.text($0) }
        var cases = ComposeModel.Case.shippers
        for index in cases.indices { cases[index].overlays = ["dev"] }
        let names = try ComposeModel.models(cases).flatMap(\.services).filter { Self.own.contains($0.name) }
            .flatMap { $0.service.environment.keys }
        #expect(names.count > 60)
        for name in Set(names) where !name.hasSuffix("_URL") {
            #expect(sources.contains { reads(name, $0) }, "\(name)")
        }
    }

    /// `"NAME"` stands in a file, or its first part does and the rest too, as in `"OTEL_BSP_"` and `"SCHEDULE_DELAY"`.
    private func reads(_ name: String, _ source: String) -> Bool {
        if source.contains("\"\(name)\"") { return true }
        return name.indices.contains { index in
            guard name[index] == "_" else { return false }
            let (prefix, rest) = (name[...index], name[name.index(after: index)...])
            return source.contains("\"\(rest)\"") && (source.contains("\"\(prefix)\"") || prefix.hasPrefix("OTEL_B"))
        }
    }

    @Test(
        "Every variable of the stack is read by its configuration",
        arguments: [
            ("promtail", "loki/promtail.yaml", "${"), ("loki", "loki/loki.yaml", "${"),
            ("tempo", "tempo/tempo.yaml", "${"), ("alloy", "loki/alloy.alloy", "sys.env(\""),
            ("collector", "compose/collector/collector.yaml", "${env:"),
        ])
    func everyStackVariableIsReadByItsConfiguration(_ name: String, _ file: String, _ mark: String) throws {
        let configuration = try Repository.text(file)
        for overlays in [[], ["dev"], ["s3"]] {
            var one = ComposeModel.Case(overlays: overlays)
            if ["alloy", "collector"].contains(name) { one.shipper = name }
            let service = try #require(try ComposeModel.model(one)[name])
            for variable in service.environment.keys where variable != "GOMEMLIMIT" {
                #expect(configuration.contains(mark + variable), "\(variable)")
            }
        }
    }

    @Test("The Collector gets every address that it needs") func theCollectorGetsEveryAddressItNeeds() throws {
        let configuration = try Repository.text("compose/collector/collector.yaml")
        let environment = try #require(try ComposeModel.model(.init(shipper: "collector"))["collector"]).environment
        let read = configuration.matches(of: /\$\{env:([A-Z_]+)\}/).map { String($0.1) }
        #expect(Set(read) == ["LOGS_ENDPOINT", "TRACES_ENDPOINT"])
        for variable in read { #expect(environment[variable]?.isEmpty == false) }
    }

    @Test("Grafana fetches and reports nothing, and visitors need no login and change nothing")
    func grafanaIsReadOnlyAndSendsNothing() throws {
        let grafana = try #require(try ComposeModel.model(.init())["grafana"]).environment
        let expected = [
            "GF_AUTH_ANONYMOUS_ENABLED": "true", "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer",
            "GF_USERS_VIEWERS_CAN_EDIT": "true", "GF_UNIFIED_ALERTING_ENABLED": "true",
            "GF_ANALYTICS_REPORTING_ENABLED": "false", "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false", "GF_NEWS_NEWS_FEED_ENABLED": "false",
            "GF_PLUGINS_PREINSTALL_DISABLED": "true", "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED": "true",
            "GF_SECURITY_DISABLE_GRAVATAR": "true", "GF_SECURITY_ADMIN_PASSWORD": "of the test",
        ]
        for (name, value) in expected { #expect(grafana[name] == value, "\(name)") }
        // The page that one sees first is one of ours.
        let home = try #require(grafana["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
        #expect(try Repository.json(home.replacing("/etc/grafana/", with: "grafana/"))["uid"] != nil)
        #expect(grafana["GF_INSTALL_PLUGINS"] == nil && grafana["GF_PLUGINS_PREINSTALL"] == nil)
    }

    @Test("Every image is pinned in .env alone") func everyImageIsPinnedInEnvAlone() throws {
        let pinned = try images(of: "compose/.env")
        let services = try ComposeModel.everyService()
        for (name, service) in services {
            #expect(pinned.values.contains(service.image), "\(name): \(service.image)")
        }
        let used = services.map(\.service.image)
        let base = ["SWIFT_IMAGE", "DEBIAN_IMAGE", "COLLECTOR_IMAGE"]
        for (name, image) in pinned {
            #expect(used.contains(image) || base.contains(name), "\(name) is used by nobody")
            // A version in full, never `latest` or a version that moves on.
            let match = try #require(
                image.wholeMatch(of: /[a-z.\/-]+:v?([a-z0-9][a-z0-9.-]*)(@sha256:[0-9a-f]{64})?/), "\(image)")
            let version = String(match.1)
            #expect(version.contains(/\d+\.\d+\.\d+/) || version.contains(/-20\d{6}/), "\(image)")
        }
        for file in try Repository.files(under: "compose", endingIn: ".yaml") where !file.contains("kubernetes") {
            for line in try Repository.text(file).split(separator: "\n") where line.contains("image:") {
                #expect(line.contains(/image: \$\{[A-Z_]+_IMAGE:\?/), "\(file): \(line)")
            }
        }
    }

    @Test("The image's tag is the program's version") func theImageTagIsTheProgramVersion() throws {
        let pinned = try images(of: "compose/.env")
        #expect(pinned["TAILSPAN_IMAGE"] == "tailspan:\(Tailspan.version)")
        #expect(pinned["COLLECTOR_WITH_HEALTHCHECK_IMAGE"] == "tailspan-collector:\(Tailspan.version)")
    }

    @Test("Every variable that can be set is documented where one looks for it")
    func everySettableVariableIsDocumented() throws {
        let known = try Repository.text("compose/.env") + Repository.text("compose/compose.yaml")
        let models = try ComposeModel.models([.everything])
        let read = try #require(models.first?.json["x-variables"]?.array).compactMap(\.string)
        #expect(read.count > 20)
        for name in read where name.hasSuffix("_IMAGE") { #expect(known.contains("\n\(name)="), "\(name)") }
        for name in ["SHIPPER", "TRACES", "PROFILES", "GRAFANA_ADMIN_PASSWORD"] {
            #expect(read.contains(name))
            #expect(try Repository.text("compose/.env").contains("#   \(name)"))
        }
    }

    private func images(of file: String) throws -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: try Repository.text(file).split(separator: "\n")
                .compactMap { $0.wholeMatch(of: /([A-Z_]+_IMAGE)=(.+)/) }.map { (String($0.1), String($0.2)) })
    }
}
