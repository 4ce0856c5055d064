import Arguments
import Testing
import Verification

@testable import tailspan

@Suite("The options for the source of data sources")
struct GrafanaOptionsTests {
    private func source(_ arguments: String, _ environment: [String: String] = [:]) -> ProvisioningSource? {
        let words = ["verify"] + arguments.split(separator: " ").map(String.init)
        guard case .run(let command, _) = Tailspan.program.parse(words) else { return nil }
        return (command as? VerifyCommand)?.grafana.source(environment)
    }

    @Test("A Grafana is asked with a token, else with a password, else with neither")
    func grafanaIsAskedWithTokenElsePasswordElseNeither() {
        let url = "http://g:3000"
        let both = ["GRAFANA_TOKEN": "t", "GRAFANA_ADMIN_PASSWORD": "p"]
        #expect(source("--grafana \(url)") == .grafana(url, nil))
        #expect(source("--grafana \(url)", both) == .grafana(url, .token("t")))
        #expect(source("--grafana \(url) --grafana-token x", both) == .grafana(url, .token("x")))
        let password = ["GRAFANA_ADMIN_PASSWORD": "p"]
        #expect(source("--grafana \(url)", password) == .grafana(url, .user("admin", password: "p")))
        #expect(source("--grafana \(url) --grafana-user me", password) == .grafana(url, .user("me", password: "p")))
    }

    @Test("Files are read where no Grafana is given, and none with --provisioning none")
    func filesAreReadWithoutAGrafana() {
        #expect(source("--provisioning x", ["A": "1"]) == .folder("x", environment: ["A": "1"]))
        #expect(source("--provisioning none") == ProvisioningSource.none("--provisioning none"))
    }

    @Test("Contradictory options and malformed addresses are refused")
    func contradictoryOptionsAndBadAddressesAreRefused() {
        #expect(source("--grafana http://g --provisioning x") == nil)
        #expect(source("--grafana g:3000") == nil)
        #expect(source("--provisioning") == nil)
    }
}
