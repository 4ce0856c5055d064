import Testing

@testable import Verification

@Suite("The way to a data source") struct SourceAccessTests {
    private func way(
        _ url: String, headers: [String: String] = [:], _ change: (inout VerificationConfiguration) -> Void = { _ in }
    ) -> SourceAccess.Way {
        var configuration = VerificationConfiguration.local(seed: 1, requests: 1)
        change(&configuration)
        return SourceAccess(configuration).way(
            to: DataSource(name: "L", uid: "a/b", type: "loki", url: url, headers: headers))
    }

    @Test(arguments: ["http://127.0.0.1:3100", "http://localhost:3100/", "http://[::1]:3100", "https://127.1.2.3"])
    func aLocalAddressIsAskedDirectly(_ url: String) {
        let expected = url.hasSuffix("/") ? String(url.dropLast()) : url
        #expect(way(url) == .at(expected, headers: [:]))
        let room = ["x-scope-orgid": "room-a"]
        #expect(way(url, headers: room) == .at(expected, headers: room))
    }

    @Test func theHostsOfTheStackAreAskedAtTheVerifiedAddresses() {
        let reason = "in a network of Grafana's own, where --grafana asks it"
        #expect(way("http://loki:3100") == .unknown(reason))
        #expect(way("http://loki:3100") { $0.loki = "http://loki:3100" } == .at("http://loki:3100", headers: [:]))
    }

    @Test func aSourceOfGrafanaIsAskedThroughGrafana() {
        let way = way("http://loki:3100") { $0.provisioning = .grafana("http://g/sub", .token("t")) }
        #expect(way == .at("http://g/sub/api/datasources/proxy/uid/a%2Fb", headers: ["authorization": "Bearer t"]))
    }

    @Test(arguments: ["", "loki:3100"])
    func aSourceWithoutAUsableAddressIsNotAsked(_ url: String) {
        guard case .impossible = way(url) else {
            Issue.record("\(url)")
            return
        }
    }
}
