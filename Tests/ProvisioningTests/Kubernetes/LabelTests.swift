import Encoding
import Testing

/// The labels of all resources and the selectors that use them.
@Suite("The labels of Kubernetes resources") struct LabelTests {
    private static let prefix = "app.kubernetes.io/"

    private func tag(_ workload: Workload) throws -> String {
        let image = try #require(workload.containers.first?["image"]?.string)
        return String(try #require(image.firstMatch(of: /:(v?[0-9.]+)(@|$)/)).1)
    }

    /// Kubernetes recommends them: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
    @Test(arguments: Kustomization.all) func everyResourceHasTheRecommendedLabels(folder: String) throws {
        let kustomization = try Kustomization(folder)
        for resource in kustomization.resources {
            #expect(resource.labels[Self.prefix + "part-of"] == "tailspan", "\(resource.kind)/\(resource.name)")
            #expect(resource.labels[Self.prefix + "instance"] == "tailspan", "\(resource.kind)/\(resource.name)")
            #expect(resource.labels[Self.prefix + "managed-by"] == "kustomize", "\(resource.kind)/\(resource.name)")
        }
        for workload in kustomization.workloads {
            let version = try tag(workload)
            for labels in [workload.resource.labels, workload.podLabels] {
                #expect(labels[Self.prefix + "name"] == workload.name)
                #expect(labels[Self.prefix + "instance"] == "tailspan")
                #expect(labels[Self.prefix + "part-of"] == "tailspan")
                #expect(labels[Self.prefix + "version"] == version, "\(workload.name)")
                #expect(labels[Self.prefix + "component"]?.isEmpty == false, "\(workload.name)")
            }
            let component = Self.prefix + "component"
            #expect(workload.podLabels[component] == workload.resource.labels[component])
            if let service = kustomization.resource("Service", workload.name) {
                #expect(service.labels[component] == workload.podLabels[component])
            }
        }
        let components = kustomization.workloads.compactMap { $0.podLabels[Self.prefix + "component"] }
        #expect(Set(components).count == kustomization.workloads.count)
    }

    /// A StatefulSet's claims are immutable, so they must have no label that changes with a version.
    @Test(arguments: Kustomization.all) func claimsHaveNoLabelThatChanges(folder: String) throws {
        for claim in try Kustomization(folder).workloads.flatMap(\.claims) {
            #expect(claim.at("metadata.labels")?.strings == [Self.prefix + "part-of": "tailspan"])
        }
    }

    @Test(arguments: Kustomization.all) func selectorsMatchTheirPods(folder: String) throws {
        let kustomization = try Kustomization(folder)
        for workload in kustomization.workloads {
            let selector = workload.spec.at("selector.matchLabels")?.strings ?? [:]
            #expect(selector == [Self.prefix + "name": workload.name])
            for (name, value) in selector { #expect(workload.podLabels[name] == value) }
            for spread in workload.pod["topologySpreadConstraints"]?.array ?? [] {
                #expect(spread.at("labelSelector.matchLabels")?.strings == selector)
            }
        }
        for service in kustomization.resources("Service") {
            let workload = try #require(kustomization.workload(service.name))
            for port in service.value.at("spec.ports")?.array ?? [] {
                #expect(workload.port(port["targetPort"]) == port["port"]?.integer, "\(service.name)")
            }
        }
    }

    /// A second pod of a stateful part would hold different data.
    @Test(arguments: Kustomization.all) func aServiceOfAStatefulSetSelectsItsFirstPod(folder: String) throws {
        let kustomization = try Kustomization(folder)
        for service in kustomization.resources("Service") {
            let workload = try #require(kustomization.workload(service.name))
            var expected = [Self.prefix + "name": service.name]
            if workload.kind == "StatefulSet" {
                expected["statefulset.kubernetes.io/pod-name"] = "\(service.name)-0"
                #expect(workload.spec.at("ordinals.start") == nil)
                #expect(workload.spec["serviceName"]?.string == service.name)
            }
            #expect(service.value.at("spec.selector")?.strings == expected, "\(service.name)")
            #expect((workload.kind == "StatefulSet") == !workload.claims.isEmpty)
        }
    }

    @Test(arguments: Kustomization.all) func disruptionBudgetsAllowADrain(folder: String) throws {
        let kustomization = try Kustomization(folder)
        for budget in kustomization.resources("PodDisruptionBudget") {
            let workload = try #require(kustomization.workload(budget.name))
            #expect(budget.value.at("spec.selector.matchLabels")?.strings == [Self.prefix + "name": budget.name])
            let replicas = try #require(kustomization.replicas(of: workload))
            #expect(replicas > 1)
            #expect(budget.value.at("spec.maxUnavailable") == 1)
        }
    }

    /// Applying a file with a replica count again would reset the count set by the autoscaler or by hand.
    @Test(arguments: Kustomization.all) func autoscaledWorkloadsSetNoReplicas(folder: String) throws {
        let kustomization = try Kustomization(folder)
        let autoscalers = kustomization.resources("HorizontalPodAutoscaler")
        #expect(Set(autoscalers.map(\.name)) == ["gateway", "executor"])
        for autoscaler in autoscalers {
            let target = try #require(autoscaler.value.at("spec.scaleTargetRef"))
            let workload = try #require(kustomization.workload(target["name"]?.string ?? ""))
            #expect(workload.kind == target["kind"]?.string && workload.name == autoscaler.name)
            #expect(workload.replicas == nil)
            let least = try #require(autoscaler.value.at("spec.minReplicas")?.integer)
            #expect(try #require(autoscaler.value.at("spec.maxReplicas")?.integer) > least && least > 1)
        }
        for workload in kustomization.workloads where workload.kind == "Deployment" {
            #expect(autoscalers.contains { $0.name == workload.name }, "\(workload.name)")
        }
    }
}
