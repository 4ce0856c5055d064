import Encoding
import Foundation
import YAML

/// One of the kustomizations under `compose/kubernetes`, put together as `kubectl kustomize` does it, but for the hashes in
/// the names of generated ConfigMaps. Knows only the fields that ours use, and refuses all others.
struct Kustomization: Sendable {
    static let top = "compose/kubernetes"
    static let base = "base"
    static let distributed = "overlays/distributed"
    static let pocket = "overlays/pocket"
    /// What can be applied.
    static let all = [base, distributed, pocket]

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Its folder, from `compose/kubernetes`.
    let folder: String
    private(set) var resources: [KubernetesResource] = []
    /// Tag and digest by the name of the image.
    private(set) var tags: [String: String] = [:]
    /// Values of the generated ConfigMaps by name and key; for a file, its text.
    private(set) var settings: [String: [String: String]] = [:]

    init(_ folder: String) throws {
        self.folder = folder
        let path = "\(Self.top)/\(folder)"
        let file = try Repository.yaml("\(path)/kustomization.yaml")
        for member in file.object?.members ?? [] {
            guard Self.fields.contains(member.name) else {
                throw Failure(description: "\(path)/kustomization.yaml: the tests do not know \(member.name)")
            }
        }
        for entry in try Self.strings(file["resources"], "resources") {
            if entry.hasSuffix(".yaml") {
                resources += try YAML.parse(Repository.bytes("\(path)/\(entry)")).map {
                    KubernetesResource(file: "\(folder)/\(entry)", value: $0)
                }
            } else {
                let part = try Kustomization(Self.join(folder, entry))
                resources += part.resources
                settings.merge(part.settings) { $1 }
            }
        }
        try generate(file["configMapGenerator"]?.array ?? [], in: path)
        for image in file["images"]?.array ?? [] {
            guard let name = image["name"]?.string, let tag = image["newTag"]?.string else {
                throw Failure(description: "\(path)/kustomization.yaml: an image without name or newTag")
            }
            tags[name] = tag + (image["digest"]?.string.map { "@\($0)" } ?? "")
        }
        for index in resources.indices {
            resources[index].tag(images: tags)
            for labels in file["labels"]?.array ?? [] {
                for pair in labels["pairs"]?.object?.members ?? [] {
                    resources[index].label(
                        pair.name, pair.value, includeTemplates: labels["includeTemplates"]?.bool ?? false)
                }
            }
        }
    }

    private static let fields: Set<String> = [
        "apiVersion", "kind", "namespace", "labels", "resources", "images", "configMapGenerator",
    ]

    private mutating func generate(_ generators: [JSONValue], in path: String) throws {
        for generator in generators {
            guard let name = generator["name"]?.string else { throw Failure(description: "a ConfigMap has no name") }
            let isMerge = generator["behavior"]?.string == "merge"
            guard isMerge == (settings[name] != nil) else {
                throw Failure(description: "\(path): \(name) is to be merged only where it is")
            }
            for literal in try Self.strings(generator["literals"], "literals") {
                let parts = literal.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                    String.init)
                guard parts.count == 2 else { throw Failure(description: "\(path): \(literal) is no NAME=VALUE") }
                settings[name, default: [:]][parts[0]] = parts[1]
            }
            for file in try Self.strings(generator["files"], "files") {
                settings[name, default: [:]][file] = try Repository.text("\(path)/\(file)")
            }
        }
    }

    /// The strings of a list; none if it is not there.
    static func strings(_ value: JSONValue?, _ name: String) throws -> [String] {
        guard let value else { return [] }
        guard let list = value.array else { throw Failure(description: "\(name) is no list") }
        return try list.map {
            guard let text = $0.string else { throw Failure(description: "\(name) has \($0), which is no string") }
            return text
        }
    }

    private static func join(_ folder: String, _ relative: String) -> String {
        var parts = folder.split(separator: "/").map(String.init)
        for part in relative.split(separator: "/").map(String.init) {
            if part == ".." { parts.removeLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    func resources(_ kinds: String...) -> [KubernetesResource] { resources.filter { kinds.contains($0.kind) } }

    func resource(_ kind: String, _ name: String) -> KubernetesResource? {
        resources.first { $0.kind == kind && $0.name == name }
    }

    /// Everything that makes pods.
    var workloads: [Workload] {
        resources("Deployment", "StatefulSet", "DaemonSet").map(Workload.init)
    }

    /// The workload of this name.
    func workload(_ name: String) -> Workload? { workloads.first { $0.name == name } }

    /// How many pods a workload has at least; what an autoscaler keeps, says nothing itself.
    func replicas(of workload: Workload) -> Int64? {
        guard let autoscaler = resource("HorizontalPodAutoscaler", workload.name) else { return workload.replicas }
        return workload.replicas == nil ? autoscaler.value.at("spec.minReplicas")?.integer : nil
    }
}
