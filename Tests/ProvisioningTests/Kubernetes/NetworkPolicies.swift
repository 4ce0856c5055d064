import Encoding

/// What a set of NetworkPolicies lets through, pod by pod. Knows what ours use: selectors by name, namespaces by name.
struct NetworkPolicies {
    /// One direction that is open.
    struct Opening: Hashable, CustomStringConvertible {
        /// A workload's name, `*` for anybody, or `namespace/workload` (`namespace/*`) outside.
        var peer: String
        var port: Int64
        var isUDP = false

        var description: String { "\(peer):\(port)\(isUDP ? "/udp" : "")" }
    }

    /// By workload: whom it may call.
    private(set) var egress: [String: Set<Opening>] = [:]
    /// By workload: who may call it, at its own ports.
    private(set) var ingress: [String: Set<Opening>] = [:]
    /// The workloads that are closed where no policy opens them, in both directions.
    private(set) var closed: Set<String> = []

    private let workloads: [Workload]

    init(_ kustomization: Kustomization) throws {
        workloads = kustomization.workloads
        for policy in kustomization.resources("NetworkPolicy") { try add(policy) }
    }

    /// The calls within the namespace that both sides allow, as `caller→callee:port`.
    var edges: Set<String> {
        var result: Set<String> = []
        for (caller, openings) in egress {
            for opening in openings {
                guard let doors = ingress[opening.peer] else { continue }
                let isOpen = doors.contains { ($0.peer == caller || $0.peer == "*") && $0.port == opening.port }
                if isOpen { result.insert("\(caller)→\(opening.peer):\(opening.port)") }
            }
        }
        return result
    }

    /// Openings towards workloads of the namespace that the other side does not answer: half an edge is a mistake.
    var halves: Set<String> {
        let names = Set(workloads.map(\.name))
        var result: Set<String> = []
        for (caller, openings) in egress {
            for opening in openings where names.contains(opening.peer) {
                let edge = "\(caller)→\(opening.peer):\(opening.port)"
                if !edges.contains(edge) { result.insert(edge) }
            }
        }
        for (callee, openings) in ingress {
            for opening in openings where names.contains(opening.peer) {
                let edge = "\(opening.peer)→\(callee):\(opening.port)"
                if !edges.contains(edge) { result.insert(edge) }
            }
        }
        return result
    }

    /// What a workload may call beyond the namespace.
    func outside(_ workload: String) -> Set<String> {
        Set((egress[workload] ?? []).filter { $0.peer.contains("/") || $0.peer == "*" }.map(\.description))
    }

    private mutating func add(_ policy: KubernetesResource) throws {
        let spec = policy.value["spec"] ?? .null
        let subjects = try selected(spec["podSelector"], policy)
        let types = try Kustomization.strings(spec["policyTypes"], "policyTypes")
        if spec["podSelector"] == [:], spec["ingress"] == nil, spec["egress"] == nil,
            Set(types) == ["Ingress", "Egress"]
        {
            closed.formUnion(subjects)
        }
        for subject in subjects {
            for rule in spec["egress"]?.array ?? [] {
                for peer in try peers(rule["to"], policy) {
                    let callee = workloads.first { $0.name == peer }
                    egress[subject, default: []].formUnion(try openings(rule, peer, of: callee, policy))
                }
            }
            for rule in spec["ingress"]?.array ?? [] {
                let callee = workloads.first { $0.name == subject }
                for peer in try peers(rule["from"], policy) {
                    ingress[subject, default: []].formUnion(try openings(rule, peer, of: callee, policy))
                }
            }
        }
        let isTyped =
            (spec["ingress"] == nil || types.contains("Ingress")) && (spec["egress"] == nil || types.contains("Egress"))
        guard isTyped else { throw failure(policy, "has rules of a type that policyTypes lacks") }
    }

    /// Every rule of ours names its ports: without them all would be open.
    private func openings(
        _ rule: JSONValue, _ peer: String, of callee: Workload?, _ policy: KubernetesResource
    ) throws -> Set<Opening> {
        guard let ports = rule["ports"]?.array, !ports.isEmpty else { throw failure(policy, "opens all ports") }
        return Set(
            try ports.map {
                let reference = $0["port"]
                guard let port = reference?.integer ?? callee?.port(reference) else {
                    throw failure(policy, "names a port that is not there")
                }
                // A number that nobody listens at would open nothing.
                guard callee == nil || callee?.port(.integer(port)) != nil else {
                    throw failure(policy, "opens port \(port), where \(callee?.name ?? "") does not listen")
                }
                return Opening(peer: peer, port: port, isUDP: $0["protocol"] == "UDP")
            })
    }

    private func peers(_ list: JSONValue?, _ policy: KubernetesResource) throws -> [String] {
        guard let list = list?.array else { return ["*"] }
        return try list.flatMap { peer -> [String] in
            guard let space = peer["namespaceSelector"] else { return try selected(peer["podSelector"], policy) }
            guard let name = space.at("matchLabels")?.strings["kubernetes.io/metadata.name"] else {
                throw failure(policy, "opens to every namespace")
            }
            let pods = (peer.at("podSelector.matchLabels")?.strings ?? [:]).map { "\($0)=\($1)" }
            return ["\(name)/\(pods.first ?? "*")"]
        }
    }

    /// The workloads that a selector finds; it must find every name that it gives.
    private func selected(_ selector: JSONValue?, _ policy: KubernetesResource) throws -> [String] {
        guard let selector else { throw failure(policy, "has no podSelector") }
        if selector == [:] { return workloads.map(\.name) }
        var names = selector["matchLabels"]?.strings.values.map { $0 } ?? []
        for expression in selector["matchExpressions"]?.array ?? [] {
            guard expression["key"] == "app.kubernetes.io/name", expression["operator"] == "In" else {
                throw failure(policy, "selects by what the tests do not know")
            }
            names += try Kustomization.strings(expression["values"], "values")
        }
        for name in names where !workloads.contains(where: { $0.podLabels["app.kubernetes.io/name"] == name }) {
            throw failure(policy, "selects \(name), which is not there")
        }
        return names
    }

    private func failure(_ policy: KubernetesResource, _ text: String) -> Kustomization.Failure {
        Kustomization.Failure(description: "\(policy.file): \(policy.name) \(text)")
    }
}
