import HTTP
import Terminal
import Testing
import Vocabulary

@testable import Supervision
@testable import tailspan

@Suite("The doctor command")
struct DoctorTests {
    private static let release = "Swift version 6.3.1 (swift-6.3.1-RELEASE)\nTarget: x86_64-unknown-linux-gnu\n"

    /// A machine on which all is well.
    private var fit: Doctor {
        Doctor(
            run: { program, arguments in
                switch program {
                case "swift": ProgramOutput(exit: .code(0), text: Self.release)
                case "pkg-config": ProgramOutput(exit: .code(0), text: "3.40.1\n")
                default: ProgramOutput(exit: .code(0), text: "27.1.0\n")
                }
            },
            status: { _ in nil }, owner: { _ in nil }, isFree: { _ in true },
            readFile: { $0 == "/proc/meminfo" ? "MemTotal: 99\nMemAvailable:    8000000 kB\n" : "" },
            freeDisk: { 50 << 30 }, folderProblem: { nil })
    }

    private func finding(_ subject: String, _ change: (inout Doctor) -> Void) async throws -> Finding {
        var doctor = fit
        change(&doctor)
        return try #require(await doctor.examine().first { $0.subject.hasPrefix(subject) })
    }

    @Test("A fit machine passes every check and gets no advice")
    func aFitMachinePassesEveryCheck() async {
        let findings = await fit.examine()
        #expect(findings.allSatisfy { $0.verdict == .ok && $0.remedy.isEmpty })
        #expect(findings.map(\.subject).contains("Swift"))
        #expect(findings.count { $0.detail == "not running; the port is free" } == 8)
    }

    @Test("Loki and Tempo get a warning when they require a tenant and none is given")
    func aStoreThatRequiresATenantGetsAWarning() async throws {
        for (name, path) in [("Loki", "/loki/api/v1/labels"), ("Tempo", "/api/search/tags")] {
            func asked(as tenant: String?) async throws -> Finding {
                try await finding(name) { doctor in
                    doctor.tenant = tenant.flatMap { Tenant($0) }
                    doctor.isFree = { _ in false }
                    doctor.status = { _ in .ok }
                    doctor.answer = { url, tenant in
                        url.hasSuffix(path) && tenant == nil ? .unauthorized : .ok
                    }
                }
            }
            let without = try await asked(as: nil)
            #expect(without.verdict == .warn)
            #expect(without.detail.hasPrefix("ready, but it keeps tenants apart and was told none"))
            #expect(without.remedy.contains("--tenant NAME, or TENANT"))
            #expect(try await asked(as: "room-a").verdict == .ok)
        }
        var layout = StackLayout(stack: .pocket, logFolder: "l", dataFolder: "d")
        layout.use(Array(9000..<9000 + StackLayout.portCount))
        let running = RunningEnvironment(layout, folder: ".", now: 0)
        let pocket = try await finding("tenant") { doctor in
            doctor.tenant = Tenant("room-a")
            doctor.running = running
        }
        #expect(pocket.verdict == .warn)
        #expect(pocket.detail == "room-a, but the pocket stack keeps no tenants apart")
    }

    @Test(
        "The version of Swift is checked",
        arguments: [
            (release, .ok, "6.3.1"), ("Swift version 6.2 (x)", .ok, "6.2"),
            ("Swift version 6.1.2", .fail, "6.1.2 is too old"),
            ("Swift version 5.10", .fail, "5.10 is too old"), ("Swift version 10.0", .ok, "10.0"),
            ("gibberish", .warn, "its version cannot be read from 'gibberish'"),
        ] as [(String, Finding.Verdict, String)])
    func theVersionOfSwiftIsChecked(output: String, verdict: Finding.Verdict, detail: String) async throws {
        let finding = try await finding("Swift") { doctor in
            doctor.run = { _, _ in ProgramOutput(exit: .code(0), text: output) }
        }
        #expect(finding.verdict == verdict)
        #expect(finding.detail == detail)
        #expect(finding.remedy.isEmpty == (verdict == .ok))
    }

    @Test("Missing build tools fail where there are sources and are not checked elsewhere")
    func missingBuildToolsFailOnlyWhereThereAreSources() async throws {
        #expect(try await finding("Swift") { $0.run = { _, _ in nil } }.verdict == .fail)
        let library = try await finding("libcurl") { doctor in
            doctor.run = { _, _ in ProgramOutput(exit: .code(1), text: "") }
        }
        #expect(library.verdict == .fail)
        #expect(library.remedy == "apt install libcurl4-openssl-dev")
        var installed = fit
        installed.run = { _, _ in nil }
        installed.readFile = { $0 == "/proc/meminfo" ? "MemAvailable: 8000000 kB" : nil }
        let findings = await installed.examine()
        #expect(!findings.contains { $0.verdict == .fail })
        #expect(findings.contains { $0.subject == "Docker" && $0.verdict == .warn && $0.detail == "not installed" })
    }

    @Test(
        "The free disk space is checked",
        arguments: [(50 << 30, .ok), (900 << 20, .warn), (100 << 20, .fail)] as [(UInt64, Finding.Verdict)])
    func theFreeDiskSpaceIsChecked(free: UInt64, verdict: Finding.Verdict) async throws {
        #expect(try await finding("disk") { $0.freeDisk = { free } }.verdict == verdict)
    }

    @Test(
        "The available memory is checked",
        arguments: [(8_000_000, .ok), (900_000, .warn), (100_000, .fail)] as [(Int, Finding.Verdict)])
    func theAvailableMemoryIsChecked(kilobytes: Int, verdict: Finding.Verdict) async throws {
        let finding = try await finding("memory") { $0.readFile = { _ in "MemAvailable: \(kilobytes) kB" } }
        #expect(finding.verdict == verdict)
    }

    @Test(
        "A taken port is reported with its owner",
        arguments: [
            (.ok, .ok, "ready: process 7 (x)"), (.serviceUnavailable, .warn, "running, but not ready: process 7 (x)"),
            (.notFound, .warn, "taken by process 7 (x), which answers 404 at /readyz"),
            (nil, .warn, "taken by process 7 (x), which does not answer at /readyz"),
        ] as [(HTTPStatus?, Finding.Verdict, String)])
    func aTakenPortIsReportedWithItsOwner(status: HTTPStatus?, verdict: Finding.Verdict, detail: String) async throws {
        let finding = try await finding("gateway :8080") { doctor in
            doctor.isFree = { $0 != 8080 }
            doctor.owner = { _ in Ports.Owner(pid: 7, command: "x") }
            doctor.status = { $0 == "http://127.0.0.1:8080/readyz" ? status : nil }
        }
        #expect(finding.verdict == verdict)
        #expect(finding.detail == detail)
    }

    @Test("A missing libcurl is reported with what it is for")
    func aMissingLibcurlIsReported() async throws {
        let finding = try await finding("https") { $0.httpsProblem = { "\($0) needs libcurl" } }
        #expect(finding.verdict == .warn)
        #expect(finding.detail == "https: needs libcurl")
        #expect(finding.remedy.hasPrefix("not needed unless an address begins with https://"))
        #expect(try await self.finding("https") { _ in }.detail == "available")
    }

    @Test("A folder that cannot be written to fails with the reason")
    func aReadOnlyFolderFailsWithTheReason() async throws {
        let finding = try await finding("folder") { $0.folderProblem = { "cannot write to .tailspan" } }
        #expect(finding.verdict == .fail)
        #expect(finding.detail == "cannot write to .tailspan")
    }

    @Test("The remedy stands under its finding")
    func theRemedyStandsUnderItsFinding() {
        let sink = MemorySink()
        DoctorCommand.show(
            [
                .ok("Swift", "6.3.1"), .warn("Docker", "not installed", "install it"),
                .fail("disk", "0.1 GB free", "free some"),
            ],
            Terminal(sink: sink))
        #expect(
            sink.text == """
                ok    Swift   6.3.1
                warn  Docker  not installed
                      → install it
                fail  disk    0.1 GB free
                      → free some

                1 thing to mend, 1 warning

                """)
    }
}
