import Encoding

/// One Kubernetes resource and the file it stands in.
struct KubernetesResource: Sendable {
    var file: String
    private(set) var value: JSONValue

    init(file: String, value: JSONValue) {
        self.file = file
        self.value = value
    }

    var kind: String { value["kind"]?.string ?? "" }
    var name: String { value.at("metadata.name")?.string ?? "" }
    var labels: [String: String] { value.at("metadata.labels")?.strings ?? [:] }

    /// Gives every container's image the tag of its name.
    mutating func tag(images: [String: String]) {
        value.update("spec.template.spec.containers") { containers in
            guard case .array(let list) = containers else { return }
            containers = .array(
                list.map { container in
                    guard let image = container["image"]?.string, let tag = images[image] else { return container }
                    var container = container
                    container.set("image", .string("\(image):\(tag)"))
                    return container
                })
        }
    }

    /// Adds a label to the resource and, if that is asked for, to what it makes: pods, and claims of volumes.
    mutating func label(_ name: String, _ label: JSONValue, includeTemplates: Bool) {
        value.update("metadata") { Self.label(&$0, name, label) }
        guard includeTemplates else { return }
        value.update("spec.template.metadata") { Self.label(&$0, name, label) }
        value.update("spec.volumeClaimTemplates") { claims in
            claims = .array(
                (claims.array ?? []).map { claim in
                    var claim = claim
                    claim.update("metadata") { Self.label(&$0, name, label) }
                    return claim
                })
        }
    }

    private static func label(_ metadata: inout JSONValue, _ name: String, _ label: JSONValue) {
        var labels = metadata["labels"] ?? .object([:])
        labels.set(name, label)
        metadata.set("labels", labels)
    }
}

extension JSONValue {
    /// The value at a path of names joined by dots.
    func at(_ path: String) -> JSONValue? {
        var value: JSONValue? = self
        for name in path.split(separator: ".") { value = value?[String(name)] }
        return value
    }

    /// The members of an object whose values are strings.
    var strings: [String: String] {
        var result: [String: String] = [:]
        for member in object?.members ?? [] { result[member.name] = member.value.string }
        return result
    }

    mutating func set(_ name: String, _ value: JSONValue) {
        guard case .object(var object) = self else { return }
        object[name] = value
        self = .object(object)
    }

    /// Changes what stands at a path, if anything does.
    mutating func update(_ path: String, _ change: (inout JSONValue) -> Void) {
        update(path.split(separator: ".").map(String.init)[...], change)
    }

    private mutating func update(_ path: ArraySlice<String>, _ change: (inout JSONValue) -> Void) {
        guard let name = path.first else { return change(&self) }
        guard var member = self[name] else { return }
        member.update(path.dropFirst(), change)
        set(name, member)
    }
}
