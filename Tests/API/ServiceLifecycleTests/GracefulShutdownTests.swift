import Testing

@testable import ServiceLifecycle

@Suite("Graceful shutdown")
struct GracefulShutdownTests {
    /// Runs `body` as the only service of a group.
    private func inService(_ body: @escaping @Sendable (ServiceGroup) async throws -> Void) async throws {
        let (groups, continuation) = AsyncStream<ServiceGroup>.makeStream()
        let service = TestService(description: "service", journal: Journal()) {
            for await group in groups { return try await body(group) }
        }
        let group = ServiceGroup(services: [service])
        continuation.yield(group)
        try await group.run()
    }

    @Test func theHandlerIsCalledOnceWhileTheOperationRuns() async throws {
        let journal = Journal()
        try await inService { group in
            #expect(!Task.isShuttingDownGracefully)
            try await withGracefulShutdownHandler {
                await withGracefulShutdownHandler {
                } onGracefulShutdown: {
                    journal.add("its operation is over")
                }
                await group.triggerGracefulShutdown()
                try await gracefulShutdown()
                #expect(Task.isShuttingDownGracefully)
            } onGracefulShutdown: {
                journal.add("told")
            }
        }
        #expect(journal.all == ["told"])
    }

    @Test func aHandlerSetAfterTheShutdownIsCalledAtOnce() async throws {
        let journal = Journal()
        try await inService { group in
            await group.triggerGracefulShutdown()
            try await gracefulShutdown()
            await withGracefulShutdownHandler {
                journal.add("operation")
            } onGracefulShutdown: {
                journal.add("told")
            }
            try await gracefulShutdown()
        }
        #expect(journal.all == ["told", "operation"])
    }

    @Test func childTasksLearnOfTheShutdown() async throws {
        try await inService { group in
            await group.triggerGracefulShutdown()
            await withTaskGroup(of: Bool.self) { tasks in
                tasks.addTask {
                    try? await gracefulShutdown()
                    return Task.isShuttingDownGracefully
                }
                for await isTold in tasks { #expect(isTold) }
            }
        }
    }

    @Test func noHandlerIsCalledOutsideAGroup() async throws {
        let result = await withGracefulShutdownHandler {
            5
        } onGracefulShutdown: {
            Issue.record("called outside a group")
        }
        #expect(result == 5)
        #expect(!Task.isShuttingDownGracefully)
        let waiting = Task { try await gracefulShutdown() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func anOperationIsCancelledOnShutdown() async throws {
        let journal = Journal()
        try await inService { group in
            await group.triggerGracefulShutdown()
            await #expect(throws: CancellationError.self) {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3600)) }
            }
            journal.add("cancelled")
        }
        #expect(journal.all == ["cancelled"])
    }

    @Test func anOperationThatEndsFirstReturnsItsResult() async throws {
        #expect(try await cancelWhenGracefulShutdown { 7 } == 7)
        await #expect(throws: TestError(description: "own")) {
            try await cancelWhenGracefulShutdown { throw TestError(description: "own") }
        }
        // One that is cancelled and finishes nevertheless has a result as well.
        try await inService { group in
            let result = try await cancelWhenGracefulShutdown {
                await group.triggerGracefulShutdown()
                try? await Task.sleep(for: .seconds(3600))
                return 8
            }
            #expect(result == 8)
        }
    }

    @Test func cancellingTheCallerCancelsTheOperation() async throws {
        let task = Task { try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3600)) } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
