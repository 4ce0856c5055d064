import Encoding
import EventLoop
import Glibc
import HTTP
import Synchronization
import Testing

@testable import tailspan

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
            ["up", "--random-ports", "--json", "--log-dir", folder + "/logs", "--data-dir", folder + "/data"]
                + arguments,
            environment: ["PATH": "/usr/bin:/bin"])
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

@Suite("tailspan up", .serialized)
struct UpTests {
    private static let names = ["pocket", "payments", "executor", "tasks", "gateway"]

    @Test("Everything gets ready, answers, and ends in order on SIGTERM; what the services wrote is all there")
    func wholeLife() async throws {
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

    @Test("A part that dies is reported, nothing is restarted, the others end, and the exit code is 1")
    func death() async throws {
        try await withLoop { eventLoop in
            let up = try RunningUp(eventLoop)
            _ = try await up.ready()
            let pids = up.parts()
            kill(try #require(pids["executor"]), SIGKILL)
            #expect(await up.process.waitForExit() == .code(1))
            #expect(up.errors.all.contains { $0.contains("executor died with signal 9 (Killed)") })
            #expect(up.states.filter { $0 == "executor starting" }.count == 1)
            #expect(Set(up.states.filter { $0.hasSuffix("exited") }).count == 5)
            try await up.waitForEnd(of: pids.values)
            try up.removeFiles()
        }
    }

    @Test("When it is killed itself, its parts end")
    func killed() async throws {
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

    @Test("A second signal kills what has not ended")
    func impatience() async throws {
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

    @Test("A part that cannot start is named, with why")
    func badSetting() async throws {
        try await withLoop { eventLoop in
            let errors = Lines()
            let program = ProgramSpec(
                try ProgramTests.executable, ["up", "--random-ports", "--log-dir", "/tmp", "--data-dir", "/tmp", "-q"],
                environment: ["LOG_LEVEL": "loud"])
            let process = try ChildProcess(program, on: eventLoop) { stream, line in
                if stream == .errors { errors.append(line) }
            }
            #expect(await process.waitForExit() == .code(1))
            #expect(errors.all.contains { $0.contains("pocket died with exit code 2") })
        }
    }

    @Test("With an external stack there are the services only, and one is told what does not answer")
    func external() async throws {
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

    @Test("It ends by itself after --seconds")
    func seconds() async throws {
        try await withLoop { eventLoop in
            let up = try RunningUp(eventLoop, ["--seconds", "0.1"])
            #expect(await up.process.waitForExit() == .code(0))
            #expect(up.events.contains { $0["event"] == "ready" })
            try up.removeFiles()
        }
    }
}

@Suite("tailspan demo")
struct DemoTests {
    @Test("It starts everything, verifies all links, shows a trace with its lines, and leaves nothing running")
    func demo() async throws {
        let folder = "/tmp/tailspan-demo-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try Files.makeFolder(folder)
        let executable = try ProgramTests.executable
        let outcome = try await withLoop { eventLoop in
            let (output, errors) = (Lines(), Lines())
            let program = ProgramSpec(
                "/bin/sh", ["-c", "cd \(folder) && exec \(executable) demo --random-ports -n 30"],
                environment: ["PATH": "/usr/bin:/bin"])
            let child = try ChildProcess(program, on: eventLoop) { stream, line in
                (stream == .output ? output : errors).append(line)
            }
            let exit = await child.waitForExit()
            return (exit, output.all, errors.all)
        }
        #expect(outcome.0 == .code(0), "\(outcome.1.suffix(20)) \(outcome.2)")
        let text = outcome.1.joined(separator: "\n")
        #expect(text.contains("30 of 30 requests answered"))
        #expect(text.contains("100.0 % linked, 0 violations"))
        #expect(text.contains("payments"))
        #expect(text.contains("INFO amount reserved"))
        #expect(text.contains("go on     tailspan up --log-dir .tailspan/demo/logs --data-dir .tailspan/demo/data"))
        try Files.remove(folder)
    }
}
