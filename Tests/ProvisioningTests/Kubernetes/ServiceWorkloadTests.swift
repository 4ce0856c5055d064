import Configuration
import Encoding
import HTTP
import LogOutput
import OTelSDK
import PocketStack
import Testing
import TraceContext
import Tracing
import Vocabulary

@testable import ServiceKit

/// The manifests match the program's ports, paths, variables and folders.
@Suite("The services' workloads") struct ServiceWorkloadTests {
    /// What each attribute of a resource is filled from.
    static let fields = [
        "k8s.namespace.name": "metadata-namespace", "k8s.pod.name": "metadata-name", "k8s.pod.uid": "metadata-uid",
        "k8s.node.name": "spec-nodename",
    ]
    /// The roles in each of the kustomizations.
    static let cases = Kustomization.all.flatMap { folder in ServiceRole.allCases.map { (folder, $0) } }

    @Test(arguments: cases) func aServiceListensWhereItIsCalledAndProbed(folder: String, role: ServiceRole) throws {
        let kustomization = try Kustomization(folder)
        let workload = try #require(kustomization.workload(role.rawValue))
        let container = try #require(workload.containers.first)
        #expect(container["args"] == .array([.string(role.rawValue)]))
        #expect(container["command"] == nil)
        #expect(workload.port("http") == Int64(role.defaultPort))
        let service = try #require(kustomization.resource("Service", role.rawValue))
        let ports = service.value.at("spec.ports")?.array ?? []
        #expect(ports.map { $0["port"]?.integer } == [Int64(role.defaultPort)])
        #expect(container.at("startupProbe.httpGet.path")?.string == HealthRoutes.alive)
        #expect(container.at("livenessProbe.httpGet.path")?.string == HealthRoutes.alive)
        #expect(container.at("readinessProbe.httpGet.path")?.string == HealthRoutes.ready)
        let annotations = workload.spec.at("template.metadata.annotations")?.strings ?? [:]
        #expect(annotations["prometheus.io/port"] == String(role.defaultPort))
        #expect(annotations["prometheus.io/path"] == MetricsRoutes.path)
    }

    @Test(arguments: cases) func aServiceAcceptsItsEnvironment(folder: String, role: ServiceRole) throws {
        let kustomization = try Kustomization(folder)
        let workload = try #require(kustomization.workload(role.rawValue))
        let variables = try workload.environment(kustomization.settings)
        let configuration = try ServiceConfiguration(role: role, environment: variables)
        #expect(configuration.server.host == "0.0.0.0")
        #expect(configuration.server.port == role.defaultPort)
        #expect(configuration.log.stdout)
        #expect(configuration.log.format == .json)
        #expect(configuration.telemetry.warnings == [])
        #expect(configuration.telemetry.resource.attributes["service.name"] == .string(role.rawValue))
        for name in Self.fields.keys {
            let value = "the-\(Self.fields[name] ?? "")"
            #expect(configuration.telemetry.resource.attributes[name] == .string(value))
        }
        let attributes = configuration.telemetry.resource.attributes
        #expect(attributes["k8s.container.name"] == .string(workload.containers[0]["name"]?.string ?? ""))
        for kind in ["Deployment", "StatefulSet"] {
            let named = attributes["k8s.\(kind.lowercased()).name"]
            #expect(named == (kind == workload.kind ? .string(workload.name) : nil))
        }
        for peer in ServiceRole.allCases where variables[peer.urlVariable] != nil {
            #expect(
                try Environment(variables).url(peer.urlVariable, default: "http://x")
                    == "http://\(peer.rawValue):\(peer.defaultPort)")
        }
    }

    /// A misspelt variable would be ignored silently.
    @Test(arguments: Kustomization.all) func everyVariableIsReadByTheProgram(folder: String) throws {
        let sources = try Repository.files(under: "Sources", endingIn: ".swift").map(Repository.text).joined()
        let computed = Set(ServiceRole.allCases.map(\.urlVariable))
        let kustomization = try Kustomization(folder)
        for workload in kustomization.workloads where workload.name != "alloy" {
            let variables = (workload.containers[0]["env"]?.array ?? [])
            let texts = variables.compactMap { $0["value"]?.string }.joined()
            let names = variables.compactMap { $0["name"]?.string } + (kustomization.settings["settings"] ?? [:]).keys
            #expect(names.count > 10)
            for name in names where !name.hasPrefix("OTEL_") && !computed.contains(name) {
                let isUsed = sources.contains("\"\(name)\"") || texts.contains("$(\(name))")
                #expect(isUsed, "\(workload.name): \(name)")
            }
        }
    }

    @Test(arguments: cases) func filesAreWrittenToWritableVolumes(folder: String, role: ServiceRole) throws {
        let kustomization = try Kustomization(folder)
        let workload = try #require(kustomization.workload(role.rawValue))
        let configuration = try ServiceConfiguration(
            role: role, environment: try workload.environment(kustomization.settings))
        let logs = try #require(workload.volume(at: configuration.log.directory))
        let room = try #require(Quantity.value(logs.at("emptyDir.sizeLimit")))
        let rotation = configuration.log.rotation
        // The files are rotated before the volume is full: beyond its limit the pod is evicted.
        #expect(Double(rotation.maxBytes) * Double(rotation.maxFiles + 1) < room)
        // The two that keep a SQLite file keep it on a claim, have one writer, and do not share it for a moment.
        let keepsData = role == .tasks || role == .payments
        #expect((configuration.dataDirectory != nil) == keepsData)
        #expect((workload.kind == "StatefulSet") == keepsData)
        #expect((workload.volume(at: configuration.dataDirectory)?.at("spec.accessModes") != nil) == keepsData)
        let replicas = try #require(kustomization.replicas(of: workload))
        #expect(keepsData ? replicas == 1 : replicas > 1)
        #expect((kustomization.resource("PodDisruptionBudget", role.rawValue) != nil) == !keepsData)
    }

    @Test(arguments: cases) func aServiceHasTimeToStop(folder: String, role: ServiceRole) throws {
        let kustomization = try Kustomization(folder)
        let workload = try #require(kustomization.workload(role.rawValue))
        let configuration = try ServiceConfiguration(
            role: role, environment: try workload.environment(kustomization.settings))
        let container = workload.containers[0]
        // The listener closes on SIGTERM, so the pod must have left the endpoints before.
        let pause = try #require(container.at("lifecycle.preStop.sleep.seconds")?.integer)
        #expect(pause > 0)
        let grace = try #require(workload.pod["terminationGracePeriodSeconds"]?.integer)
        // Draining and the last spans and lines share one deadline.
        let needed = .seconds(pause) + configuration.shutdownTimeout
        #expect(.seconds(grace) >= needed + .seconds(3))
        // Nor does a rollout wait for longer than it must.
        #expect(.seconds(grace) <= needed + .seconds(10))
        // Readiness waits up to a second for each upstream, all at once; a probe must wait longer.
        #expect(container.at("readinessProbe.timeoutSeconds")?.integer ?? 1 > 1)
    }

    /// A process that is stopped with `kill -STOP`, or spins, answers neither probe nor SIGTERM.
    @Test(arguments: Kustomization.all) func aHangingProcessIsReplacedWithinHalfAMinute(folder: String) throws {
        for workload in try Kustomization(folder).workloads {
            let probe = try #require(workload.containers[0]["livenessProbe"])
            let period = try #require(probe["periodSeconds"]?.integer)
            let timeout = try #require(probe["timeoutSeconds"]?.integer)
            let failures = try #require(probe["failureThreshold"]?.integer)
            let grace = try #require(probe["terminationGracePeriodSeconds"]?.integer)
            // It may have answered a moment before it stood still.
            #expect(period * failures + timeout + grace <= 30, "\(workload.name)")
            // But one slow answer is no reason.
            #expect(failures >= 3 && timeout >= 2, "\(workload.name)")
        }
    }

    @Test func anExecutorHasAsManyThreadsAsCPUs() throws {
        let kustomization = try Kustomization(Kustomization.base)
        let workload = try #require(kustomization.workload(ServiceRole.executor.rawValue))
        let threads = try workload.environment(kustomization.settings)["EXECUTOR_THREADS"].flatMap(Double.init)
        let limit = try #require(Quantity.value(workload.containers[0].at("resources.limits.cpu")))
        #expect(threads == limit)
    }

    @Test func noManifestHoldsASecret() throws {
        for folder in Kustomization.all {
            let kustomization = try Kustomization(folder)
            #expect(kustomization.resources("Secret").isEmpty)
            let values = kustomization.settings.values.flatMap(\.keys)
            #expect(!values.contains { $0.contains("TOKEN") || $0.contains("PASSWORD") || $0.contains("SECRET") })
        }
        let gateway = try #require(try Kustomization(Kustomization.base).workload("gateway"))
        let token = (gateway.containers[0]["env"]?.array ?? []).first { $0["name"] == "GATEWAY_TOKEN" }
        #expect(token?.at("valueFrom.secretKeyRef.optional") == true)
    }

    @Test func thePocketStackAcceptsItsEnvironment() throws {
        let kustomization = try Kustomization(Kustomization.pocket)
        let workload = try #require(kustomization.workload("pocket"))
        let variables = try workload.environment(kustomization.settings)
        let configuration = try PocketConfiguration(environment: Environment(variables))
        #expect(configuration.host == "0.0.0.0")
        let ports = configuration.ports
        for (name, port) in [
            "console": ports.console, "loki": ports.loki, "tempo": ports.tempo, "otlp-http": ports.otlpHTTP,
        ] {
            #expect(workload.port(.string(name)) == Int64(port))
        }
        for role in ServiceRole.allCases {
            #expect(configuration.services[role] == "http://\(role.rawValue):\(role.defaultPort)")
        }
        let folder = try #require(variables["DATA_DIR"])
        #expect(configuration.database.hasPrefix(folder + "/"))
        #expect(configuration.logDirectory.hasPrefix(folder + "/"))
        let claim = try #require(workload.volume(at: folder))
        #expect(claim.at("spec.accessModes") == ["ReadWriteOnce"])
        let room = try #require(Quantity.value(claim.at("spec.resources.requests.storage")))
        #expect(Double(configuration.maximumBytes) * 2 < room)
        #expect(workload.containers[0].at("readinessProbe.httpGet.port") == "console")
    }
}
