import Configuration
import Contracts
import HTTP
import ServiceLifecycle
import Vocabulary

/// Holds, captures and releases amounts on the guilds' channels in a double-entry ledger.
package struct PaymentsService: ServiceDefinition {
    package static let role = ServiceRole.payments

    let ledger: Ledger
    let operations: Operations

    package init(dependencies: ServiceDependencies) async throws {
        let guilds = try dependencies.environment.integer("SEED_GUILDS", default: 16, in: 0...10_000)
        let balance = Int64(
            try dependencies.environment.integer(
                "SEED_BALANCE", default: 1_000_000_000_000, in: 0...1_000_000_000_000_000))
        guard !balance.multipliedReportingOverflow(by: Int64(guilds)).overflow else {
            throw ConfigurationError("SEED_GUILDS times SEED_BALANCE: expected at most \(Int64.max)")
        }
        let path = dependencies.dataDirectory.map { $0 + "/" + Ledger.name } ?? ":memory:"
        ledger = try Ledger(
            path: path, guilds: guilds, openingBalance: balance,
            commits: GroupCommit(
                eventLoop: dependencies.eventLoop, logger: dependencies.logger, metrics: dependencies.metrics,
                database: Ledger.name))
        operations = Operations(
            tracer: dependencies.tracer, logger: dependencies.logger, statements: dependencies.interceptors.statements)
    }

    package func addRoutes(to router: Router) {
        router.post("/v1/reservations", use: reserve)
        router.get("/v1/reservations/{id}", use: showReservation)
        router.delete("/v1/reservations/{id}", use: release)
        router.post("/v1/settlements", use: settle)
        router.get("/v1/guilds/{id}/balance", use: balance)
        router.get("/v1/integrity", use: integrity)
    }

    package var backgroundServices: [any Service] { [] }

    package var readinessChecks: [ReadinessCheck] {
        [ReadinessCheck(name: "ledger") { [ledger] in try ledger.ping() }]
    }

    package func close() async { ledger.close() }
}
