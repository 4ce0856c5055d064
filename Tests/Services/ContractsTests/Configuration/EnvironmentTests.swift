import Testing

@testable import Configuration

@Suite("Settings read from the environment")
struct EnvironmentTests {
    @Test func anEmptyVariableCountsAsUnset() throws {
        let environment = Environment(["PORT": "", "NAME": ""])
        #expect(try environment.integer("PORT", default: 8080, in: 1...65535) == 8080)
        #expect(environment.string("NAME") == nil)
    }

    @Test(arguments: ["0", "65536", "-1", "80x", "8 0", "8e1"])
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
    func aURLIsReadWithoutItsTrailingSlash(_ text: String, _ url: String) throws {
        #expect(try Environment(["U": text]).url("U", default: "http://x") == url)
    }

    @Test(arguments: [
        "127.0.0.1:8080", "ftp://host", "http://", "http:///path", "http://a b", "http://host:x", "http://host:99999",
        "http://h\u{7}", "http://a@b@",
    ])
    func aMalformedURLIsRefused(_ text: String) {
        #expect(throws: ConfigurationError.self) { try Environment(["U": text]).url("U", default: "http://x") }
    }

    /// Files written on Windows end their lines with a carriage return.
    @Test func lineEndsAndSpacesAroundAValueAreIgnored() throws {
        let environment = Environment([
            "PORT": "22050\r", "B": " true\r\n", "U": "http://host/\r", "E": "\r", "S": "\ta b\r",
        ])
        #expect(try environment.integer("PORT", default: 1, in: 1...65535) == 22050)
        #expect(try environment.bool("B", default: false))
        #expect(try environment.url("U", default: "http://x") == "http://host")
        #expect(environment.string("E") == nil && environment.string("S") == "a b")
    }

    /// A carriage return would make the terminal overwrite the start of the line.
    @Test func aMessageEscapesControlCharacters() {
        let error = #expect(throws: ConfigurationError.self) {
            try Environment(["PORT": "22\r0\u{1B}[2J\u{9B}\u{202E}50"]).integer("PORT", default: 1, in: 1...65535)
        }
        #expect(
            error?.description
                == #"PORT=22\r0\u{1B}[2J\u{9B}\u{202E}50: expected a whole number from 1 to 65535"#)
    }

    @Test(arguments: ["http://me:s3cret@host:x", "ftp://me:s3cret@host", "http://me:s3/cret@host:x", "me:s3cret@host"])
    func aMessageHidesPasswords(_ text: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Environment(["U": text]).url("U", default: "http://x")
        }
        #expect(error?.description.contains("cret") == false)
    }

    @Test(arguments: [("true", true), ("1", true), ("YES", true), ("off", false), ("0", false)])
    func aBooleanIsReadInItsUsualSpellings(_ text: String, _ value: Bool) throws {
        #expect(try Environment(["B": text]).bool("B", default: !value) == value)
    }

    @Test func anUnknownBooleanIsRefused() {
        #expect(throws: ConfigurationError.self) { try Environment(["B": "maybe"]).bool("B", default: true) }
    }
}
