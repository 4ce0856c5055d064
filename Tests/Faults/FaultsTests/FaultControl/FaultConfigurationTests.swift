import Configuration
import FaultControl
import Testing
import Vocabulary

@testable import FaultRules

@Suite("The fault settings of a service")
struct FaultConfigurationTests {
    private static func read(_ environment: [String: String]) throws -> FaultConfiguration {
        try FaultConfiguration(role: .payments, environment: Environment(environment), logDirectory: "/logs")
    }

    @Test("An empty environment disables faults")
    func anEmptyEnvironmentDisablesFaults() throws {
        let configuration = try Self.read([:])
        #expect(configuration.rules.isEmpty && configuration.adminToken == nil)
        #expect(configuration.injector.seed == 0 && !configuration.injector.isHidden)
        #expect(!configuration.injector.acceptsFromRequests)
        #expect(configuration.ledgerPath == "/logs/payments/faults.ndjson")
    }

    @Test("Every setting is read")
    func everySettingIsRead() throws {
        let configuration = try Self.read([
            "FAULTS": "payments:error; tasks:abort", "FAULTS_SEED": "18446744073709551615", "FAULTS_HIDDEN": "yes",
            "FAULTS_FROM_REQUESTS": "1", "FAULT_LEDGER": "/tmp/x.ndjson", "ADMIN_TOKEN": "s3cret!",
        ])
        #expect(configuration.rules.map(\.id) == ["payments-error", "tasks-abort"])
        #expect(configuration.injector.seed == .max && configuration.injector.isHidden)
        #expect(configuration.injector.acceptsFromRequests && configuration.ledgerPath == "/tmp/x.ndjson")
        #expect(configuration.adminToken == "s3cret!")
    }

    @Test(
        "An invalid setting is reported in one line",
        arguments: [
            (
                "FAULTS", "payments:eror",
                "FAULTS: fault 'payments:eror': no kind of fault 'eror': did you mean 'error'?"
            ),
            ("FAULTS_SEED", "-1", "FAULTS_SEED=-1: expected a whole number from 0 to 18446744073709551615"),
            ("FAULTS_HIDDEN", "maybe", "FAULTS_HIDDEN=maybe: expected true or false"),
            ("FAULTS_FROM_REQUESTS", "some", "FAULTS_FROM_REQUESTS=some: expected true or false"),
            ("FAULT_LEDGER", "/tmp", "FAULT_LEDGER=/tmp: expected a file, such as /tmp/faults.ndjson"),
            ("FAULT_LEDGER", "new/", "FAULT_LEDGER=new/: expected a file, such as new/faults.ndjson"),
            ("ADMIN_TOKEN", "two words", "ADMIN_TOKEN: expected at most 512 visible ASCII characters, without spaces"),
            ("ADMIN_TOKEN", "sécret", "ADMIN_TOKEN: expected at most 512 visible ASCII characters, without spaces"),
        ])
    func anInvalidSettingIsReportedInOneLine(name: String, value: String, message: String) {
        #expect(throws: ConfigurationError(message)) { try Self.read([name: value]) }
    }
}
