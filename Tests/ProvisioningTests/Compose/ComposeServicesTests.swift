import Arguments
import Encoding
import Foundation
import Testing
import Vocabulary

@testable import tailspan

/// Each service of the stack is compared with the code and with the rules for every container.
@Suite("Compose: services") struct ComposeServicesTests {
    @Test("The four services run the program's commands at its ports", arguments: ServiceRole.allCases)
    func theFourServicesRunTheProgramAtItsPorts(_ role: ServiceRole) throws {
        let service = try #require(try ComposeModel.model(.init())[role.rawValue])
        #expect(service.strings("command") == [role.rawValue])
        #expect(service.healthcheck == ["CMD", "tailspan", "healthcheck", role.rawValue])
        #expect(service.ports.map(\.target) == [role.defaultPort])
        #expect(service.ports.map(\.published) == [role.defaultPort])
        #expect(service.environment["HOST"] == "0.0.0.0")
        // No PORT: the health check and the others would have to know it too.
        #expect(service.environment["PORT"] == nil)
        for other in ServiceRole.allCases {
            guard let url = service.environment[other.urlVariable] else { continue }
            #expect(url == "http://\(other.rawValue):\(other.defaultPort)")
        }
        #expect(Tailspan.commands.contains { $0.configuration.name == role.rawValue })
    }

    @Test("Every caller knows the addresses of its upstreams")
    func everyCallerKnowsItsUpstreams() throws {
        let model = try ComposeModel.model(.init())
        let expected: [ServiceRole: Set<String>] = [
            .gateway: ["TASKS_URL", "EXECUTOR_URL", "PAYMENTS_URL"], .tasks: ["EXECUTOR_URL", "PAYMENTS_URL"],
            .executor: [], .payments: [],
        ]
        for (role, variables) in expected {
            let names = try #require(model[role.rawValue]).environment.keys.filter { $0.hasSuffix("_URL") }
            #expect(Set(names) == variables, "\(role)")
        }
    }

    @Test("The stack listens where the program looks for it")
    func theStackListensWhereTheProgramLooks() throws {
        let model = try ComposeModel.model(.everything)
        let published = Dictionary(uniqueKeysWithValues: model.services.map { ($0.name, $0.service.ports) })
        let expected = [
            // Programs of this machine send their spans to Tempo, too.
            "loki": [StackPort.loki], "tempo": [StackPort.tempo, StackPort.otlpHTTP], "grafana": [StackPort.grafana],
            "prometheus": [StackPort.prometheus],
        ]
        for (name, ports) in expected {
            #expect(published[name]?.map(\.target) == ports, "\(name)")
            #expect(published[name]?.map(\.published) == ports, "\(name)")
        }
        #expect(published["jaeger"]?.map(\.target) == [16686, StackPort.otlpHTTP])
        let dev = try ComposeModel.model(.init(overlays: ["dev"]))
        #expect(dev["promtail"]?.ports.map(\.target) == [StackPort.promtail])
        #expect(
            dev["tempo"]?.ports.map(\.target) == [StackPort.tempo, StackPort.otlpHTTP, StackPort.otlpGRPC])
    }

    @Test("Ports are published on 127.0.0.1 alone, and each only once")
    func portsArePublishedOnLoopbackOnce() throws {
        let cases = ComposeModel.Case.all
        for (one, model) in zip(cases, try ComposeModel.models(cases)) {
            let ports = model.services.flatMap(\.service.ports)
            #expect(ports.allSatisfy { $0.address == "127.0.0.1" }, "\(one.testDescription)")
            #expect(Set(ports.map(\.published)).count == ports.count, "\(one.testDescription)")
        }
    }

    @Test("Every container is hardened, bounded and has a health check that needs no shell")
    func everyContainerIsHardenedAndBounded() throws {
        for (name, service) in try ComposeModel.everyService() {
            #expect(service["read_only"]?.bool == true, "\(name)")
            #expect(service.strings("cap_drop") == ["ALL"], "\(name)")
            #expect(service.strings("security_opt") == ["no-new-privileges:true"], "\(name)")
            #expect(service.strings("tmpfs").contains { $0.hasPrefix("/tmp:size=") }, "\(name)")
            #expect(service["privileged"] == nil && service["cap_add"] == nil, "\(name)")
            let user = service["user"]?.string ?? ""
            #expect(!user.isEmpty && !user.hasPrefix("0") && !user.hasPrefix("root"), "\(name)")
            #expect(service["logging"]?["driver"]?.string == "json-file", "\(name)")
            #expect(service["logging"]?["options"]?["max-size"]?.string == "10m", "\(name)")
            #expect(service["logging"]?["options"]?["max-file"]?.string == "3", "\(name)")
            #expect(service["restart"]?.string == (name == "load" ? "no" : "unless-stopped"), "\(name)")
            #expect(service["pids_limit"]?.integer != nil, "\(name)")
            #expect(service["labels"]?["tailspan.part"]?.string != nil, "\(name)")
            #expect(["CMD"] == service.healthcheck.prefix(1), "\(name) has no healthcheck, or one that needs a shell")
            #expect(service.healthcheck.count > 1, "\(name)")
            for mount in service.mounts where mount.type == "bind" {
                #expect(mount.isReadOnly, "\(name) \(mount.source)")
            }
        }
    }

    @Test("Every mounted configuration file exists")
    func everyMountedFileExists() throws {
        for overlays in ComposeModel.Case.allOverlays.map({ [$0] }) + [[]] {
            var cases = ComposeModel.Case.shippers
            for index in cases.indices { cases[index].overlays = overlays }
            for (name, service) in try ComposeModel.models(cases).flatMap(\.services) {
                for mount in service.mounts where mount.type == "bind" {
                    let isOurs = mount.source.hasPrefix(Repository.root.path) && !mount.source.contains("/.tailspan/")
                    guard isOurs else { continue }
                    #expect(FileManager.default.fileExists(atPath: mount.source), "\(name): \(mount.source)")
                    // A program reads the file from where its command says it is.
                    let file = (mount.target as NSString).lastPathComponent
                    let isConfiguration = mount.source.hasSuffix(file) && file.contains(".")
                    if isConfiguration { #expect(isMentioned(mount.target, by: service), "\(name): \(mount.target)") }
                }
            }
        }
    }

    private func isMentioned(_ target: String, by service: ComposeService) -> Bool {
        // An overlay puts another file in the place of this one, which stays mounted.
        target == "/etc/promtail/promtail.yaml" || service.strings("command").contains { $0.hasSuffix(target) }
    }

    @Test("The default stack fits 2 GB, and Go collects garbage before its limit")
    func theDefaultStackFitsTwoGigabytes() throws {
        let services = try ComposeModel.model(.init()).services
        #expect(services.count == 8)
        let sum = services.compactMap(\.service.memory).reduce(0, +)
        #expect(services.allSatisfy { $0.service.memory != nil })
        #expect(sum < 2000, "\(sum) MiB")
        // More than what they took at most, on two cores that were busy.
        #expect(services.first { $0.name == "loki" }?.service.memory == 384)
        #expect(services.first { $0.name == "tempo" }?.service.memory == 640)
        for (name, service) in try ComposeModel.everyService() {
            let memory = try #require(service.memory, "\(name)")
            guard let limit = service.environment["GOMEMLIMIT"] else {
                #expect(service["image"]?.string?.hasPrefix("tailspan:") == true, "\(name)")
                continue
            }
            let mebibytes = try #require(Int(limit.replacing("MiB", with: "")))
            #expect(mebibytes * 100 <= memory * 90 && mebibytes * 100 >= memory * 70, "\(name)")
        }
    }

    @Test("Every service gets more time to stop than it needs for its last spans and lines")
    func everyServiceHasTimeToStop() throws {
        let services = try ComposeModel.model(.init()).services
        for role in ServiceRole.allCases {
            let service = try #require(services.first { $0.name == role.rawValue }?.service)
            let timeout = try #require(service.environment["SHUTDOWN_TIMEOUT_MS"].flatMap(Int.init))
            #expect(try #require(service.gracePeriod) * 1000 >= timeout + 2000, "\(role)")
        }
        // `--timeout` would be in the place of all of them.
        #expect(try !Repository.text("scripts/stack").contains("--timeout "))
    }

    @Test("Log files and databases are kept in volumes that belong to the image's user")
    func dataIsKeptInVolumesOfTheImagesUser() throws {
        let dockerfile = try Repository.text("compose/Dockerfile").replacing("\\\n", with: " ")
        let made = try #require(dockerfile.firstMatch(of: /RUN install -d -o 10001 -g 10001 (.*)/)).1
        let handedOver = Set(made.split(separator: " ").map(String.init))
        let model = try ComposeModel.model(.init())
        for role in ServiceRole.allCases {
            let service = try #require(model[role.rawValue])
            let targets = service.mounts.filter { $0.type == "volume" }.map(\.target)
            #expect(targets.contains(service.environment["LOG_DIR"] ?? "unset"))
            if let data = service.environment["DATA_DIR"] { #expect(targets.contains(data)) }
            let folders = targets + ["/var/log/tailspan/\(role.rawValue)"]
            for folder in folders { #expect(handedOver.contains(folder), "\(folder)") }
        }
        let databases = try [ServiceRole.tasks, .payments].map { role in
            try #require(model[role.rawValue]?.mounts.first { $0.target == "/var/lib/tailspan" }).source
        }
        #expect(Set(databases).count == 2)
    }

    @Test("The load generator gets valid options")
    func theLoadGeneratorGetsValidOptions() throws {
        let load = try #require(try ComposeModel.model(.everything)["load"])
        let program = try ComposeTools.executable
        let help = try Tool.run(program, ["load", "--help"]).output
        let command = load.strings("command")
        #expect(command.first == "load")
        for option in command.dropFirst() {
            #expect(help.contains(option.prefix { $0 != "=" } + " "), "\(option)")
        }
        #expect(command.contains("--url=http://gateway:\(ServiceRole.gateway.defaultPort)"))
    }
}

enum ComposeTools {
    /// The program, built beside the tests.
    static var executable: String {
        get throws {
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "tailspan").path
        }
    }
}
