import Testing

@testable import Contracts

@Suite struct EnvironmentTests {
    @Test func emptyCountsAsUnset() throws {
        let environment = Environment(["PORT": "", "NAME": ""])
        #expect(try environment.integer("PORT", default: 8080, in: 1...65535) == 8080)
        #expect(environment.string("NAME") == nil)
    }

    @Test(arguments: ["0", "65536", "-1", "80x", " 80", "8e1"])
    func aBadPortSaysWhatWasExpected(_ text: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Environment(["PORT": text]).integer("PORT", default: 1, in: 1...65535)
        }
        #expect(error?.description == "PORT=\(text): expected a whole number from 1 to 65535")
    }

    @Test(arguments: [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("https://host/", "https://host"),
        ("http://[::1]:80/base/", "http://[::1]:80/base"),
    ])
    func readsURLs(_ text: String, _ url: String) throws {
        #expect(try Environment(["U": text]).url("U", default: "http://x") == url)
    }

    @Test(arguments: ["127.0.0.1:8080", "ftp://host", "http://", "http:///path", "http://a b"])
    func refusesWhatIsNoURL(_ text: String) {
        #expect(throws: ConfigurationError.self) { try Environment(["U": text]).url("U", default: "http://x") }
    }

    @Test(arguments: [("true", true), ("1", true), ("YES", true), ("off", false), ("0", false)])
    func readsTruth(_ text: String, _ value: Bool) throws {
        #expect(try Environment(["B": text]).bool("B", default: !value) == value)
    }

    @Test func refusesHalfTruths() {
        #expect(throws: ConfigurationError.self) { try Environment(["B": "maybe"]).bool("B", default: true) }
    }
}
