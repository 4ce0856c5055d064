import Logging
import ServiceLifecycle
import ServiceTesting
import Synchronization
import Testing

@Suite("The first lines that a user writes with a service group")
struct FirstLinesOfServiceLifecycleTests {
    private struct Worker: Service {
        func run() async throws { try await gracefulShutdown() }
    }
    private struct Broken: Service {
        func run() async throws { throw TestError(description: "no disk") }
    }
    private struct Lines: LogHandler {
        let journal: Journal
        var logLevel: Logger.Level = .trace
        var metadata: Logger.Metadata = [:]
        init(_ journal: Journal) { self.journal = journal }
        func log(event: LogEvent) {
            journal.add("\(event.level.rawValue) \(event.message)" + (event.error == nil ? "" : " (error)"))
        }
    }

    @Test("A group takes a logger and writes to it what happens to its services")
    func aGroupLogsWhatHappensToItsServices() async throws {
        let journal = Journal()
        let group = ServiceGroup(
            services: [Worker()], gracefulShutdownSignals: [], logger: Logger(label: "main", handler: Lines(journal)))
        async let run: Void = group.run()
        try await eventually { !journal.all.isEmpty }
        await group.triggerGracefulShutdown()
        try await run
        #expect(
            journal.all == [
                "info started Worker", "info shutting down: it was asked for", "debug stopping Worker",
                "debug stopped Worker",
            ])
    }

    @Test("A service that fails is logged as an error by the logger of the group")
    func aFailedServiceIsLoggedAsAnError() async {
        let journal = Journal()
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: Broken(), failureTerminationBehavior: .cancelGroup)],
                logger: Logger(label: "main", handler: Lines(journal))))
        await #expect(throws: TestError.self) { try await group.run() }
        #expect(journal.all.contains("error Broken failed: no disk (error)"), "\(journal.all)")
    }
}
