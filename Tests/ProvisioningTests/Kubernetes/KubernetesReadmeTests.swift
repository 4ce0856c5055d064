import Encoding
import Foundation
import Testing

/// The commands in compose/kubernetes/README.md match the files beside it.
@Suite("The README of the Kubernetes manifests") struct KubernetesReadmeTests {
    private func text() throws -> String {
        // Commands may go on in the next line.
        try Repository.text("\(Kustomization.top)/README.md").replacing(/\\\n\s*/, with: "")
    }

    private func section(_ title: String) throws -> String {
        let parts = try text().components(separatedBy: "\n## ")
        return try #require(parts.first { $0.hasPrefix(title + "\n") }, "there is no section \(title)")
    }

    private func names(_ folder: String) throws -> Set<String> {
        Set(try Kustomization(folder).resources.map { "\($0.kind.lowercased())/\($0.name)" })
    }

    @Test func theReadmeNamesExistingResources() throws {
        let resources = try Kustomization.all.reduce(into: Set<String>()) { try $0.formUnion(names($1)) }
        let claims = try Kustomization.all.flatMap { try Kustomization($0).workloads }.flatMap { workload in
            workload.claims.map { "pvc/\($0.at("metadata.name")?.string ?? "")-\(workload.name)-0" }
        }
        // Of the charts that the distributed overlay points at.
        let others: Set = ["service/loki-gateway", "service/tempo-query-frontend", "service/tempo-distributor"]
        let known = resources.union(claims).union(others)
        let kinds =
            /\b(deployment|statefulset|daemonset|service|serviceaccount|networkpolicy|role|rolebinding|horizontalpodautoscaler|pvc)\/([a-z0-9-]+)/
        let mentioned = try text().matches(of: kinds).map { String($0.0) }
        #expect(mentioned.count > 20)
        for name in mentioned { #expect(known.contains(name), "\(name)") }
        for claim in claims { #expect(try text().contains(claim.dropFirst("pvc/".count))) }
        for match in try text().matches(of: /-k compose\/kubernetes\/(\S+)/) {
            #expect(Kustomization.all.contains(String(match.1)))
        }
    }

    /// The loop does not skip a part that is Pending.
    @Test func theReadmeWaitsForEveryPart() throws {
        let loop = try #require(try section("Apply").firstMatch(of: /for part in ([^;]*); do/)).1
        let waited = Set(loop.split(separator: " ").map(String.init))
        let parts = try Kustomization(Kustomization.pocket).workloads.map { "\($0.kind.lowercased())/\($0.name)" }
        #expect(waited == Set(parts))
        #expect(try section("Apply").contains("kubectl get storageclass"))
    }

    /// Applying removes nothing, so the page names exactly the resources that only the old overlay has.
    @Test(arguments: [
        (Kustomization.pocket, Kustomization.distributed), (Kustomization.distributed, Kustomization.pocket),
    ])
    func switchingOverlaysRemovesTheOtherOnesResources(from old: String, to new: String) throws {
        let blocks = try section("Switch overlay").components(separatedBy: "```\n").enumerated()
            .filter { $0.offset % 2 == 1 }.map(\.element)
        let block = try #require(blocks.first { $0.contains("apply -k compose/kubernetes/\(new)\n") })
        let deletion = try #require(block.firstMatch(of: /kubectl -n tailspan delete (.*)/)).1
        let removed = Set(deletion.split(separator: " ").map(String.init))
        let expected = try names(old).subtracting(names(new))
        #expect(removed == expected)
    }

    @Test func removalNamesWhatIsDeletedAndWhatStays() throws {
        let text = try section("Remove")
        let kinds = try #require(text.firstMatch(of: /kubectl -n tailspan delete (\S+) -l (\S+)=(\S+)/))
        let all = try Kustomization.all.flatMap { try Kustomization($0).resources }
        let stopped = Set(kinds.1.split(separator: ",").map(String.init))
        // All that makes pods, or would make them anew.
        let makers = all.filter { $0.value.at("spec.template") != nil || $0.kind == "HorizontalPodAutoscaler" }
        #expect(stopped == Set(makers.map { $0.kind.lowercased() }))
        for resource in makers { #expect(resource.labels[String(kinds.2)] == String(kinds.3), "\(resource.name)") }
        #expect(text.contains("kubectl delete -k") && text.contains("deletes the namespace"))
    }

    /// `--cpu-percent` is deprecated, and the files hold the autoscalers now.
    @Test func scalingUsesNoDeprecatedOption() throws {
        let text = try section("Scale out")
        #expect(!text.contains("--cpu-percent"))
        #expect(text.contains("metrics-server"))
    }
}
