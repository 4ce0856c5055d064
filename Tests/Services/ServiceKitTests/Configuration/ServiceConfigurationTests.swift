import Configuration
import HTTP
import LogOutput
import Logging
import OTelSDK
import Testing
import TraceContext
import Tracing
import Vocabulary

@testable import ServiceKit

@Suite("The configuration of a service")
struct ServiceConfigurationTests {
    @Test("An empty environment gives the defaults", arguments: ServiceRole.allCases)
    func anEmptyEnvironmentGivesTheDefaults(role: ServiceRole) throws {
        let configuration = try ServiceConfiguration(role: role, environment: [:])
        #expect(configuration.server.host == "127.0.0.1")
        #expect(configuration.server.port == role.defaultPort)
        #expect(configuration.server.maximumBodySize == 65_536)
        #expect(configuration.shutdownTimeout == .seconds(10))
        #expect(configuration.server.drainTimeout == .seconds(6))
        #expect(configuration.dataDirectory == nil && configuration.log.directory == nil)
        #expect(configuration.serviceName == role.rawValue && configuration.region == "local")
        #expect(configuration.log.level == .info && configuration.telemetry.warnings.isEmpty)
        #expect(configuration.telemetry.exporter.traces.endpoint == nil)
        let resource = configuration.telemetry.resource.attributes
        #expect(resource["service.name"] == .string(role.rawValue))
        #expect(resource["service.namespace"] == .string("tailspan"))
        #expect(resource["deployment.environment.name"] == .string("demo"))
    }

    @Test(
        "A tenant is sent with spans and lines unless the exporter's headers name one")
    func aTenantIsSentWithSpansAndLines() throws {
        func headers(_ variables: [String: String]) throws -> [[String]] {
            let exporter = try ServiceConfiguration(role: .tasks, environment: variables).telemetry.exporter
            return [exporter.traces, exporter.logs].map { $0.headers.map { "\($0.name)=\($0.value)" } }
        }
        #expect(try headers([:]) == [[], []])
        #expect(try headers(["TENANT": ""]) == [[], []])
        #expect(try headers(["TENANT": "room-a"]) == [["x-scope-orgid=room-a"], ["x-scope-orgid=room-a"]])
        #expect(
            try headers(["TENANT": "room-a", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "X-Scope-OrgID=spans,a=b"])
                == [["x-scope-orgid=spans", "a=b"], ["x-scope-orgid=room-a"]])
        let error = #expect(throws: ConfigurationError.self) { try headers(["TENANT": "a|b"]) }
        #expect(error?.description.hasPrefix("TENANT=a|b: expected") == true)
    }

    @Test("Every setting is read")
    func everySettingIsRead() throws {
        let configuration = try ServiceConfiguration(
            role: .tasks,
            environment: [
                "HOST": "0.0.0.0", "PORT": "0", "MAX_BODY_BYTES": "10", "DRAIN_TIMEOUT_MS": "0", "DATA_DIR": "/data",
                "LOG_DIR": "/logs", "REGION": "mars", "DEPLOYMENT_ENVIRONMENT": "prod", "SERVICE_VERSION": "9",
                "OTEL_SERVICE_NAME": "jobs", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318/",
            ])
        #expect(configuration.server.host == "0.0.0.0" && configuration.server.port == 0)
        #expect(configuration.server.maximumBodySize == 10 && configuration.server.drainTimeout == .zero)
        #expect(configuration.dataDirectory == "/data" && configuration.log.directory == "/logs")
        #expect(configuration.region == "mars" && configuration.version == "9")
        #expect(configuration.serviceName == "jobs", "lines and spans have one name for the service")
        #expect(configuration.telemetry.exporter.traces.endpoint == "http://127.0.0.1:4318/v1/traces")
        #expect(configuration.telemetry.resource.attributes["deployment.environment.name"] == .string("prod"))
    }

    @Test(
        "Draining takes at most six tenths of the shutdown timeout",
        arguments: [("2000", "10000", 1200), ("2000", "500", 500), ("60000", "10000", 10_000)])
    func drainingTakesAtMostSixTenthsOfTheShutdown(all: String, drain: String, expected: Int) throws {
        let configuration = try ServiceConfiguration(
            role: .tasks, environment: ["SHUTDOWN_TIMEOUT_MS": all, "DRAIN_TIMEOUT_MS": drain])
        #expect(configuration.server.drainTimeout == .milliseconds(expected))
    }

    @Test("Every instance has its own id")
    func everyInstanceHasItsOwnID() throws {
        let ids = try (0..<3).map { _ in
            let configuration = try ServiceConfiguration(role: .tasks, environment: [:])
            return "\(String(describing: configuration.telemetry.resource.attributes["service.instance.id"]))"
        }
        #expect(Set(ids).count == 3)
    }

    @Test("An empty variable counts as unset")
    func anEmptyVariableCountsAsUnset() throws {
        let names = ["PORT", "HOST", "DATA_DIR", "LOG_DIR", "LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT"]
        let configuration = try ServiceConfiguration(
            role: .payments, environment: Dictionary(uniqueKeysWithValues: names.map { ($0, "") }))
        #expect(configuration.server.port == 8083 && configuration.dataDirectory == nil)
        #expect(configuration.log.directory == nil && configuration.telemetry.exporter.traces.endpoint == nil)
    }

    @Test(
        "An invalid setting stops the start and says what was expected",
        arguments: [
            ("PORT", "x"), ("PORT", "65536"), ("PORT", "-1"), ("MAX_BODY_BYTES", "0"), ("DRAIN_TIMEOUT_MS", "soon"),
            ("SHUTDOWN_TIMEOUT_MS", "0"), ("SHUTDOWN_TIMEOUT_MS", "-5"), ("SHUTDOWN_TIMEOUT_MS", "now"),
            ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"), ("LOG_MAX_FILES", "many"), ("LOG_STDOUT", "perhaps"),
        ])
    func anInvalidSettingStopsTheStart(name: String, value: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try ServiceConfiguration(role: .gateway, environment: [name: value])
        }
        #expect(error?.description.hasPrefix("\(name)=\(value): expected ") == true)
    }

    @Test("Invalid telemetry settings only give a warning")
    func invalidTelemetrySettingsOnlyWarn() throws {
        let configuration = try ServiceConfiguration(
            role: .gateway, environment: ["OTEL_TRACES_SAMPLER": "x", "OTEL_EXPORTER_OTLP_ENDPOINT": "y"])
        #expect(configuration.telemetry.warnings.count == 2)
    }
}
