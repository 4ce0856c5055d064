import Configuration
import Logging
import Testing

@testable import LogOutput

@Suite("The log settings")
struct LogConfigurationTests {
    @Test func theDefaultsAreJSONOnStandardOutput() throws {
        let configuration = try LogConfiguration(environment: [:])
        #expect(configuration == LogConfiguration())
        #expect(configuration.format == .json && configuration.level == .info && configuration.stdout)
        #expect(configuration.directory == nil && !configuration.source)
        #expect(configuration.rotation == LogRotation(maxBytes: 52_428_800, maxFiles: 5))
    }

    @Test func everySettingIsRead() throws {
        let configuration = try LogConfiguration(environment: [
            "LOG_FORMAT": "Text", "LOG_LEVEL": "WARNING", "LOG_DIR": "/var/log", "LOG_STDOUT": "false",
            "LOG_MAX_BYTES": "4096", "LOG_MAX_FILES": "0", "LOG_SOURCE": "true",
        ])
        #expect(configuration.format == .text && configuration.level == .warning && !configuration.stdout)
        #expect(configuration.directory == "/var/log" && configuration.source)
        #expect(configuration.rotation == LogRotation(maxBytes: 4096, maxFiles: 0))
        #expect(!configuration.rotation.isOn)
    }

    @Test func anEmptyFolderMeansNoFile() throws {
        #expect(try LogConfiguration(environment: ["LOG_DIR": ""], defaultDirectory: "logs").directory == nil)
        #expect(try LogConfiguration(environment: [:], defaultDirectory: "logs").directory == "logs")
        #expect(try LogConfiguration(environment: ["LOG_DIR": "x"], defaultDirectory: "logs").directory == "x")
    }

    @Test(arguments: [
        ("LOG_FORMAT", "xml", "LOG_FORMAT=xml: expected json or text"),
        (
            "LOG_LEVEL", "loud",
            "LOG_LEVEL=loud: expected trace, debug, info, notice, warning, error or critical"
        ),
        ("LOG_STDOUT", "perhaps", "LOG_STDOUT=perhaps: expected true or false"),
        ("LOG_SOURCE", "2", "LOG_SOURCE=2: expected true or false"),
        ("LOG_MAX_BYTES", "-1", "LOG_MAX_BYTES=-1: expected a whole number from 0 to 1125899906842624"),
        ("LOG_MAX_FILES", "many", "LOG_MAX_FILES=many: expected a whole number from 0 to 1000"),
    ])
    func aBadSettingSaysWhatWasExpected(name: String, value: String, message: String) {
        #expect(throws: ConfigurationError(message)) { try LogConfiguration(environment: [name: value]) }
    }
}
