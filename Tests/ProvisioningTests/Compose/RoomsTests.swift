import Encoding
import Foundation
import Testing
import YAML

@testable import Verification

/// TENANT: Loki and Tempo keep several rooms apart, and every client names its room.
@Suite("Compose: rooms") struct RoomsTests {
    private static let cases = ComposeModel.Case.shippers

    private static func models(_ tenant: String) throws -> [ComposeModel] {
        try ComposeModel.models(
            cases.map {
                var one = $0
                one.environment["TENANT"] = tenant
                return one
            })
    }

    /// Which variable of which service names the tenant.
    private static let senders = [
        "gateway": "TENANT", "tasks": "TENANT", "executor": "TENANT", "payments": "TENANT", "load": "TENANT",
        "promtail": "PROMTAIL_TENANT", "alloy": "ALLOY_TENANT", "collector": "TENANT", "jaeger": "TENANT",
        "grafana": "TENANT",
    ]

    @Test("Every client names its room and the stores keep rooms apart, or neither does")
    func everyClientNamesItsRoom() throws {
        for (tenant, isOn) in [("room-a", "true"), ("", "")] {
            var seen: Set<String> = []
            for (name, service) in try Self.models(tenant).flatMap(\.services) {
                if let variable = Self.senders[name] {
                    #expect(service.environment[variable] == tenant, "\(name)")
                    seen.insert(name)
                }
                if name == "loki" { #expect(service.environment["LOKI_AUTH_ENABLED"] == isOn) }
                if name == "tempo" { #expect(service.environment["TEMPO_MULTITENANCY"] == isOn) }
            }
            #expect(seen == Set(Self.senders.keys))
        }
    }

    @Test("Loki reads the rules of the room, or those of everybody without rooms")
    func lokiReadsTheRulesOfTheRoom() throws {
        for (tenant, folder) in [("room-a", "room-a"), ("", "fake")] {
            let loki = try #require(try Self.models(tenant).first?["loki"])
            let mount = try #require(loki.mounts.first { $0.target.hasPrefix("/etc/loki/rules/") })
            #expect(mount.target == "/etc/loki/rules/\(folder)")
            #expect(mount.source == Repository.root.appending(path: "loki/rules/fake").path && mount.isReadOnly)
        }
    }

    @Test("Loki and Tempo keep tenants apart only on request") func storesKeepTenantsApartOnlyOnRequest() throws {
        for (file, key, variable) in [
            ("loki/loki.yaml", "auth_enabled", "LOKI_AUTH_ENABLED"),
            ("tempo/tempo.yaml", "multitenancy_enabled", "TEMPO_MULTITENANCY"),
        ] {
            #expect(try ExpandedFile.yaml(file, [:])[key]?.bool == false)
            #expect(try ExpandedFile.yaml(file, [variable: ""])[key]?.bool == false)
            #expect(try ExpandedFile.yaml(file, [variable: "true"])[key]?.bool == true)
        }
    }

    @Test(
        "Every Promtail accepts any tenant name that Loki accepts",
        arguments: ["promtail", "promtail-docker", "promtail-macos"])
    func everyPromtailAcceptsAnyTenantName(_ file: String) throws {
        for name in ["room-a", "", "*a", "!a", "'a'", "42", "true"] {
            let client = try ExpandedFile.yaml("loki/\(file).yaml", ["PROMTAIL_TENANT": name])["clients"]?[0]
            #expect(client?["tenant_id"]?.string == name, "\(name)")
        }
    }

    @Test("The Collector and Jaeger name the room to the stores") func collectorAndJaegerForwardTheRoom() throws {
        for file in ["compose/collector/collector.yaml", "compose/jaeger/jaeger.yaml"] {
            let exporters = (try Repository.yaml(file)["exporters"]?.object?.members ?? []).filter {
                $0.name.hasPrefix("otlp_http")
            }
            #expect(!exporters.isEmpty)
            for exporter in exporters {
                #expect(exporter.value["headers"]?["X-Scope-OrgID"]?.string == "${env:TENANT:-}", "\(exporter.name)")
            }
        }
    }

    @Test("Grafana queries its own room and sends no other secret") func grafanaQueriesItsOwnRoom() throws {
        for source in try Repository.yaml(ProvisionedSources.file)["datasources"]?.array ?? [] {
            let keepsApart = ["loki", "tempo"].contains(source["type"]?.string)
            #expect(source["jsonData"]?["httpHeaderName1"]?.string == (keepsApart ? "X-Scope-OrgID" : nil))
            let value = source["secureJsonData"]?["httpHeaderValue1"]?.string
            for (environment, tenant) in [(["TENANT": "room-a"], "room-a"), ([:], "")] {
                #expect(
                    value.map { EnvironmentExpansion.expand($0, environment) } == (keepsApart ? tenant : nil))
            }
        }
    }

    @Test("The script gives every room in ROOMS the rules") func makeStackGivesEveryRoomTheRules() throws {
        let room = try StackRoom()
        let result = try room.run("up", environment: ["TENANT": "room-a", "ROOMS": "room-b, r*,room-a"])
        #expect(result.status == 0, "\(result.output)")
        let overlay = try YAML.document(Array(try room.text("rooms.yaml").utf8))
        #expect(
            overlay["services"]?["loki"]?["volumes"]?.array?.compactMap(\.string) == [
                "../loki/rules/fake:/etc/loki/rules/room-b:ro", "../loki/rules/fake:/etc/loki/rules/r*:ro",
            ])
        #expect(try room.calls.last?.contains(" -f compose/.rooms.") == true)
        #expect(try !room.names("compose").contains { $0.hasPrefix(".rooms") })
        #expect(result.output.contains("This is room room-a: commands on this machine want TENANT=room-a."))
        #expect(try room.environment("TENANT") == "room-a")

        let alone = try StackRoom()
        _ = try alone.run("up", environment: ["TENANT": "room-a", "ROOMS": "room-a"])
        #expect(try alone.calls.last?.contains(".rooms.") == false)
    }
}
