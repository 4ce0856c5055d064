import Encoding
import Foundation
import Testing
import Vocabulary
import YAML

@testable import Verification

/// The provisioning for a Grafana on the pocket stack differs from the full stack's only where it must.
@Suite("The Grafana on the pocket stack") struct GrafanaOnPocketTests {
    private static let folder = "grafana/pocket"

    @Test func theDataSourcesDifferOnlyInTheirAddresses() throws {
        let pocket = try #require(try Repository.yaml(Self.folder + "/datasources/tailspan.yaml")["datasources"]?.array)
        let full = try #require(try Repository.yaml(ProvisionedSources.file)["datasources"]?.array)
        #expect(pocket.map { $0["uid"]?.string } == full.map { $0["uid"]?.string })
        for (pocket, full) in zip(pocket, full) {
            let uid = try #require(full["uid"]?.string)
            #expect(pocket["url"]?.string == "$TAILSPAN_\(uid.uppercased())_URL")
            func members(_ value: JSONValue) -> [JSONValue] {
                (value.object?.members ?? []).filter { $0.name != "url" }.map { [.string($0.name), $0.value] }
            }
            #expect(members(pocket) == members(full), "\(uid)")
        }
    }

    @Test func streamingIsOff() throws {
        let sources = try Repository.yaml(Self.folder + "/datasources/tailspan.yaml")["datasources"]?.array ?? []
        let tempo = try #require(sources.first { $0["uid"]?.string == "tempo" })
        for part in ["search", "metrics"] {
            #expect(tempo["jsonData"]?["streamingEnabled"]?[part]?.bool != true, "\(part)")
        }
    }

    @Test func theDashboardsDifferOnlyInTheirPath() throws {
        let pocket = try Repository.text(Self.folder + "/dashboards/tailspan.yaml")
        let full = try Repository.yaml("grafana/provisioning/dashboards/tailspan.yaml")
        #expect(pocket.contains("path: $TAILSPAN_DASHBOARDS\n"))
        let path = try #require(full["providers"]?[0]?["options"]?["path"]?.string)
        let same = pocket.replacing("$TAILSPAN_DASHBOARDS", with: path)
        #expect(try YAML.document(Array(same.utf8)) == full)
    }

    @Test func theAlertsAreThoseOfTheFullStack() throws {
        let alerts = Repository.root.appending(path: Self.folder + "/alerting")
        #expect(
            alerts.resolvingSymlinksInPath().path
                == Repository.root.appending(path: "grafana/provisioning/alerting").resolvingSymlinksInPath().path)
    }

    /// What the shell has after `. grafana/pocket/environment`.
    private func environment(_ given: [String: String] = [:]) throws -> [String: String] {
        let result = try Tool.run(
            "/bin/sh", ["-eu", "-c", ". \(Self.folder)/environment; exec env"], environment: given)
        #expect(result.status == 0, "\(result.output)")
        return Dictionary(
            result.output.split(separator: "\n").compactMap { line in
                let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return sides.count == 2 ? (String(sides[0]), String(sides[1])) : nil
            }, uniquingKeysWith: { $1 })
    }

    @Test func theDefaultAddressesAreThoseOfThePocketStack() throws {
        let environment = try environment()
        let folder = Repository.root.appending(path: Self.folder).path
        #expect(environment["GF_PATHS_PROVISIONING"] == folder)
        let sources = try ProvisioningFolder.dataSources(folder, environment: environment)
        #expect(
            sources.map(\.url) == [
                "http://127.0.0.1:\(StackPort.loki)", "http://127.0.0.1:\(StackPort.tempo)",
                "http://127.0.0.1:\(StackPort.prometheus)", "http://127.0.0.1:16686",
            ])
        let dashboards = try #require(try ProvisioningFolder.dashboards(folder, environment: environment))
        #expect(dashboards.contains { $0.uid == "tailspan-logs" })
        #expect(try ProvisioningFolder.alerts(folder, environment: environment)?.isEmpty == false)
        let home = try #require(environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
        #expect(FileManager.default.fileExists(atPath: home))
        #expect(environment["GF_SERVER_HTTP_PORT"] != String(StackPort.grafana), "that is the console's")
    }

    @Test func variablesThatAreSetAreKept() throws {
        let given = ["TAILSPAN_LOKI_URL": "http://127.0.0.1:13100", "GF_SERVER_HTTP_PORT": "4000"]
        let environment = try environment(given)
        for (name, value) in given { #expect(environment[name] == value) }
    }

    /// Grafana does not know `${NAME:-value}`, so a source without its variable has no address.
    @Test func dataSourcesHaveNoAddressesWithoutTheVariables() throws {
        let folder = Repository.root.appending(path: Self.folder).path
        #expect(try ProvisioningFolder.dataSources(folder, environment: [:]).allSatisfy { $0.url.isEmpty })
        #expect(EnvironmentExpansion.expand("${TAILSPAN_LOKI_URL:-http://127.0.0.1:3100}", [:]).isEmpty)
    }
}
