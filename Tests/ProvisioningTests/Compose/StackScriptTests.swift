import Foundation
import TestTools
import Testing
import Vocabulary

/// scripts/stack: start, verification and stop.
@Suite("Compose: make stack") struct StackScriptTests {
    @Test("Every shell script passes shellcheck") func everyScriptPassesShellcheck() throws {
        let shellcheck = try TestTool.require(Tool.pythonTool("shellcheck"), "shellcheck")
        let folder = Repository.root.appending(path: "scripts").path
        let scripts =
            try FileManager.default.subpathsOfDirectory(atPath: folder).map { "scripts/" + $0 }
            .filter { try isShellScript($0) } + [".ci/run"]
        #expect(scripts.contains("scripts/stack") && scripts.contains("scripts/stack.d/causes.sh"))
        let result = try Tool.run(shellcheck, ["-x"] + scripts)
        #expect(result.status == 0, "\(result.output)")
    }

    private func isShellScript(_ path: String) throws -> Bool {
        var isFolder: ObjCBool = false
        let file = Repository.root.appending(path: path).path
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue else {
            return false
        }
        return try path.hasSuffix(".sh") || Repository.text(path).hasPrefix("#!/usr/bin/env bash")
    }

    @Test("The script removes the previous shipper, starts the chosen parts and prints their addresses")
    func theScriptReplacesTheShipperAndStartsTheStack() throws {
        let room = try StackRoom()
        let result = try room.run(
            "up", environment: ["SHIPPER": "alloy", "PROFILES": "metrics load", "OVERLAYS": "dev"])
        #expect(result.status == 0, "\(result.output)")
        let base = "compose --env-file compose/.env --env-file compose/.env.local -f compose/compose.yaml"
        let calls = try room.calls.suffix(2)
        #expect(
            Array(calls) == [
                "\(base) -f compose/compose.dev.yaml --profile * rm --stop --force promtail collector jaeger victoriametrics",
                "\(base) -f compose/compose.dev.yaml up --detach --remove-orphans --wait --wait-timeout 300 --build",
            ])
        for url in ["127.0.0.1:3000", "127.0.0.1:8080/v1/tasks", "127.0.0.1:9090", "127.0.0.1:4318"] {
            #expect(result.output.contains("http://\(url)\n"))
        }
        #expect(!result.output.contains("16686"))
    }

    @Test("The services that the script removes by name are those that a profile adds")
    func theScriptRemovesExactlyTheOptionalServices() throws {
        let script = try Repository.text("scripts/stack")
        let listed = try #require(script.firstMatch(of: /readonly optional=\((.*)\)/)).1.split(separator: " ")
        let base = try ComposeModel.model(.init(named: []))
        let all = try ComposeModel.everyService().map(\.name)
        #expect(Set(listed.map(String.init)) == Set(all).subtracting(base.names))
    }

    @Test("A missing tool is reported with advice", arguments: ["none", "compose", "engine", "oldEngine"])
    func aMissingToolIsReportedWithAdvice(_ what: String) throws {
        let result: Tool.Result
        let expected: [String]
        switch what {
        case "none":
            let room = try StackRoom()
            try FileManager.default.removeItem(at: room.folder.appending(path: "bin/docker"))
            let path = room.folder.path + "/bin"
            for tool in ["bash", "dirname"] {
                try FileManager.default.createSymbolicLink(
                    atPath: path + "/" + tool, withDestinationPath: "/usr/bin/" + tool)
            }
            result = try room.run("up", environment: ["PATH": path])
            expected = ["there is no docker here", "docs.docker.com/engine/install", "make up"]
        case "compose":
            result = try StackRoom(compose: "").run("up")
            expected = ["docker has no 'compose' command", "docker-compose-plugin"]
        case "engine":
            result = try StackRoom(engine: nil).run("up")
            expected = ["the Docker engine does not answer", "systemctl start docker", "make up"]
        default:
            result = try StackRoom(engine: "24.0.9").run("up")
            expected = ["the Docker engine is version 24.0.9; 25 or later is needed"]
        }
        #expect(result.status == 1)
        for text in expected { #expect(result.output.contains(text), "\(result.output)") }
    }

    @Test("Older versions are refused", arguments: ["1.29.2", "v2.24.4", "2.26.1", "2.26.1-desktop.1"])
    func olderVersionsAreRefused(_ version: String) throws {
        let result = try StackRoom(compose: version).run("up")
        #expect(result.status == 1)
        #expect(result.output.contains("version \(version); 2.27.0 or later is needed"), "\(result.output)")
    }

    @Test("Newer versions are accepted", arguments: ["2.27.0", "v2.30.0", "2.27.0-desktop.1", "5.5.0"])
    func newerVersionsAreAccepted(_ version: String) throws {
        #expect(try StackRoom(compose: version, engine: "28.2.2").run("up").status == 0)
    }

    @Test("A missing or unknown command ends with exit code 2", arguments: ["", "upp"])
    func aMissingOrUnknownCommandEndsWithTwo(
        _ command: String
    )
        throws
    {
        let result = try StackRoom().run(command)
        #expect(result.status == 2)
        #expect(result.output.contains("expected up, down, verify, pin, bundle or bundle-load, not '\(command)'"))
    }

    @Test(
        "The log folder is created, and Compose gets its absolute path",
        arguments: [("", ".tailspan/compose-logs"), ("logs", "logs"), ("./a b/logs", "a b/logs"), ("/", "elsewhere")])
    func theLogFolderIsCreatedWithAnAbsolutePath(_ given: String, _ made: String) throws {
        let room = try StackRoom()
        let expected = room.folder.resolvingSymlinksInPath().path + "/" + made
        // A path that is whole stays as it is.
        let folder = given == "/" ? expected : given
        let result = try room.run("up", environment: ["OVERLAYS": "macos", "LOG_FOLDER": folder])
        #expect(result.status == 0, "\(result.output)")
        #expect(try room.environment("LOG_FOLDER") == expected)
        #expect(try URL(fileURLWithPath: expected).resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true)
    }

    @Test(
        "Mounts are labelled where SELinux is enforcing unless that is declined",
        arguments: [
            ("Enforcing", nil, "true"), ("Enforcing", "false", ""), ("Permissive", nil, ""), (nil, nil, ""),
            (nil, "true", "true"), (nil, "false", ""),
        ] as [(String?, String?, String)])
    func mountsAreLabelledWhereSELinuxIsEnforcing(_ machine: String?, _ setting: String?, _ expected: String) throws {
        let room = try StackRoom()
        if let machine { try room.program("getenforce", saying: machine) }
        let result = try room.run("up", environment: setting.map { ["SELINUX": $0] } ?? [:])
        #expect(result.status == 0, "\(result.output)")
        #expect(try room.environment("SELINUX") == expected)
        #expect(result.output.contains("SELinux is enforcing") == (machine == "Enforcing" && setting == nil))
    }

    /// In Loki both have the same labels and metadata.
    @Test("The output says nothing about the format of the lines", arguments: ["text", "json"])
    func theOutputIsSilentAboutTheLogFormat(_ format: String) throws {
        let room = try StackRoom()
        let result = try room.run("up", environment: ["LOG_FORMAT": format])
        #expect(result.status == 0, "\(result.output)")
        #expect(!result.output.contains("LOG_FORMAT"), "\(result.output)")
    }

    @Test(
        "Stopping stops every part, whatever the profile and the settings",
        arguments: [
            [:], ["OVERLAYS": "s3"], ["SHIPPER": "fluentd", "PROFILES": "metrcs", "GRAFANA_PORT": "eighty"],
        ])
    func stoppingStopsEveryPart(_ environment: [String: String]) throws {
        let room = try StackRoom()
        try room.write("LOG_FOLDER=$HOME/logs\n", to: "compose/.env.local")
        let result = try room.run("down", "--volumes", environment: environment)
        #expect(result.status == 0, "\(result.output)")
        #expect(
            try room.calls.last
                == "compose --env-file compose/.env -f compose/compose.yaml --profile * down --remove-orphans --volumes"
        )
        for name in ["SHIPPER", "PROFILES", "GRAFANA_PORT"] { #expect(try room.environment(name) == nil, "\(name)") }
    }

    @Test(
        "The message about the data after stopping is true",
        arguments: [
            ([], "stopped; its data are kept in volumes"), (["--volumes"], "stopped; its volumes are removed"),
            (["-v"], "stopped; its volumes are removed"),
            (["--rmi", "local", "--volumes=true"], "stopped; its volumes are removed"),
            (["--rmi", "local"], "stopped; its data are kept"),
        ] as [([String], String)])
    func theMessageAboutTheDataIsTrue(_ arguments: [String], _ expected: String) throws {
        let room = try StackRoom()
        let script = [room.folder.path + "/scripts/stack", "down"] + arguments
        let path = room.folder.path + "/bin:/usr/bin:/bin"
        let result = try Tool.run("/usr/bin/env", ["bash"] + script, environment: ["PATH": path])
        #expect(result.status == 0)
        #expect(result.output.contains(expected), "\(result.output)")
        #expect(result.output.contains("kept") != result.output.contains("removed,"), "\(result.output)")
        let failed = try Tool.run(
            "/usr/bin/env", ["bash"] + script, environment: ["PATH": path, "DOWN_SAYS": "volume is in use"])
        #expect(failed.status == 1)
        #expect(failed.output.contains("volume is in use") && failed.output.contains("not everything was stopped"))
        #expect(!failed.output.contains("stopped;"))
    }

    @Test("Verification runs in the gateway's container with addresses that work there")
    func verificationRunsInTheGatewaysContainer() throws {
        let room = try StackRoom()
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

    /// Exit code 1 means that there are violations.
    @Test(
        "A verification that cannot run ends with exit code 2",
        arguments: [
            (["GRAFANA_ADMIN_PASSWORD": ""], "no password for Grafana"),
            (["RUNNING": "no"], "the stack does not run"), (["SHIPPER": "fluentd"], "expected promtail"),
            (["ENGINE_SAYS": "Cannot connect to the Docker daemon"], "does not answer"),
        ])
    func anImpossibleVerificationEndsWithTwo(_ environment: [String: String], _ message: String) throws {
        let room = try StackRoom()
        let variables = ["GRAFANA_ADMIN_PASSWORD": "mine"].merging(environment) { $1 }
        let result = try room.run("verify", environment: variables)
        #expect(result.status == 2)
        #expect(result.output.contains(message), "\(result.output)")
        #expect(try !room.calls.contains { $0.contains(" exec ") })
    }

    @Test("Verification uses a password from the environment")
    func verificationUsesThePasswordOfTheEnvironment() throws {
        let room = try StackRoom()
        #expect(try room.run("verify", environment: ["GRAFANA_ADMIN_PASSWORD": "mine"]).status == 0)
        #expect(try room.environment("GRAFANA_ADMIN_PASSWORD") == "mine")
    }
}
