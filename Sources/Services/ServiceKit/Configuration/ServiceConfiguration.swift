import Configuration
import Encoding
import FaultControl
import HTTP
import LogOutput
import OTelSDK
import Tracing
import Vocabulary

/// The settings that a service reads from its environment at startup.
package struct ServiceConfiguration: Sendable {
    package var role: ServiceRole
    package var environment: Environment
    package var server = HTTPServer.Configuration()
    /// The total time that a shutdown may take: requests in flight, workers, and the last spans and lines.
    package var shutdownTimeout: Duration
    /// The directory of the service's database; `nil` keeps the database in memory.
    package var dataDirectory: String?
    package var serviceName: String
    package var version: String
    package var deploymentEnvironment: String
    package var region: String
    package var log: LogConfiguration
    package var telemetry: OTelConfiguration
    package var faults: FaultConfiguration
    /// The number of requests that the gateway's journal keeps: `JOURNAL_SIZE`, default 1000; 0 for no journal.
    package var journalSize = 0

    /// Reads the settings. Invalid telemetry settings cause a warning and a fallback; all others must be valid.
    /// - Throws: ``ConfigurationError`` with one line that says what was expected.
    package init(role: ServiceRole, environment variables: [String: String]) throws {
        let environment = Environment(variables)
        self.role = role
        self.environment = environment
        server.host = environment.string("HOST", default: "127.0.0.1")
        server.port = try environment.integer("PORT", default: role.defaultPort, in: 0...65535)
        server.socketPath = try environment.socketPath("SOCKET_PATH")
        server.maximumBodySize = try environment.integer("MAX_BODY_BYTES", default: 65_536, in: 1...(64 << 20))
        shutdownTimeout = .milliseconds(
            Int64(try environment.integer("SHUTDOWN_TIMEOUT_MS", default: 10_000, in: 100...600_000)))
        server.drainTimeout = min(
            .milliseconds(Int64(try environment.integer("DRAIN_TIMEOUT_MS", default: 10_000, in: 0...600_000))),
            ShutdownDeadline.drainTimeout(within: shutdownTimeout))
        dataDirectory = environment.string("DATA_DIR")
        version = environment.string("SERVICE_VERSION", default: OTelSDK.version)
        deploymentEnvironment = environment.string("DEPLOYMENT_ENVIRONMENT", default: "demo")
        region = environment.string("REGION", default: "local")
        telemetry = OTelConfiguration(
            environment: variables,
            resource: .default.merging(
                Resource(attributes: [
                    Attribute.serviceName: .string(role.rawValue), Attribute.serviceNamespace: "tailspan",
                    Attribute.serviceVersion: .string(version),
                    Attribute.serviceInstanceID: .string(Self.instanceID(role)),
                    Attribute.deploymentEnvironment: .string(deploymentEnvironment),
                    Attribute.cloudRegion: .string(region),
                ])))
        if let tenant = try environment.tenant() {
            telemetry.exporter.add(OTLPExporterConfiguration.Header(name: Header.tenant, value: tenant.name))
        }
        serviceName = role.rawValue
        if case .string(let name)? = telemetry.resource.attributes[Attribute.serviceName] { serviceName = name }
        log = try LogConfiguration(environment: variables)
        faults = try FaultConfiguration(role: role, environment: environment, logDirectory: log.directory)
        if role == .gateway {
            journalSize = try environment.integer("JOURNAL_SIZE", default: 1000, in: 0...100_000)
        }
    }

    /// The identity fields on every log line of the service.
    var logIdentity: LogIdentity {
        LogIdentity(service: serviceName, version: version, environment: deploymentEnvironment, region: region)
    }

    /// Unique among the instances of a service, as the semantic conventions require. New at every start.
    private static func instanceID(_ role: ServiceRole) -> String {
        role.rawValue + "-" + Hex.string(UInt64.random(in: .min ... .max))
    }
}
