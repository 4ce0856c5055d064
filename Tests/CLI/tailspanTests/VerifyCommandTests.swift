import Arguments
import Testing
import Verification

@testable import Supervision
@testable import tailspan

@Suite("The verify command")
struct VerifyCommandTests {
    @Test("Each verdict has its own exit code, different from that of a failed verification")
    func eachVerdictHasItsOwnExitCode() {
        #expect(VerifyCommand.exitCode(.passed) == 0)
        #expect(VerifyCommand.exitCode(.violated) == 1)
        #expect(VerifyCommand.unverified == 2)
        #expect(VerifyCommand.exitCode(.incomplete) == 3)
    }

    @Test("Two report formats at once are refused")
    func twoReportFormatsAreRefused() async throws {
        let both = try await ProgramTests.run(["verify", "--json", "--format", "junit"])
        #expect(both.exit == .code(2))
        #expect(both.errors == "error: --json and --format junit: expected one of them")
        #expect(both.output.isEmpty)
    }

    @Test(
        "The TENANT in provisioning files is the tenant that is asked for"
    )
    func theProvisioningFilesAreReadWithTheTenant() throws {
        let words = ["verify", "--provisioning", "folder", "--tenant", "room-a"]
        guard case .run(let command, _) = Tailspan.program.parse(words), let verify = command as? VerifyCommand,
            case .folder(let folder, let environment) = verify.configuration(["TENANT": "room-b", "A": "1"])
                .provisioning
        else {
            Issue.record("not understood")
            return
        }
        #expect(folder == "folder")
        #expect(environment == ["TENANT": "room-a", "A": "1"])
    }

    @Test("Unreachable services leave nothing verified, which standard error says beside an empty report")
    func unreachableServicesLeaveNothingVerified() async throws {
        let closed = "http://127.0.0.1:1"
        let outcome = try await ProgramTests.run(
            ["verify", "--json", "--wait", "0s", "--provisioning", "none", "--otlp", "none"]
                + ["gateway", "tasks", "executor", "payments", "loki", "tempo"].flatMap { ["--" + $0, closed] })
        #expect(outcome.exit == .code(2))
        #expect(outcome.errors.contains("nothing could be verified: "), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }
}
