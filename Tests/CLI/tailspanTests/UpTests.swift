import Encoding
import EventLoop
import Glibc
import ServiceTesting
import Synchronization
import Testing
import Vocabulary

@testable import FileSystem
@testable import Supervision

/// `tailspan up`, run as a user runs it, on free ports and in a folder of its own.
private final class RunningUp: Sendable {
    let process: ChildProcess
    let lines: Lines
    let errors: Lines
    private let eventLoop: EventLoop

    init(_ eventLoop: EventLoop, _ arguments: [String] = []) throws {
        let folder = "/tmp/tailspan-up-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let (lines, errors) = (Lines(), Lines())
        (self.lines, self.errors, self.eventLoop) = (lines, errors, eventLoop)
        let program = ProgramSpec(
            try ProgramTests.executable,
            ["up", "--random-ports", "--json", "--environment", folder] + arguments,
            environment: programEnvironment(["OTEL_BSP_SCHEDULE_DELAY": "200"]))
        process = try ChildProcess(program, on: eventLoop) { stream, line in
            (stream == .output ? lines : errors).append(line)
        }
        self.folder = folder
    }

    let folder: String

    /// What it said once everything was ready.
    func ready() async throws -> JSONValue {
        try await lines.wait(for: #""event":"ready""#, on: eventLoop)
        return try #require(events.first { $0["event"] == "ready" })
    }

    var events: [JSONValue] {
        lines.all.compactMap { try? JSONValue(parsing: $0) }.filter { $0["event"] != nil }
    }

    /// `part state`, in the order of the events.
    var states: [String] {
        events.filter { $0["event"] == "state" }.map { "\($0["part"]?.string ?? "") \($0["state"]?.string ?? "")" }
    }

    /// The process ids of its parts, by name.
    func parts() -> [String: pid_t] {
        var result: [String: pid_t] = [:]
        for name in Files.names(in: "/proc") {
            guard let pid = pid_t(name), let status = Files.text("/proc/\(pid)/stat"),
                let parent = status.split(separator: ")").last?.split(separator: " ").dropFirst().first,
                parent == "\(process.pid)", let command = Files.read("/proc/\(pid)/cmdline")
            else { continue }
            let words = command.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            if words.count > 1 { result[words[1]] = pid }
        }
        return result
    }

    /// Waits until none of `pids` is there any more.
    func waitForEnd(of pids: some Collection<pid_t>) async throws {
        let start = ContinuousClock.now
        while pids.contains(where: { Glibc.kill($0, 0) == 0 && !isZombie($0) }) {
            guard start.duration(to: .now) < .seconds(20) else {
                Issue.record("some of \(pids) are still there")
                return
            }
            try await eventLoop.sleep(for: .milliseconds(10))
        }
    }

    private func isZombie(_ pid: pid_t) -> Bool {
        Files.text("/proc/\(pid)/stat")?.split(separator: ")").last?.split(separator: " ").first == "Z"
    }

    func removeFiles() throws { try Files.remove(folder) }
}

@Suite("The up command", .serialized)
struct UpTests {
    private static let names = ["pocket", "payments", "executor", "tasks", "gateway"]

    @Test("The environment starts, serves and stops in order on SIGTERM, and all its output is there")
    func theEnvironmentStartsServesAndStopsInOrder() async throws {
        try await withLoop { eventLoop in
            let up = try RunningUp(eventLoop)
            let ready = try await up.ready()
            #expect(Set(up.parts().keys) == Set(Self.names))
            let load = try await ProgramTests.run(
                ["load", "--url", ready["gateway"]?.string ?? "", "--requests", "20", "--seed", "5", "--json"])
            #expect(load.exit == .code(0))
            let report = try JSONValue(parsing: load.output)
            #expect(report["answered"] == 20)
            #expect(report["unexpected"] == 0)
            #expect(report["wrong_traces"] == 0)
            up.process.send(SIGTERM)
            #expect(await up.process.waitForExit() == .code(0))
            let ends = up.states.filter { $0.hasSuffix("exited") }
            #expect(ends == ["gateway exited", "tasks exited", "executor exited", "payments exited", "pocket exited"])
            #expect(up.errors.all.isEmpty)
            // The services' own lines come through as they are.
            let services = Set(up.lines.all.compactMap { try? JSONValue(parsing: $0)["service"]?.string })
            #expect(services.isSuperset(of: Self.names))
            try up.removeFiles()
        }
    }

    @Test("A death is reported with its last output, the others go on, and the exit code is 1")
    func aDeathIsReportedAndTheOthersGoOn() async throws {
        try await withLoop { eventLoop in
            let up = try RunningUp(eventLoop)
            let ready = try await up.ready()
            let pids = up.parts()
            kill(try #require(pids["executor"]), SIGKILL)
            try await up.lines.wait(for: #""event":"died""#, on: eventLoop)
            let died = try #require(up.events.first { $0["event"] == "died" })
            #expect(died["part"] == "executor")
            #expect(died["signal"] == 9)
            #expect(died["last_lines"]?.array?.isEmpty == false)
            #expect(died["then"] == "the others go on without it")
            // A service that is gone is answered for by the others.
            let load = [
                "load", "--url", ready["gateway"]?.string ?? "", "--requests", "5", "--mix", "sync=1", "--json",
            ]
            let report = try JSONValue(parsing: try await ProgramTests.run(load + ["--otlp", "none"]).output)
            #expect(report["answered"] == 5)
            #expect(report["unexpected"] == 5, "\(report)")
            // Without the pocket stack they go on, too.
            kill(try #require(pids["pocket"]), SIGKILL)
            try await up.lines.wait(for: "the services go on without telemetry", on: eventLoop)
            let health = try await ProgramTests.run(["healthcheck", "tasks", "--environment", up.folder])
            #expect(health.exit == .code(0), "\(health.errors)")
            up.process.send(SIGTERM)
            #expect(await up.process.waitForExit() == .code(1))
            #expect(up.states.filter { $0 == "executor starting" }.count == 1, "nothing is started again")
            #expect(Set(up.states.filter { $0.hasSuffix("exited") }).count == 5)
            #expect(up.errors.all.isEmpty, "\(up.errors.all)")
            try await up.waitForEnd(of: pids.values)
            try up.removeFiles()
        }
    }

    @Test("The command ends when no part is left")
    func theCommandEndsWhenNoPartIsLeft() async throws {
        try await withLoop { eventLoop in
            let up = try RunningUp(eventLoop)
            _ = try await up.ready()
            for pid in up.parts().values { kill(pid, SIGKILL) }
            #expect(await up.process.waitForExit() == .code(1))
            #expect(up.errors.all == ["error: no part is left"])
            try up.removeFiles()
        }
    }

    @Test(
        "--restart on-failure restarts a dead part, the pocket stack included")
    func aDeadPartIsRestartedOnRequest() async throws {
        try await withLoop { eventLoop in
            let up = try RunningUp(eventLoop, ["--restart", "on-failure"])
            _ = try await up.ready()
            let pids = up.parts()
            for name in ["payments", "pocket"] { kill(try #require(pids[name]), SIGKILL) }
            let start = ContinuousClock.now
            while ["payments", "pocket"].contains(where: { name in up.states.count { $0 == "\(name) ready" } < 2 }) {
                guard start.duration(to: .now) < .seconds(30) else {
                    Issue.record("not ready again: \(up.states)")
                    break
                }
                try await eventLoop.sleep(for: .milliseconds(20))
            }
            let died = up.events.filter { $0["event"] == "died" }
            #expect(died.allSatisfy { $0["then"] == "it is started again in 1s" })
            #expect(Set(up.parts().keys) == Set(Self.names))
            up.process.send(SIGTERM)
            #expect(await up.process.waitForExit() == .code(1), "something had died")
            try up.removeFiles()
        }
    }

    @Test("A hanging part is reported, and so is its recovery")
    func aHangingPartIsReportedAndSoIsItsRecovery() async throws {
        try await withLoop { eventLoop in
            let up = try RunningUp(eventLoop)
            _ = try await up.ready()
            let pid = try #require(up.parts()["executor"])
            kill(pid, SIGSTOP)
            let told = #""event":"health","part":"executor","health":"#
            try await up.lines.wait(for: told + #""not answering""#, on: eventLoop)
            kill(pid, SIGCONT)
            try await up.lines.wait(for: told + #""ready""#, on: eventLoop)
            up.process.send(SIGTERM)
            #expect(await up.process.waitForExit() == .code(0))
            try up.removeFiles()
        }
    }

    @Test("A second environment in the folder or its data is refused, and other commands find the first")
    func aSecondEnvironmentInAFolderIsRefused() async throws {
        try await withLoop { eventLoop in
            let up = try RunningUp(eventLoop)
            let ready = try await up.ready()
            let here = ["--environment", up.folder]
            let running = try #require(RunningEnvironment.find(in: up.folder))
            #expect(running.pid == Int(up.process.pid))
            #expect(running.urls[.gateway] == ready["gateway"]?.string)
            for arguments in [here, ["--environment", up.folder + "-b", "--data-dir", up.folder + "/data"]] {
                let second = try await ProgramTests.run(["up", "--random-ports"] + arguments)
                #expect(second.exit == .code(1))
                #expect(second.output.isEmpty)
                #expect(second.errors.hasPrefix("error: another tailspan up uses \(up.folder)"), "\(second.errors)")
                #expect(second.errors.contains("(pid \(up.process.pid))"), "\(second.errors)")
            }
            try Files.remove(up.folder + "-b")
            for command in [
                ["load", "--requests", "3", "--seed", "1"], ["fault", "list"], ["logs"],
                ["verify", "--requests", "9", "--provisioning", "none"],
            ] {
                let outcome = try await ProgramTests.run(command + here)
                #expect(outcome.exit == .code(0), "\(command) \(outcome.output) \(outcome.errors)")
                #expect(!outcome.errors.contains("warning"), "\(outcome.errors)")
            }
            // By the variable as well, and from the file alone: nothing is at the usual ports.
            let variable = [RunningEnvironment.variable: up.folder]
            #expect(try await ProgramTests.run(["fault", "list"], variable).exit == .code(0))
            up.process.send(SIGTERM)
            #expect(await up.process.waitForExit() == .code(0))
            #expect(Files.read(up.folder + "/" + RunningEnvironment.fileName) == nil)
            try up.removeFiles()
        }
    }

    @Test("The parts end when the command itself is killed")
    func thePartsEndWhenTheCommandIsKilled() async throws {
        try await withLoop { eventLoop in
            let up = try RunningUp(eventLoop)
            _ = try await up.ready()
            let pids = up.parts()
            #expect(pids.count == 5)
            up.process.send(SIGKILL)
            #expect(await up.process.waitForExit() == .signal(SIGKILL))
            try await up.waitForEnd(of: pids.values)
            try up.removeFiles()
        }
    }

    @Test("A second signal kills the remaining parts")
    func aSecondSignalKillsTheRemainingParts() async throws {
        try await withLoop { eventLoop in
            let up = try RunningUp(eventLoop)
            _ = try await up.ready()
            let pids = up.parts()
            // A stopped process does not end on SIGTERM.
            kill(try #require(pids["gateway"]), SIGSTOP)
            up.process.send(SIGINT)
            try await up.lines.wait(for: #""part":"gateway","state":"draining""#, on: eventLoop)
            up.process.send(SIGINT)
            #expect(await up.process.waitForExit() == .code(130))
            try await up.waitForEnd(of: pids.values)
            try up.removeFiles()
        }
    }

    @Test("A part that cannot start is named with the reason")
    func aPartThatCannotStartIsNamedWithTheReason() async throws {
        try await withLoop { eventLoop in
            let errors = Lines()
            let folder = "/tmp/tailspan-up-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            defer { #expect(throws: Never.self) { try Files.remove(folder) } }
            let program = ProgramSpec(
                try ProgramTests.executable, ["up", "--random-ports", "--environment", folder, "-q"],
                environment: ["LOG_LEVEL": "loud"])
            let process = try ChildProcess(program, on: eventLoop) { stream, line in
                if stream == .errors { errors.append(line) }
            }
            #expect(await process.waitForExit() == .code(1))
            #expect(errors.all.contains { $0.contains("pocket died with exit code 2 before everything was ready") })
            #expect(Files.read(folder + "/" + RunningEnvironment.fileName) == nil)
        }
    }

    @Test("An external stack leaves only the services to start, and silent backends are named")
    func anExternalStackLeavesTheServicesAlone() async throws {
        try await withLoop { eventLoop in
            let nobody = "http://127.0.0.1:1"
            let up = try RunningUp(
                eventLoop, ["--stack", "external", "--otlp", nobody, "--loki", nobody, "--tempo", nobody])
            let ready = try await up.ready()
            #expect(ready["tempo"]?.string == nobody)
            #expect(Set(up.parts().keys) == Set(Self.names).subtracting(["pocket"]))
            for name in ["OTLP receiver", "Loki", "Tempo"] {
                try await up.errors.wait(for: "no \(name) answers at \(nobody)", on: eventLoop)
            }
            up.process.send(SIGTERM)
            #expect(await up.process.waitForExit() == .code(0))
            try up.removeFiles()
        }
    }

    @Test("The command ends by itself after --seconds")
    func theCommandEndsAfterTheGivenSeconds() async throws {
        try await withLoop { eventLoop in
            let up = try RunningUp(eventLoop, ["--seconds", "0.1"])
            #expect(await up.process.waitForExit() == .code(0))
            #expect(up.events.contains { $0["event"] == "ready" })
            try up.removeFiles()
        }
    }
}

@Suite("The demo command")
struct DemoTests {
    @Test("The demo starts everything, verifies every link, shows a trace and leaves nothing running")
    func theDemoVerifiesEveryLinkAndLeavesNothingRunning() async throws {
        let folder = "/tmp/tailspan-demo-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try Files.makeFolder(folder)
        let executable = try ProgramTests.executable
        let outcome = try await withLoop { eventLoop in
            let (output, errors) = (Lines(), Lines())
            let program = ProgramSpec(
                "/bin/sh", ["-c", "cd \(folder) && exec \(executable) demo --random-ports -n 30"],
                // Also where the gateway wants a token: load and verification send it.
                environment: programEnvironment(["GATEWAY_TOKEN": "secret"]))
            let child = try ChildProcess(program, on: eventLoop) { stream, line in
                (stream == .output ? output : errors).append(line)
            }
            let exit = await child.waitForExit()
            return (exit, output.all, errors.all)
        }
        #expect(outcome.0 == .code(0), "\(outcome.1.suffix(20)) \(outcome.2)")
        let text = outcome.1.joined(separator: "\n")
        #expect(text.contains("30 of 30 requests answered"))
        #expect(text.contains("slowest   tailspan trace "))
        #expect(text.contains("100.0 % linked, 0 violations"))
        #expect(text.contains("payments"))
        #expect(text.contains("INFO amount reserved"))
        #expect(text.contains("\n5 services, 17 spans, 9 log lines, no errors\n"))
        #expect(text.contains("\ndemo      POST /v1/tasks "), "the root of the trace")
        #expect(text.contains("go on with\n  tailspan up --log-dir .tailspan/demo/logs --data-dir .tailspan/demo/data"))
        // Where nothing is cut, only a waterfall is wider than a terminal.
        let waterfall = try #require(outcome.1.firstIndex { $0.hasPrefix("trace ") })
        let end = try #require(outcome.1[waterfall...].dropFirst(4).firstIndex(of: ""))
        let others = outcome.1[..<waterfall] + outcome.1[end...]
        #expect(others.allSatisfy { $0.count <= 80 }, "\(others.filter { $0.count > 80 })")
        try Files.remove(folder)
    }
}
