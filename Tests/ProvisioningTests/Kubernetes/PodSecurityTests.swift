import Encoding
import Testing

/// Every pod meets the restricted profile, has limits and has probes.
@Suite("The security of pods") struct PodSecurityTests {
    @Test(arguments: Kustomization.all) func podsMeetTheRestrictedProfile(folder: String) throws {
        let kustomization = try Kustomization(folder)
        #expect(kustomization.workloads.count >= 4)
        for workload in kustomization.workloads {
            let pod = workload.pod
            let name = Comment(rawValue: workload.name)
            #expect(pod.at("securityContext.runAsNonRoot") == true, name)
            let isOurs = workload.containers.allSatisfy { $0["image"]?.string?.hasPrefix("tailspan:") == true }
            let user = pod.at("securityContext.runAsUser")?.integer ?? 0
            #expect(isOurs ? user == 10001 : user > 0, name)
            #expect(pod.at("securityContext.fsGroup")?.integer == user, name)
            #expect(pod.at("securityContext.seccompProfile.type") == "RuntimeDefault", name)
            #expect(pod["enableServiceLinks"] == false, name)
            for field in ["hostNetwork", "hostPID", "hostIPC"] { #expect(pod[field] == nil, name) }
            for container in workload.containers {
                #expect(container.at("securityContext.allowPrivilegeEscalation") == false, name)
                #expect(container.at("securityContext.readOnlyRootFilesystem") == true, name)
                #expect(container.at("securityContext.capabilities.drop") == ["ALL"], name)
                #expect(container.at("securityContext.capabilities.add") == nil, name)
                #expect(container.at("securityContext.privileged") == nil, name)
                #expect((container["ports"]?.array ?? []).allSatisfy { $0["hostPort"] == nil }, name)
            }
        }
    }

    @Test(arguments: Kustomization.all) func onlyAlloyTalksToTheKubernetesAPI(folder: String) throws {
        let kustomization = try Kustomization(folder)
        for workload in kustomization.workloads {
            let account = try #require(
                workload.pod["serviceAccountName"]?.string.flatMap { kustomization.resource("ServiceAccount", $0) })
            #expect(account.name == workload.name)
            #expect(account.value["automountServiceAccountToken"] == false)
            #expect(workload.pod["automountServiceAccountToken"] == .bool(workload.name == "alloy"))
        }
        #expect(kustomization.resources("ClusterRole", "ClusterRoleBinding").isEmpty)
        for role in kustomization.resources("Role") {
            let verbs = (role.value["rules"]?.array ?? []).flatMap { $0["verbs"]?.array ?? [] }.compactMap(\.string)
            #expect(Set(verbs).isSubset(of: ["get", "list", "watch"]))
        }
    }

    @Test(arguments: Kustomization.all) func containersHaveRequestsAndLimits(folder: String) throws {
        for workload in try Kustomization(folder).workloads {
            for container in workload.containers {
                for resource in ["cpu", "memory", "ephemeral-storage"] {
                    let what: Comment = "\(workload.name) \(resource)"
                    let request = try #require(Quantity.value(container.at("resources.requests.\(resource)")), what)
                    let limit = try #require(Quantity.value(container.at("resources.limits.\(resource)")), what)
                    #expect(request > 0 && request <= limit, what)
                }
            }
        }
    }

    @Test(arguments: Kustomization.all) func probesUseExistingPorts(folder: String) throws {
        for workload in try Kustomization(folder).workloads {
            for container in workload.containers {
                for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
                    let what: Comment = "\(workload.name) \(probe)"
                    let request = try #require(container[probe]?["httpGet"], what)
                    #expect(workload.port(request["port"]) != nil, what)
                    #expect(request["path"]?.string?.hasPrefix("/") == true, what)
                }
            }
        }
    }

    @Test(arguments: Kustomization.all) func volumesAreMountedAndBounded(folder: String) throws {
        for workload in try Kustomization(folder).workloads {
            let mounts = workload.containers.flatMap { $0["volumeMounts"]?.array ?? [] }.compactMap {
                $0["name"]?.string
            }
            #expect(Set(mounts) == Set(workload.volumes.keys), "\(workload.name)")
            var temporary = 0.0
            for (name, volume) in workload.volumes {
                let what: Comment = "\(workload.name) \(name)"
                #expect(volume["hostPath"] == nil, what)
                if let directory = volume["emptyDir"] {
                    temporary += try #require(Quantity.value(directory["sizeLimit"]), what)
                }
            }
            // A pod that fills its volumes must meet their limits before its own, which also counts its standard output.
            let limit = try #require(
                Quantity.value(workload.containers.first?.at("resources.limits.ephemeral-storage")))
            #expect(temporary < limit, "\(workload.name)")
        }
    }
}
