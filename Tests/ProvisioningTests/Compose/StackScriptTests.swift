import Contracts
import Foundation
import TestTools
import Testing

/// scripts/stack, with a `docker` in its path that only writes down what it was asked for.
@Suite("Compose: make stack") struct StackScriptTests {
    /// A copy of what the script touches, so that it may write.
    private struct Room: ~Copyable {
        let folder: URL

        init(compose: String = "2.27.0", engine: String? = "25.0.0", buildx: Bool = true) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-stack-\(UUID().uuidString)")
            let files = FileManager.default
            for name in ["scripts", "bin"] {
                try files.createDirectory(at: folder.appending(path: name), withIntermediateDirectories: true)
            }
            try files.copyItem(
                at: Repository.root.appending(path: "scripts/stack"), to: folder.appending(path: "scripts/stack"))
            try files.copyItem(at: Repository.root.appending(path: "compose"), to: folder.appending(path: "compose"))
            for name in [".env.local", "bundle"] where files.fileExists(atPath: folder.path + "/compose/" + name) {
                try files.removeItem(at: folder.appending(path: "compose/" + name))
            }
            let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
            let docker = """
                #!/usr/bin/env bash
                echo "$*" >>"\(folder.path)/calls"
                env >"\(folder.path)/environment"
                case "$*" in
                    "compose version --short") \(compose.isEmpty ? "exit 1" : "echo \(compose)") ;;
                    "version --format"*) \(engine.map { "echo \($0)" } ?? "exit 1") ;;
                    "buildx version") exit \(buildx ? 0 : 1) ;;
                    "buildx imagetools"*no-such*) exit 1 ;;
                    "buildx imagetools"*) echo '"\(digest)"' ;;
                    "save "*) echo "images" ;;
                    *" up "*) exit "${UP_STATUS:-0}" ;;
                esac
                """
            try docker.write(to: folder.appending(path: "bin/docker"), atomically: true, encoding: .utf8)
            try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/bin/docker")
        }

        deinit {
            // A folder below /tmp: whether it goes or stays hurts nobody.
            try? FileManager.default.removeItem(at: folder)
        }

        func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Tool.Result {
            var variables = ["PATH": folder.path + "/bin:/usr/bin:/bin", "GRAFANA_ADMIN_PASSWORD": ""]
            variables.merge(environment) { $1 }
            return try Tool.run(
                "/usr/bin/env", ["bash", folder.path + "/scripts/stack"] + arguments, environment: variables)
        }

        func text(_ path: String) throws -> String {
            try String(contentsOf: folder.appending(path: path), encoding: .utf8)
        }

        func write(_ text: String, to path: String) throws {
            try text.write(to: folder.appending(path: path), atomically: true, encoding: .utf8)
        }

        /// What the last docker had in its environment.
        func environment(_ name: String) throws -> String? {
            try text("environment").split(separator: "\n").first { $0.hasPrefix(name + "=") }
                .map { String($0.dropFirst(name.count + 1)) }
        }

        /// What docker was asked for.
        var calls: [String] {
            get throws { try text("calls").split(separator: "\n").map(String.init) }
        }
    }

    @Test("Every shell script passes shellcheck") func shellcheck() throws {
        let shellcheck = try TestTool.require(Tool.pythonTool("shellcheck"), "shellcheck")
        let folder = Repository.root.appending(path: "scripts").path
        let scripts = try FileManager.default.contentsOfDirectory(atPath: folder).map { "scripts/" + $0 } + [".ci/run"]
        #expect(scripts.contains("scripts/stack"))
        let result = try Tool.run(shellcheck, scripts)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("It removes whatever shipper ran before, starts what is wanted, and says where it is") func up() throws {
        let room = try Room()
        let result = try room.run(
            "up", environment: ["SHIPPER": "alloy", "PROFILES": "metrics load", "OVERLAYS": "dev"])
        #expect(result.status == 0, "\(result.output)")
        let base = "compose --env-file compose/.env --env-file compose/.env.local -f compose/compose.yaml"
        let calls = try room.calls.suffix(2)
        #expect(
            Array(calls) == [
                "\(base) -f compose/compose.dev.yaml --profile * rm --stop --force promtail collector jaeger",
                "\(base) -f compose/compose.dev.yaml up --detach --remove-orphans --wait --wait-timeout 300 --build",
            ])
        for url in ["http://127.0.0.1:3000", "http://127.0.0.1:8080/v1/tasks", "http://127.0.0.1:9090"] {
            #expect(result.output.contains(url + "\n"))
        }
        #expect(!result.output.contains("16686"))
    }

    @Test("What it removes by name are the services that a profile adds") func optionalServices() throws {
        let script = try Repository.text("scripts/stack")
        let listed = try #require(script.firstMatch(of: /readonly optional=\((.*)\)/)).1.split(separator: " ")
        let base = try ComposeModel.model(.init(named: []))
        let all = try ComposeModel.everyService().map(\.name)
        #expect(Set(listed.map(String.init)) == Set(all).subtracting(base.names))
    }

    @Test("A password is made once, is nobody else's to read, and is not said") func password() throws {
        let room = try Room()
        let first = try room.run("up")
        let file = try room.text("compose/.env.local")
        let password = try #require(file.wholeMatch(of: /GRAFANA_ADMIN_PASSWORD=([A-Za-z0-9_-]{24})\n/)).1
        #expect(!first.output.contains(password))
        let attributes = try FileManager.default.attributesOfItem(atPath: room.folder.path + "/compose/.env.local")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        _ = try room.run("up")
        #expect(try room.text("compose/.env.local") == file)
        let other = try Room()
        _ = try other.run("up")
        #expect(try other.text("compose/.env.local") != file)
        // And git never sees it.
        #expect(try Repository.text("compose/.gitignore").contains("\n.env.local\n"))
    }

    @Test("A password from the environment is used as it is") func ownPassword() throws {
        let room = try Room()
        let result = try room.run("up", environment: ["GRAFANA_ADMIN_PASSWORD": "mine"])
        #expect(result.status == 0)
        #expect(!FileManager.default.fileExists(atPath: room.folder.path + "/compose/.env.local"))
    }

    @Test("What .env.local says takes effect, unless the environment says otherwise") func ownSettings() throws {
        let room = try Room()
        try room.write(
            """
            # SHIPPER=collector
            SHIPPER=alloy
            export TRACES="jaeger"   # and Tempo
            PROFILES = 'metrics,load'
            OVERLAYS=dev s3
            GRAFANA_PORT=13000 # taken
            GATEWAY_PORT=18080\r
            JAEGER_PORT=26686
            GRAFANA_ADMIN_PASSWORD='a$b \\c'
            LOKI_PORT=1
            LOKI_PORT=13100
            """, to: "compose/.env.local")
        let result = try room.run("up", environment: ["JAEGER_PORT": "36686"])
        #expect(result.status == 0, "\(result.output)")
        let files = "-f compose/compose.yaml -f compose/compose.dev.yaml -f compose/compose.s3.yaml"
        let calls = try room.calls.suffix(2)
        #expect(calls.first?.hasSuffix("\(files) --profile * rm --stop --force promtail collector") == true, "\(calls)")
        #expect(calls.last?.contains("\(files) up --detach") == true, "\(calls)")
        for (name, value) in [
            ("SHIPPER", "alloy"), ("TRACES", "jaeger"), ("PROFILES", "metrics,load"), ("GRAFANA_PORT", "13000"),
            ("GATEWAY_PORT", "18080"), ("JAEGER_PORT", "36686"), ("GRAFANA_ADMIN_PASSWORD", #"a$b \c"#),
        ] {
            #expect(try room.environment(name) == value)
        }
        for address in ["13000", "18080/v1/tasks", "13100", "3200", "9090", "36686"] {
            #expect(result.output.contains("http://127.0.0.1:\(address)\n"), "\(result.output)")
        }

        // Set, though to nothing.
        _ = try room.run("up", environment: ["SHIPPER": "promtail", "PROFILES": "", "OVERLAYS": ""])
        #expect(
            try room.calls.suffix(2).first?.hasSuffix(
                "-f compose/compose.yaml --profile * rm --stop --force alloy collector prometheus load") == true)
    }

    @Test("What only Compose could fill in is refused", arguments: ["${HOME}/logs", #""$HOME/logs""#, #"C:\logs"#])
    func ownSettingsAreWrittenOut(_ value: String) throws {
        let room = try Room()
        try room.write("LOG_FOLDER=\(value)\n", to: "compose/.env.local")
        let result = try room.run("up")
        #expect(result.status == 1)
        #expect(result.output.contains("compose/.env.local: the value of LOG_FOLDER"), "\(result.output)")
    }

    @Test("What is missing is said, with what to do", arguments: ["none", "compose", "engine", "oldEngine"])
    func missing(_ what: String) throws {
        let result: Tool.Result
        let expected: [String]
        switch what {
        case "none":
            let room = try Room()
            try FileManager.default.removeItem(at: room.folder.appending(path: "bin/docker"))
            let path = room.folder.path + "/bin"
            for tool in ["bash", "dirname"] {
                try FileManager.default.createSymbolicLink(
                    atPath: path + "/" + tool, withDestinationPath: "/usr/bin/" + tool)
            }
            result = try room.run("up", environment: ["PATH": path])
            expected = ["there is no docker here", "docs.docker.com/engine/install", "make up"]
        case "compose":
            result = try Room(compose: "").run("up")
            expected = ["docker has no 'compose' command", "docker-compose-plugin"]
        case "engine":
            result = try Room(engine: nil).run("up")
            expected = ["the Docker engine does not answer", "systemctl start docker", "make up"]
        default:
            result = try Room(engine: "24.0.9").run("up")
            expected = ["the Docker engine is version 24.0.9; 25 or later is needed"]
        }
        #expect(result.status == 1)
        for text in expected { #expect(result.output.contains(text), "\(result.output)") }
    }

    @Test("Earlier versions will not do", arguments: ["1.29.2", "v2.24.4", "2.26.1", "2.26.1-desktop.1"])
    func earlierVersions(_ version: String) throws {
        let result = try Room(compose: version).run("up")
        #expect(result.status == 1)
        #expect(result.output.contains("version \(version); 2.27.0 or later is needed"), "\(result.output)")
    }

    @Test("Later versions will do", arguments: ["2.27.0", "v2.30.0", "2.27.0-desktop.1", "5.5.0"])
    func versions(_ version: String) throws {
        #expect(try Room(compose: version, engine: "28.2.2").run("up").status == 0)
    }

    @Test(
        "Choices that are none are refused",
        arguments: [
            (["SHIPPER": "fluentd"], "expected promtail, alloy or collector"),
            (["TRACES": "zipkin"], "expected tempo or jaeger"),
            (["OVERLAYS": "dev nix"], "There are: dev docker-logs macos offline s3"),
            (["OVERLAYS": "dev,docker-logs", "SHIPPER": "alloy"], "is for SHIPPER=promtail only, not for alloy"),
            (["OVERLAYS": "docker-logs", "SHIPPER": "collector"], "is for SHIPPER=promtail only, not for collector"),
        ] as [([String: String], String)])
    func choices(_ environment: [String: String], _ message: String) throws {
        let room = try Room()
        let result = try room.run("up", environment: environment)
        #expect(result.status == 1)
        #expect(result.output.contains(message), "\(result.output)")
        #expect(try !room.calls.contains { $0.contains(" up ") })
    }

    @Test(
        "The folder for logs is made, and Compose gets its whole path",
        arguments: [("", ".tailspan/compose-logs"), ("logs", "logs"), ("./a b/logs", "a b/logs"), ("/", "elsewhere")])
    func logFolder(_ given: String, _ made: String) throws {
        let room = try Room()
        let expected = room.folder.resolvingSymlinksInPath().path + "/" + made
        // A path that is whole stays as it is.
        let folder = given == "/" ? expected : given
        let result = try room.run("up", environment: ["OVERLAYS": "macos", "LOG_FOLDER": folder])
        #expect(result.status == 0, "\(result.output)")
        #expect(try room.environment("LOG_FOLDER") == expected)
        #expect(try URL(fileURLWithPath: expected).resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true)
    }

    @Test("When something does not become healthy, it says what to look at") func unhealthy() throws {
        let room = try Room()
        let result = try room.run("up", environment: ["UP_STATUS": "1"])
        #expect(result.status == 1)
        #expect(result.output.contains("not everything became healthy"))
        #expect(try room.calls.last?.hasSuffix(" ps --all") == true)
    }

    @Test("Stopping stops everything, whatever was started") func down() throws {
        let room = try Room()
        let result = try room.run("down", "--volumes", environment: ["OVERLAYS": "s3"])
        #expect(result.status == 0, "\(result.output)")
        #expect(
            try room.calls.last
                == "compose --env-file compose/.env -f compose/compose.yaml --profile * down --remove-orphans --timeout 30 --volumes"
        )
    }

    @Test("Proving asks the program in the gateway's container, with addresses that are right there") func verify()
        throws
    {
        let room = try Room()
        _ = try room.run("up")
        let result = try room.run("verify", "--requests", "9")
        #expect(result.status == 0, "\(result.output)")
        let call = try #require(try room.calls.last)
        #expect(
            call.contains(
                " exec -T -e GRAFANA_ADMIN_PASSWORD gateway tailspan verify --loki http://loki:3100 --tempo http://tempo:3200 "
            ))
        #expect(call.contains(" --grafana http://grafana:3000 "))
        // The password that `up` made reaches it, and not by the command line.
        let password = try #require(try room.environment("GRAFANA_ADMIN_PASSWORD"))
        #expect(try room.text("compose/.env.local") == "GRAFANA_ADMIN_PASSWORD=\(password)\n")
        #expect(!call.contains(password))
        #expect(call.hasSuffix(" --requests 9"))
        let help = try Tool.run(try ComposeTools.executable, ["verify", "--help"]).output
        for option in call.split(separator: " ") where option.hasPrefix("--") && !option.hasPrefix("--env-file") {
            #expect(help.contains(option + " "), "\(option)")
        }
        for role in ServiceRole.allCases where role != .gateway {
            #expect(call.contains("--\(role.rawValue) http://\(role.rawValue):\(role.defaultPort)"))
        }
    }

    @Test("Proving uses a password from the environment, and says so where there is none") func verifyPassword() throws
    {
        let room = try Room()
        let without = try room.run("verify")
        #expect(without.status == 1)
        #expect(without.output.contains("no password for Grafana"), "\(without.output)")
        #expect(try room.run("verify", environment: ["GRAFANA_ADMIN_PASSWORD": "mine"]).status == 0)
        #expect(try room.environment("GRAFANA_ADMIN_PASSWORD") == "mine")
    }

    @Test("Pinning writes a digest behind every tag that is fetched, and changes nothing else") func pin() throws {
        let room = try Room()
        let before = try room.text("compose/.env").split(separator: "\n", omittingEmptySubsequences: false)
        let result = try room.run("pin")
        #expect(result.status == 0, "\(result.output)")
        let after = try room.text("compose/.env").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(before.count == after.count)
        let digest = "@sha256:" + String(repeating: "0123456789abcdef", count: 4)
        for (old, new) in zip(before, after) {
            let isFetched = old.contains("_IMAGE=docker.io/")
            #expect(new == (isFetched ? old.prefix { $0 != "@" } + digest : old))
        }
        #expect(after.count { $0.hasSuffix(digest) } == 10)
    }

    @Test("Pinning changes nothing where one image is not to be had") func failedPin() throws {
        let room = try Room()
        let before = try room.text("compose/.env").replacing(
            "docker.io/grafana/loki:", with: "docker.io/grafana/no-such:")
        try room.write(before, to: "compose/.env")
        let result = try room.run("pin")
        #expect(result.status == 1)
        #expect(result.output.contains("grafana/no-such:3.6.15: the registry has no such image"))
        #expect(try room.text("compose/.env") == before)
    }

    @Test("A bundle holds every image that runs, by its tag, and is checked before it is loaded") func bundle() throws {
        let room = try Room()
        let result = try room.run("bundle")
        #expect(result.status == 0, "\(result.output)")
        let save = try #require(try room.calls.last { $0.hasPrefix("save ") })
        let saved = Set(save.split(separator: " ").dropFirst().map(String.init))
        let running = try ComposeModel.everyService().map { $0.service.image.prefix { $0 != "@" } }
        #expect(saved == Set(running.map(String.init)))
        // What was pulled by digest is given its tag, since only that survives.
        for image in try ComposeModel.everyService().map(\.service.image) where image.contains("@") {
            #expect(try room.calls.contains("tag \(image) \(image.prefix { $0 != "@" })"))
        }
        #expect(try !room.text("compose/bundle/images.env").contains("@sha256"))

        let loaded = try room.run("bundle-load")
        #expect(loaded.status == 0, "\(loaded.output)")
        #expect(try room.calls.last == "load --input compose/bundle/images.tar.gz")
        let started = try room.run("up", environment: ["OVERLAYS": "offline"])
        #expect(started.status == 0, "\(started.output)")
        let up = try #require(try room.calls.last)
        #expect(
            up.contains(
                "--env-file compose/bundle/images.env -f compose/compose.yaml -f compose/compose.offline.yaml up"))
        #expect(!up.contains("--build"))

        try room.write("damaged", to: "compose/bundle/images.tar.gz")
        let damaged = try room.run("bundle-load")
        #expect(damaged.status == 1)
        #expect(damaged.output.contains("is damaged"))
    }
}
