import EventLoop
import Glibc
import Synchronization
import Testing

@testable import Supervision

/// A loop on a thread of its own, for one test.
func withLoop<R: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> R) async throws -> R {
    let eventLoop = try EventLoop(name: "test")
    try eventLoop.start()
    defer { eventLoop.stop() }
    return try await Task(executorPreference: eventLoop) { try await body(eventLoop) }.value
}

/// Lines as they come.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }

    /// Waits until there is a line that contains `text`.
    func wait(for text: String, on eventLoop: EventLoop) async throws {
        let start = ContinuousClock.now
        while !all.contains(where: { $0.contains(text) }) {
            guard start.duration(to: .now) < .seconds(20) else {
                Issue.record("no line with '\(text)' among \(all)")
                return
            }
            try await eventLoop.sleep(for: .milliseconds(5))
        }
    }
}

@Suite("A child process")
struct ChildProcessTests {
    private func shell(_ script: String, _ environment: [String: String] = [:]) -> ProgramSpec {
        ProgramSpec("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 })
    }

    @Test("All lines of both streams arrive before the exit code")
    func allOutputArrivesBeforeTheExitCode() async throws {
        try await withLoop { eventLoop in
            let (output, errors) = (Lines(), Lines())
            let script =
                "i=0; while [ $i -lt 500 ]; do echo out $i; i=$((i+1)); done; echo oops >&2; printf last; exit 3"
            let child = try ChildProcess(self.shell(script), on: eventLoop) { stream, line in
                (stream == .output ? output : errors).append(line)
            }
            #expect(await child.waitForExit() == .code(3))
            #expect(output.all == (0..<500).map { "out \($0)" } + ["last"])
            #expect(errors.all == ["oops"])
            #expect(child.exitStatus == .code(3))
            #expect(await child.waitForExit() == .code(3))
        }
    }

    @Test("The child sees its own environment only, no input and no inherited descriptor")
    func theChildInheritsNothing() async throws {
        try await withLoop { eventLoop in
            let lines = Lines()
            let child = try ChildProcess(
                self.shell("echo $A $HOME; cat; ls /proc/self/fd | tr '\\n' ' '", ["A": "1"]), on: eventLoop
            ) { _, line in lines.append(line) }
            #expect(await child.waitForExit() == .code(0))
            // The fourth descriptor is the folder that ls reads.
            #expect(lines.all == ["1", "0 1 2 3 "])
        }
    }

    @Test("The child has a process group of its own")
    func theChildHasAProcessGroupOfItsOwn() async throws {
        try await withLoop { eventLoop in
            let child = try ChildProcess(self.shell("sleep 30"), on: eventLoop) { _, _ in }
            #expect(getpgid(child.pid) == child.pid)
            child.send(SIGKILL)
            #expect(await child.waitForExit() == .signal(SIGKILL))
        }
    }

    @Test("Blocked and ignored signals are not inherited")
    func signalMasksAreNotInherited() async throws {
        signal(SIGPIPE, SIG_IGN)
        try await withLoop { eventLoop in
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, SIGTERM)
            pthread_sigmask(SIG_BLOCK, &set, nil)
            defer { pthread_sigmask(SIG_UNBLOCK, &set, nil) }
            let lines = Lines()
            let child = try ChildProcess(
                ProgramSpec("/bin/cat", ["/proc/self/status"], environment: [:]), on: eventLoop
            ) { _, line in lines.append(line) }
            _ = await child.waitForExit()
            for field in ["SigBlk:", "SigIgn:"] {
                let line = try #require(lines.all.first { $0.hasPrefix(field) })
                let mask = try #require(UInt64(line.dropFirst(field.count + 1), radix: 16))
                // The numbers 32 and 33 are the C library's own.
                #expect(mask & ~0x1_8000_0000 == 0, "\(line)")
            }
        }
    }

    @Test("A missing program is reported")
    func aMissingProgramIsReported() async throws {
        try await withLoop { eventLoop in
            let program = ProgramSpec("/no/such/program", environment: [:])
            let error = #expect(throws: SpawnError.self) { _ = try ChildProcess(program, on: eventLoop) { _, _ in } }
            #expect(error?.description == "cannot start /no/such/program: No such file or directory")
        }
    }

    @Test("A grandchild that keeps the output open does not hide the end")
    func aGrandchildThatKeepsTheOutputDoesNotHideTheEnd() async throws {
        try await withLoop { eventLoop in
            let lines = Lines()
            let child = try ChildProcess(self.shell("sleep 60 & echo $!; exit 4"), on: eventLoop) { _, line in
                lines.append(line)
            }
            #expect(await child.waitForExit() == .code(4))
            let pid = try #require(lines.all.first.flatMap { pid_t($0) })
            #expect(kill(pid, SIGKILL) == 0)
        }
    }
}
