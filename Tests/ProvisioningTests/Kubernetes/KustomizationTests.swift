import Encoding
import Foundation
import TestTools
import Testing
import YAML

/// The kustomizations are consistent, and Kubernetes accepts their resources.
@Suite("The kustomizations") struct KustomizationTests {
    /// The oldest Kubernetes that README.md supports, and the newest that the validator knows.
    static let versions = ["1.30.0", "1.37.0"]
    static let kustomize = ProcessInfo.processInfo.environment["TAILSPAN_KUSTOMIZE"]

    @Test func theKustomizationsNameExactlyTheFiles() throws {
        var named: Set<String> = []
        for folder in Kustomization.all {
            let path = "\(Kustomization.top)/\(folder)"
            named.insert("\(path)/kustomization.yaml")
            let file = try Repository.yaml("\(path)/kustomization.yaml")
            let generated = try (file["configMapGenerator"]?.array ?? []).flatMap {
                try Kustomization.strings($0["files"], "files")
            }
            let resources = try Kustomization.strings(file["resources"], "resources").filter { $0.hasSuffix(".yaml") }
            for name in resources + generated {
                #expect(named.insert("\(path)/\(name)").inserted, "\(path) names \(name) twice")
            }
        }
        let files = try Repository.files(under: Kustomization.top, endingIn: ".yaml", ".alloy")
        #expect(Set(files) == named)
    }

    @Test(arguments: Kustomization.all) func noResourceIsDefinedTwice(folder: String) throws {
        let resources = try Kustomization(folder).resources
        #expect(resources.count > 10)
        let names = resources.map { "\($0.kind)/\($0.name)" }
        #expect(Set(names).count == names.count)
        for resource in resources {
            #expect(resource.value.at("metadata.namespace") == nil, "kustomize gives \(resource.name) its namespace")
        }
    }

    @Test(arguments: Kustomization.all) func everyResourceIsInOneNamespace(folder: String) throws {
        let file = try Repository.yaml("\(Kustomization.top)/\(folder)/kustomization.yaml")
        #expect(file["namespace"] == "tailspan")
        let namespace = try #require(try Kustomization(folder).resource("Namespace", "tailspan"))
        #expect(namespace.labels["pod-security.kubernetes.io/enforce"] == "restricted")
    }

    @Test(arguments: versions)
    func resourcesFitTheKubernetesSchema(version: String) throws {
        let validator = try TestTool.require(Tool.pythonTool("kubernetes-validate"), "kubernetes-validate")
        let files = try Set(Kustomization.all.flatMap { try Kustomization($0).resources.map(\.file) })
        #expect(files.count >= 9)
        let result = try Tool.run(
            validator, ["--strict", "-k", version] + files.sorted().map { "\(Kustomization.top)/\($0)" })
        #expect(result.status == 0, "\(result.output)")
    }

    @Test(.enabled(if: kustomize != nil, "TAILSPAN_KUSTOMIZE is not set"), arguments: Kustomization.all)
    func kustomizeBuildsTheSameResources(folder: String) throws {
        let command = try #require(Self.kustomize).split(separator: " ").map(String.init)
        let path = "\(Kustomization.top)/\(folder)"
        let built = try Tool.run("/usr/bin/env", command + [path])
        try #require(built.status == 0, "\(built.output)")
        let ours = try Kustomization(folder)
        var made: [String: JSONValue] = [:]
        for resource in try YAML.parse(Array(built.output.utf8)).map({ KubernetesResource(file: path, value: $0) })
        where resource.kind != "ConfigMap" {
            made["\(resource.kind)/\(resource.name)"] = resource.value
        }
        #expect(Set(made.keys) == Set(ours.resources.map { "\($0.kind)/\($0.name)" }))
        for workload in ours.workloads {
            let theirs = Workload(
                KubernetesResource(file: path, value: try #require(made["\(workload.kind)/\(workload.name)"])))
            #expect(theirs.containers.map { $0["image"] } == workload.containers.map { $0["image"] })
            #expect(theirs.podLabels == workload.podLabels)
            #expect(theirs.pod["securityContext"]?.object?.members.count ?? 0 > 3)
        }
        if let validator = Tool.pythonTool("kubernetes-validate") {
            let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml")
            // A file left in the temporary folder harms nobody.
            defer { try? FileManager.default.removeItem(at: file) }
            try Data(built.output.utf8).write(to: file)
            let result = try Tool.run(validator, ["--strict", file.path])
            #expect(result.status == 0, "\(result.output)")
        }
    }

    /// Images are pinned in `compose/.env` alone; kustomize cannot read it, so the two are compared.
    @Test(arguments: Kustomization.all) func imagesEqualThoseOfCompose(folder: String) throws {
        let lines = try Repository.text("compose/.env").split(separator: "\n")
        for workload in try Kustomization(folder).workloads {
            for container in workload.containers {
                let variable = workload.name == "alloy" ? "ALLOY_IMAGE" : "TAILSPAN_IMAGE"
                let line = try #require(lines.first { $0.hasPrefix("\(variable)=") })
                #expect(container["image"]?.string == String(line.dropFirst(variable.count + 1)), "\(workload.name)")
            }
        }
    }
}
