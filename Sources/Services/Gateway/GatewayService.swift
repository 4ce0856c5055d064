import Configuration
import Contracts
import HTTP
import ServiceLifecycle
import Vocabulary

/// The public API: validates requests and calls the other services to fulfil them.
package struct GatewayService: ServiceDefinition {
    package static let role = ServiceRole.gateway

    let tasks: UpstreamClient
    let payments: PaymentsClient
    let dependencies: ServiceDependencies
    /// If set, requests must present it as a bearer token.
    let token: String?
    package let readinessChecks: [ReadinessCheck]

    package init(dependencies: ServiceDependencies) async throws {
        self.dependencies = dependencies
        var patient = UpstreamClient.Configuration()
        patient.timeout = .milliseconds(
            Int64(try dependencies.environment.integer("UPSTREAM_TIMEOUT_MS", default: 20_000, in: 1...600_000)))
        // A failure answered by tasks is final: a retry with the same key would get the same answer.
        patient.retriedStatuses = []
        tasks = try dependencies.upstream(.tasks, configuration: patient)
        payments = PaymentsClient(try dependencies.upstream(.payments))
        token = dependencies.environment.string("GATEWAY_TOKEN")
        readinessChecks = [try .upstream(.tasks, dependencies), try .upstream(.payments, dependencies)]
    }

    package func addRoutes(to router: Router) {
        if let token { router.add(middleware: BearerAuthentication(token: token)) }
        router.post("/v1/tasks", use: createTask)
        router.get("/v1/tasks", use: listTasks)
        router.get("/v1/tasks/{id}", use: showTask)
        router.get("/v1/guilds/{id}/balance", use: balance)
    }

    package var backgroundServices: [any Service] { [] }

    package func close() async {}
}
