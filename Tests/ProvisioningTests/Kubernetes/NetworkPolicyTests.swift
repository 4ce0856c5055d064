import Testing
import Vocabulary

/// The network policies allow the services' traffic and nothing else.
@Suite("The network policies") struct NetworkPolicyTests {
    /// Whom each service calls, read from its source.
    static func calls() throws -> Set<String> {
        var result: Set<String> = []
        for role in ServiceRole.allCases {
            let name = role.rawValue.prefix(1).uppercased() + role.rawValue.dropFirst()
            let files = try Repository.files(under: "Sources/Services/\(name)", endingIn: ".swift")
            let source = try files.map(Repository.text).joined()
            for match in source.matches(of: /upstream\(\s*\.(\w+)/) {
                let peer = try #require(ServiceRole(rawValue: String(match.1)))
                result.insert("\(role.rawValue)→\(peer.rawValue):\(peer.defaultPort)")
            }
        }
        return result
    }

    static let dns: Set<String> = ["kube-system/k8s-app=kube-dns:53", "kube-system/k8s-app=kube-dns:53/udp"]

    @Test func theServicesCallEachOtherAsDocumented() throws {
        #expect(
            try Self.calls() == [
                "gateway→tasks:8081", "gateway→payments:8083", "tasks→executor:8082", "tasks→payments:8083",
            ])
    }

    @Test(arguments: Kustomization.all) func everyOtherConnectionIsClosed(folder: String) throws {
        let kustomization = try Kustomization(folder)
        let policies = try NetworkPolicies(kustomization)
        #expect(policies.closed == Set(kustomization.workloads.map(\.name)))
        #expect(policies.halves == [])
    }

    @Test(arguments: [Kustomization.base, Kustomization.distributed])
    func exactlyTheServiceCallsAreOpen(folder: String) throws {
        #expect(try NetworkPolicies(Kustomization(folder)).edges == Self.calls())
    }

    @Test func thePocketStackIsReachable() throws {
        var expected = try Self.calls()
        for role in ServiceRole.allCases {
            expected.insert("\(role.rawValue)→pocket:\(StackPort.loki)")
            expected.insert("\(role.rawValue)→pocket:\(StackPort.otlpHTTP)")
            expected.insert("pocket→\(role.rawValue):\(role.defaultPort)")
        }
        #expect(try NetworkPolicies(Kustomization(Kustomization.pocket)).edges == expected)
    }

    @Test func onlyDNSIsOpenToTheOutside() throws {
        for folder in [Kustomization.base, Kustomization.pocket] {
            let kustomization = try Kustomization(folder)
            let policies = try NetworkPolicies(kustomization)
            for workload in kustomization.workloads { #expect(policies.outside(workload.name) == Self.dns) }
        }
    }

    @Test func onlySpansAndLinesLeaveTheNamespace() throws {
        let policies = try NetworkPolicies(Kustomization(Kustomization.distributed))
        for role in ServiceRole.allCases {
            #expect(policies.outside(role.rawValue) == Self.dns.union(["tempo/*:\(StackPort.otlpHTTP)"]))
        }
        #expect(policies.outside("alloy") == Self.dns.union(["loki/*:8080", "*:443", "*:6443"]))
    }

    @Test func onlyTheGatewayIsOpenToEverybody() throws {
        for folder in Kustomization.all {
            let policies = try NetworkPolicies(Kustomization(folder))
            let open = policies.ingress.filter { $0.value.contains { $0.peer == "*" } }
            #expect(open.keys.sorted() == [ServiceRole.gateway.rawValue])
        }
        let scraped = try NetworkPolicies(Kustomization(Kustomization.distributed)).ingress.filter {
            $0.value.contains { $0.peer == "monitoring/*" }
        }
        #expect(Set(scraped.keys) == Set(ServiceRole.allCases.map(\.rawValue)))
    }
}
