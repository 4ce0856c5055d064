import Arguments
import Configuration
import HTTP
import Supervision
import Terminal
import Vocabulary

/// Checks a service's health: for containers, whose images contain no other client.
struct HealthcheckCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "healthcheck", abstract: "Asks a service whether it is alive, for use in containers",
        discussion: """
            Asks for /healthz at 127.0.0.1 and the port that the service would listen on: PORT, or its usual one. Without \
            a ROLE and without PORT that is the gateway's. HOST is heeded unless it stands for all addresses. Without HOST \
            and PORT, a 'tailspan up' that runs in this folder is asked where the service is. Exit codes: 0 it answered \
            with 2xx, 1 it did not, 2 misuse.
            """,
        examples: [
            .init("tailspan healthcheck tasks", "Whether tasks is alive in this container."),
            .init("tailspan healthcheck --url http://127.0.0.1:13133/", "The same question to another program."),
        ],
        section: "One part alone")

    @Positional("ROLE", .oneOf(ServiceRole.allCases.map(\.rawValue)), help: "Which service is asked.")
    var role: String?
    @Option("url", value: "URL", .url, help: "Asks for this URL instead.") var url: String?
    @Option("timeout", value: "TIME", .moreThan(.zero), help: "How long the answer may take.")
    var timeout = Duration.seconds(2)

    @ArgumentGroup var environment: EnvironmentOptions

    func validate() throws(UsageError) {
        if url != nil, role != nil { throw UsageError("expected ROLE or --url, not both") }
    }

    /// The URL to check, derived from the settings that the service itself would read.
    static func url(
        role: ServiceRole, _ variables: [String: String], _ running: RunningEnvironment? = nil
    ) throws -> String {
        let environment = Environment(variables)
        if environment.string("HOST") == nil, environment.string("PORT") == nil, let url = running?.urls[role] {
            return url + "/healthz"
        }
        let port = try environment.integer("PORT", default: role.defaultPort, in: 1...65_535)
        let host =
            switch environment.string("HOST", default: "127.0.0.1") {
            case "0.0.0.0": "127.0.0.1"
            case "::": "[::1]"
            case let address where address.contains(":"): "[\(address)]"
            case let name: name
            }
        return "http://\(host):\(port)/healthz"
    }

    func run(_ tools: Tools, _ loop: LoopTools) async throws -> Int32 {
        let address: String
        do {
            let role = role.flatMap(ServiceRole.init(rawValue:)) ?? .gateway
            address = try url ?? Self.url(role: role, tools.environment, environment.running)
        } catch {
            tools.fail("\(error)")
            return ExitCode.usage
        }
        do {
            let status = try await loop.client.execute(HTTPClient.Request(url: address), timeout: timeout).status
            guard (200..<300).contains(status.code) else {
                tools.fail("\(address) answered \(status.code)")
                return ExitCode.failure
            }
            tools.out.line("\(address) answered \(status.code)")
            return ExitCode.success
        } catch let error as HTTPClientError {
            tools.fail("\(address): \(error)")
            return ExitCode.failure
        }
    }
}
