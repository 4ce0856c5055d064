import ServiceTesting
import Testing

@testable import ServiceLifecycle

@Suite("The service group")
struct ServiceGroupTests {
    let journal = Journal()

    private func service(_ name: String, _ body: (@Sendable () async throws -> Void)? = nil) -> TestService {
        var service = TestService(description: name, journal: journal)
        if let body { service.body = body }
        return service
    }

    /// Runs `group` beside `body` and returns what its run threw.
    private func run(_ group: ServiceGroup, _ body: @Sendable () async throws -> Void) async throws -> (any Error)? {
        try await withThrowingTaskGroup(of: (any Error)?.self) { tasks in
            tasks.addTask {
                do { try await group.run() } catch { return error }
                return nil
            }
            try await body()
            return try await tasks.next() ?? nil
        }
    }

    private func allRun(_ names: String...) async throws {
        try await eventually { names.allSatisfy { journal.all.contains("\($0) runs") } }
    }

    @Test func servicesStopInReverseOrderOneAfterTheOther() async throws {
        let group = ServiceGroup(
            services: ["telemetry", "worker", "server"].map { name in
                service(name) {
                    try await gracefulShutdown()
                    // Whoever is not awaited would be overtaken here.
                    for _ in 0..<50 { await Task.yield() }
                }
            })
        let error = try await run(group) {
            try await allRun("telemetry", "worker", "server")
            await group.triggerGracefulShutdown()
        }
        #expect(error == nil)
        #expect(journal.all.suffix(3) == ["server ends", "worker ends", "telemetry ends"])
    }

    @Test func theServerFinishesOpenRequestsBeforeTelemetryStops() async throws {
        let journal = journal
        let drained = Gate()
        let group = ServiceGroup(services: [
            service("telemetry"),
            service("server") {
                try await gracefulShutdown()
                await drained.wait()
            },
        ])
        let error = try await run(group) {
            try await allRun("telemetry", "server")
            await group.triggerGracefulShutdown()
            for _ in 0..<50 { await Task.yield() }
            #expect(!journal.all.contains("telemetry ends"))
            drained.open()
        }
        #expect(error == nil)
        #expect(journal.all.last == "telemetry ends")
    }

    @Test func aServiceThatThrowsStopsTheOthersAndItsErrorIsThrown() async throws {
        let ready = Gate()
        let group = ServiceGroup(services: [
            service("telemetry"),
            service("worker") {
                await ready.wait()
                throw TestError(description: "no worker")
            },
            service("server"),
        ])
        let error = try await run(group) {
            try await allRun("telemetry", "server")
            ready.open()
        }
        #expect(error as? TestError == TestError(description: "no worker"))
        #expect(journal.all.suffix(3) == ["worker throws TestError", "server ends", "telemetry ends"])
    }

    @Test func aServiceThatReturnsStopsTheOthers() async throws {
        let ready = Gate()
        let group = ServiceGroup(services: [service("telemetry"), service("job") { await ready.wait() }])
        let error = try await run(group) {
            try await allRun("telemetry")
            ready.open()
        }
        #expect(error == nil)
        #expect(journal.all.suffix(2) == ["job ends", "telemetry ends"])
    }

    @Test func theFirstOfSeveralErrorsIsThrown() async throws {
        let group = ServiceGroup(services: [
            service("first") {
                try await gracefulShutdown()
                throw TestError(description: "second")
            },
            service("second") { throw TestError(description: "first") },
        ])
        await #expect(throws: TestError(description: "first")) { try await group.run() }
    }

    @Test func theEndOfAServiceMayBeIgnored() async throws {
        let configuration = ServiceGroupConfiguration(services: [
            .init(service: service("server")),
            .init(service: service("once") {}, successTerminationBehavior: .ignore),
            .init(service: service("flaky") { throw TestError(description: "x") }, failureTerminationBehavior: .ignore),
        ])
        let group = ServiceGroup(configuration: configuration)
        let error = try await run(group) {
            try await eventually {
                journal.all.contains("once ends") && journal.all.contains("flaky throws TestError")
            }
            #expect(!journal.all.contains("server ends"))
            await group.triggerGracefulShutdown()
        }
        #expect(error == nil && journal.all.last == "server ends")
    }

    @Test func theEndOfAServiceMayCancelTheOthers() async throws {
        let forever = service("forever") { try await Task.sleep(for: .seconds(3600)) }
        let group = ServiceGroup(
            configuration: .init(services: [
                .init(service: forever), .init(service: service("job") {}, successTerminationBehavior: .cancelGroup),
            ]))
        await #expect(throws: ServiceGroupError.serviceFinishedUnexpectedly(service: "job")) { try await group.run() }
        #expect(journal.all.contains("forever throws CancellationError"))
    }

    @Test func aServiceThatDoesNotStopInTimeIsCancelled() async throws {
        let journal = journal
        let timeIsUp = Gate()
        var configuration = ServiceGroupConfiguration(services: [
            service("telemetry"), service("stubborn") { try await Task.sleep(for: .seconds(3600)) },
        ])
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        configuration.sleep = { duration in
            journal.add("timer \(duration)")
            await timeIsUp.wait()
        }
        let group = ServiceGroup(configuration: configuration)
        let error = try await run(group) {
            try await allRun("stubborn")
            await group.triggerGracefulShutdown()
            try await eventually { journal.all.contains("timer 30.0 seconds") }
            timeIsUp.open()
        }
        #expect(error as? ServiceGroupError == .gracefulShutdownForced(.tookLongerThan(.seconds(30))))
        #expect(journal.all.contains("stubborn throws CancellationError"))
        #expect(journal.all.contains { $0.hasPrefix("telemetry ") && $0 != "telemetry runs" })
    }

    @Test func theShutdownTimerEndsWithTheGroup() async throws {
        var configuration = ServiceGroupConfiguration(services: [service("server")])
        configuration.maximumGracefulShutdownDuration = .seconds(3600)
        let group = ServiceGroup(configuration: configuration)
        let error = try await run(group) {
            try await allRun("server")
            await group.triggerGracefulShutdown()
        }
        #expect(error == nil)
    }

    @Test func cancellingTheCallerCancelsTheServices() async throws {
        let group = ServiceGroup(services: [service("a"), service("b") { try await Task.sleep(for: .seconds(3600)) }])
        let task = Task { try await group.run() }
        try await allRun("a", "b")
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(journal.all.contains("b throws CancellationError"))
    }

    @Test func aGroupRunsOnlyOnce() async throws {
        let group = ServiceGroup(services: [service("server")])
        let error = try await run(group) {
            try await allRun("server")
            await #expect(throws: ServiceGroupError.alreadyRunning) { try await group.run() }
            await group.triggerGracefulShutdown()
        }
        #expect(error == nil)
    }

    @Test func aGroupStoppedBeforeItsStartDoesNotStart() async throws {
        let group = ServiceGroup(services: [service("server")])
        await group.triggerGracefulShutdown()
        try await group.run()
        #expect(journal.all.isEmpty)
        try await ServiceGroup(services: []).run()
    }

    @Test func aGroupCanBeAServiceOfAnotherGroup() async throws {
        let inner = ServiceGroup(services: [service("inner 1"), service("inner 2")])
        let outer = ServiceGroup(services: [service("outer"), inner])
        let error = try await run(outer) {
            try await allRun("outer", "inner 1", "inner 2")
            await outer.triggerGracefulShutdown()
        }
        #expect(error == nil)
        #expect(journal.all.suffix(3) == ["inner 2 ends", "inner 1 ends", "outer ends"])
    }

    @Test func startsAndStopsAreLogged() async throws {
        let journal = Journal()
        let group = ServiceGroup(
            services: [service("telemetry"), service("server")], logger: { journal.add($0.description) })
        _ = try await run(group) {
            try await eventually { !journal.all.isEmpty }
            await group.triggerGracefulShutdown()
        }
        #expect(
            journal.all == [
                "started telemetry, server", "shutting down: it was asked for", "stopping server", "stopped server",
                "stopping telemetry", "stopped telemetry",
            ])
    }

    @Test func servicesRunOnTheExecutorOfTheCaller() async throws {
        let executor = InlineExecutor()
        let journal = journal
        let isPreferred = { @Sendable in
            withUnsafeCurrentTask { $0?.unownedTaskExecutor == UnownedTaskExecutor(ordinary: executor) }
        }
        try await withTaskExecutorPreference(executor) {
            try await ServiceGroup(services: [
                service("server") {
                    if isPreferred() { journal.add("preferred") }
                    try await cancelWhenGracefulShutdown { if isPreferred() { journal.add("inside too") } }
                }
            ]).run()
        }
        #expect(journal.all == ["server runs", "preferred", "inside too", "server ends"])
    }
}

/// Runs every job at once where it is submitted.
private final class InlineExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) { job.runSynchronously(on: asUnownedTaskExecutor()) }
}
