import Encoding
import YAML

/// One of the five configurations that send the services' lines to Loki.
enum Shipper: String, CaseIterable, Sendable {
    case promtail = "loki/promtail.yaml"
    case docker = "loki/promtail-docker.yaml"
    case macos = "loki/promtail-macos.yaml"
    case alloy = "loki/alloy.alloy"
    /// In Kubernetes, with the containers' standard output.
    case pods = "compose/kubernetes/overlays/distributed/config.alloy"

    static let promtails: [Shipper] = [.promtail, .docker, .macos]
    /// Those that read files.
    static let tailers: [Shipper] = [.promtail, .macos, .alloy]

    func text() throws -> String { try Repository.text(rawValue) }

    /// The stages, those behind `mark` switched on.
    func stages(_ environment: [String: String] = [:], with mark: String? = nil) throws -> [PipelineStage] {
        var text = try text()
        if let mark { text = ExpandedFile.switchingOn(mark, in: text) }
        switch self {
        case .alloy, .pods:
            return try AlloyFile(text, environment).block("loki.process").blocks.map(PipelineStage.init(alloy:))
        case .promtail, .docker, .macos:
            let file = try Self.yaml(ExpandedFile.expand(text, environment))
            return try (file["scrape_configs"]?[0]?["pipeline_stages"]?.array ?? [])
                .map(PipelineStage.init(promtail:))
        }
    }

    /// The labels that a line has before the first stage.
    func initialLabels(service: String, _ environment: [String: String] = [:]) throws -> [String: String] {
        var labels: [String: String] = [:]
        let job: JSONValue?
        switch self {
        case .alloy:
            job = try AlloyFile(text(), environment).block("local.file_match")["path_targets"]?[0]
        case .promtail, .macos:
            job = try ExpandedFile.yaml(rawValue, environment)["scrape_configs"]?[0]?["static_configs"]?[0]?["labels"]
        case .docker: return try Self.relabelled(container: "/tailspan-\(service)-1", service: service) ?? [:]
        case .pods: return try podLabels(container: service)
        }
        for member in job?.object?.members ?? [] where !member.name.hasPrefix("__") {
            labels[member.name] = member.value.string
        }
        labels["filename"] = "/var/log/tailspan/\(service)/\(service).log"
        return labels
    }

    /// What the rules say of a pod's container, and what Alloy itself adds.
    private func podLabels(container: String) throws -> [String: String] {
        var labels = ["instance": "tailspan/\(container)-0:\(container)"]
        for rule in try AlloyFile(text()).block("discovery.relabel").blocks {
            let isOfContainer = rule["source_labels"]?.textItems == ["__meta_kubernetes_pod_container_name"]
            labels[rule["target_label"]?.string ?? ""] =
                rule["replacement"]?.string ?? (isOfContainer ? container : nil)
        }
        return labels
    }

    /// The labels of a container's lines by promtail-docker.yaml; `nil` if it is not read.
    static func relabelled(container: String, service: String?) throws -> [String: String]? {
        let job = try ExpandedFile.yaml(Shipper.docker.rawValue)["scrape_configs"]?[0]
        var labels = ["__meta_docker_container_name": container]
        labels["__meta_docker_container_label_com_docker_compose_service"] = service
        for rule in job?["relabel_configs"]?.array ?? [] {
            let value = (rule["source_labels"]?.textItems ?? []).map { labels[$0] ?? "" }.joined(separator: ";")
            let expression = try PipelineRunner.regex("^(?:" + (rule["regex"]?.string ?? "(.*)") + ")$")
            let match = value.firstMatch(of: expression)
            if rule["action"]?.string == "keep" {
                if match == nil { return nil }
            } else if let match, let target = rule["target_label"]?.string {
                labels[target] = rule["replacement"]?.string ?? match.output[1].substring.map(String.init) ?? ""
            }
        }
        return labels.filter { !$0.key.hasPrefix("__") }
    }

    private static func yaml(_ text: String) throws -> JSONValue { try YAML.document(Array(text.utf8)) }
}
