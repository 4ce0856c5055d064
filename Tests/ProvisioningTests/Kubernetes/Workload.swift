import Encoding

/// What makes pods.
struct Workload: Sendable {
    var resource: KubernetesResource

    init(_ resource: KubernetesResource) { self.resource = resource }

    var kind: String { resource.kind }
    var name: String { resource.name }
    var spec: JSONValue { resource.value["spec"] ?? .null }
    var pod: JSONValue { spec.at("template.spec") ?? .null }
    var podLabels: [String: String] { spec.at("template.metadata.labels")?.strings ?? [:] }
    var containers: [JSONValue] { (pod["initContainers"]?.array ?? []) + (pod["containers"]?.array ?? []) }
    /// The volumes that it declares or claims, by name.
    var volumes: [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        for volume in pod["volumes"]?.array ?? [] { result[volume["name"]?.string ?? ""] = volume }
        for claim in claims { result[claim.at("metadata.name")?.string ?? ""] = claim }
        return result
    }
    var claims: [JSONValue] { spec["volumeClaimTemplates"]?.array ?? [] }
    var replicas: Int64? { spec["replicas"]?.integer }

    /// The volume that holds a path of the container, if one is mounted exactly there.
    func volume(at path: String?) -> JSONValue? {
        guard let path else { return nil }
        for mount in containers.flatMap({ $0["volumeMounts"]?.array ?? [] }) where mount["mountPath"]?.string == path {
            return volumes[mount["name"]?.string ?? ""]
        }
        return nil
    }

    /// The environment that the kubelet gives the first container.
    /// - Parameter settings: the ConfigMaps' values.
    func environment(_ settings: [String: [String: String]]) throws -> [String: String] {
        guard let container = containers.first else { return [:] }
        var result: [String: String] = [:]
        for source in container["envFrom"]?.array ?? [] {
            let name = source.at("configMapRef.name")?.string ?? ""
            guard let values = settings[name] else {
                throw Kustomization.Failure(description: "\(self.name): no ConfigMap \(name) is made")
            }
            result.merge(values) { $1 }
        }
        for variable in container["env"]?.array ?? [] {
            let name = variable["name"]?.string ?? ""
            if let value = variable["value"]?.string {
                result[name] = value.replacing(/\$\(([A-Z_]+)\)/) { match in
                    result[String(match.1)] ?? String(match.0)
                }
            } else if let field = variable.at("valueFrom.fieldRef.fieldPath")?.string {
                result[name] = "the-" + field.replacing(".", with: "-").lowercased()
            } else if let resource = variable.at("valueFrom.resourceFieldRef.resource")?.string {
                result[name] = (container["resources"]?.at(resource)).flatMap {
                    $0.string ?? $0.integer.map(String.init)
                }
            } else if variable.at("valueFrom.secretKeyRef.optional")?.bool != true {
                throw Kustomization.Failure(description: "\(self.name): where does \(name) come from?")
            }
        }
        return result
    }

    /// The number of the container's port that a probe or Service names or numbers.
    func port(_ reference: JSONValue?) -> Int64? {
        let ports = containers.flatMap { $0["ports"]?.array ?? [] }
        let found = ports.first { reference != nil && ($0["name"] == reference || $0["containerPort"] == reference) }
        return found?["containerPort"]?.integer
    }
}

/// Amounts as Kubernetes writes them.
enum Quantity {
    /// `250m`, `2`, `64Mi`: in cores or bytes.
    static func value(_ quantity: JSONValue?) -> Double? {
        guard let text = quantity?.string else { return quantity?.double }
        for (suffix, factor) in [("m", 0.001), ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824)]
            as [(String, Double)]
        where text.hasSuffix(suffix) {
            return Double(text.dropLast(suffix.count)).map { $0 * factor }
        }
        return Double(text)
    }
}
