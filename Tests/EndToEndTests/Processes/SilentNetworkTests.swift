import Glibc
import ServiceTesting
import Testing

@testable import Supervision

/// Whether this process may have a network of its own and drop packets in it.
private let canSilence: Bool = {
    func works(_ command: String) -> Bool { system(command + " >/dev/null 2>&1") == 0 }
    return geteuid() == 0 && works("unshare -n -m --propagation private true")
        && works("command -v curl && command -v ip") && works("unshare -n iptables -A INPUT -p tcp --dport 1 -j DROP")
}()

extension RealProcesses {
    /// A network namespace drops packets, as if a machine were gone. The tests count answered requests and never measure
    /// how long one takes.
    @Suite(
        "A silent network",
        .enabled(if: canSilence, "needs root, unshare, ip, iptables and curl: a network namespace of its own"))
    struct SilentNetworkTests {
        private func counts(_ scenario: String) async throws -> [String] {
            let (lines, errors) = (Lines(), Lines())
            let script = String(#filePath).replacing(
                "EndToEndTests/Processes/SilentNetworkTests.swift", with: "Support/silent-network.sh")
            let tailspan = try Programs.path()
            let exit = try await withLoop { loop in
                let program = ProgramSpec(
                    "/usr/bin/unshare", ["-n", "-m", "--propagation", "private", "bash", script, tailspan, scenario],
                    environment: programEnvironment())
                let process = try ChildProcess(program, on: loop) { stream, line in
                    (stream == .output ? lines : errors).append(line)
                }
                return await process.waitForExit()
            }
            #expect(exit == .code(0), "\(errors.all)")
            return lines.all
        }

        @Test("A dependency that was silent is used again at once, three times in a row")
        func aRecoveredDependencyIsUsedAtOnce() async throws {
            #expect(try await counts("service") == ["before 20", "after 20", "after 20", "after 20"])
        }

        @Test("A silent span backend loses no span that the queue can hold")
        func aSilentBackendLosesNoQueuedSpan() async throws {
            #expect(
                try await counts("exporter") == [
                    "before 10", "away 20", "back 10", "away 20", "back 10", "failed 0", "dropped 0",
                ])
        }

        @Test("A silent name server delays nothing that needs no name, not even the exit")
        func aSilentNameServerDelaysOnlyNameLookups() async throws {
            #expect(try await counts("names") == ["late 0", "ready 503", "task 502", "exit 0"])
        }
    }
}
