import Encoding
import Testing
import Vocabulary

/// The sources and the targets of Promtail and Alloy.
@Suite("The settings of the log shippers")
struct ShipperSettingsTests {
    @Test(arguments: Shipper.promtails)
    func promtailSendsToLoki(_ shipper: Shipper) throws {
        let file = try ExpandedFile.yaml(shipper.rawValue)
        #expect(file["clients"]?.array?.count == 1)
        #expect(file["clients"]?[0]?["url"]?.string == "http://loki:\(StackPort.loki)/loki/api/v1/push")
        // In quotes, so that a room called 42 is no number; without a name Promtail sends no header.
        #expect(file["clients"]?[0]?["tenant_id"]?.string == "")
        #expect(file[path: "server.http_listen_port"]?.integer == Int64(StackPort.promtail))
        #expect(file[path: "positions.filename"]?.string == "/var/lib/promtail/positions.yaml")
        // For ever: what cannot be sent stays in its file.
        #expect(file["clients"]?[0]?[path: "backoff_config.max_retries"]?.integer == 0)

        let other = try ExpandedFile.yaml(
            shipper.rawValue, ["LOKI_URL": "http://h:1", "PROMTAIL_TENANT": "t", "PROMTAIL_DATA": "/p"])
        #expect(other["clients"]?[0]?["url"]?.string == "http://h:1/loki/api/v1/push")
        #expect(other["clients"]?[0]?["tenant_id"]?.string == "t")
        #expect(other[path: "positions.filename"]?.string == "/p/positions.yaml")
    }

    @Test func alloySendsToLoki() throws {
        let file = try AlloyFile(Shipper.alloy.text())
        let endpoint = try #require(file.block("loki.write").blocks.first)
        #expect(endpoint["url"]?.string == "http://loki:\(StackPort.loki)/loki/api/v1/push")
        #expect(endpoint["max_backoff_retries"]?.integer == 0)
        #expect(try file.block("loki.source.file")["forward_to"]?.textItems == ["loki.process.services.receiver"])
        #expect(try file.block("loki.process")["forward_to"]?.textItems == ["loki.write.loki.receiver"])
        #expect(try file.block("loki.source.file")["targets"]?.string == "local.file_match.services.targets")
        let other = try AlloyFile(Shipper.alloy.text(), ["LOKI_URL": "http://h:1", "ALLOY_TENANT": "t"])
        #expect(try other.block("loki.write").blocks.first?["url"]?.string == "http://h:1/loki/api/v1/push")
        #expect(try other.block("loki.write").blocks.first?["tenant_id"]?.string == "t")
    }

    /// A rotated file such as `tasks.log.1` was already read under its old name.
    @Test(arguments: Shipper.tailers)
    func logFilesAreReadAndRotatedFilesAreNot(_ shipper: Shipper) throws {
        func path(_ environment: [String: String]) throws -> String? {
            switch shipper {
            case .alloy:
                try AlloyFile(shipper.text(), environment).block("local.file_match")["path_targets"]?[0]?["__path__"]?
                    .string
            default:
                try ExpandedFile.yaml(shipper.rawValue, environment)["scrape_configs"]?[0]?["static_configs"]?[0]?[
                    "labels"]?["__path__"]?.string
            }
        }
        #expect(try path([:]) == "/var/log/tailspan/*/*.log")
        #expect(try path(["LOG_DIR": "/x"]) == "/x/*/*.log")
    }

    @Test(arguments: ServiceRole.allCases)
    func aContainerIsLabelledWithItsComposeService(_ role: ServiceRole) throws {
        let expected = [
            "job": "tailspan", "service": role.rawValue, "service_name": role.rawValue, "service_namespace": "tailspan",
        ]
        #expect(try Shipper.relabelled(container: "/x", service: role.rawValue) == expected)
        for name in ["/\(role.rawValue)", "/tailspan-\(role.rawValue)-1", "/demo_\(role.rawValue)_12"] {
            #expect(try Shipper.relabelled(container: name, service: nil) == expected, "\(name)")
        }
    }

    @Test(arguments: [("/tailspan-loki-1", "loki"), ("/grafana", nil), ("/tailspan-tasks-db-1", "tasks-db")])
    func otherContainersAreNotRead(_ name: String, _ service: String?) throws {
        #expect(try Shipper.relabelled(container: name, service: service) == nil)
    }

    @Test func promtailAsksDockerForTheProjectsContainers() throws {
        let engine = try #require(
            try ExpandedFile.yaml(Shipper.docker.rawValue)["scrape_configs"]?[0]?["docker_sd_configs"]?[0])
        #expect(engine["host"]?.string == "unix:///var/run/docker.sock")
        #expect(engine["filters"] == [["name": "label", "values": ["com.docker.compose.project=tailspan"]]])
    }

    /// Reading a file's state is slow on Docker Desktop.
    @Test func filesArePolledLessOftenOnMacOS() throws {
        let file = try ExpandedFile.yaml(Shipper.macos.rawValue)
        #expect(file[path: "global.file_watch_config.min_poll_frequency"]?.string == "500ms")
        #expect(file[path: "target_config.sync_period"]?.string == "5s")
        #expect(try ExpandedFile.yaml(Shipper.promtail.rawValue)["global"] == nil)
    }

    @Test(arguments: Shipper.allCases)
    func everyVariableOfAShipperIsExplained(_ shipper: Shipper) throws {
        let text = try shipper.text()
        let comments = text.split(separator: "\n").filter { $0.hasPrefix("#") || $0.hasPrefix("//") }.joined()
        let used =
            [.alloy, .pods].contains(shipper)
            ? Set(text.matches(of: /sys\.env\("([A-Z_]+)"\)/).map { String($0.1) }) : ExpandedFile.variables(text)
        #expect(used.count >= (shipper == .pods ? 4 : 5))
        for name in used { #expect(comments.contains(name), "\(name)") }
    }
}
