import Glibc
import ServiceTesting
import Testing

@testable import ServiceLifecycle

@Suite("Signals to a service group")
struct SignalTests {
    let journal = Journal()

    /// A group whose signals the test sends, and how to send one.
    private func group(
        _ services: [any Service], graceful: [UnixSignal] = [.sigterm, .sigint], cancelling: [UnixSignal] = []
    ) -> (ServiceGroup, AsyncStream<UnixSignal>.Continuation) {
        let (stream, continuation) = AsyncStream<UnixSignal>.makeStream()
        let journal = journal
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: graceful, cancellationSignals: cancelling,
            logger: { journal.add($0.description) })
        configuration.signalSource = { signals in
            #expect(signals == graceful + cancelling)
            return UnixSignalsSequence(stream)
        }
        return (ServiceGroup(configuration: configuration), continuation)
    }

    private func stubborn() -> TestService {
        TestService(description: "stubborn", journal: journal) { try await Task.sleep(for: .seconds(3600)) }
    }

    @Test func theFirstSignalShutsDownGracefully() async throws {
        let (group, signals) = group([TestService(description: "server", journal: journal)])
        signals.yield(.sigterm)
        try await group.run()
        #expect(journal.all.contains("shutting down: SIGTERM was received"))
        #expect(journal.all.contains("server ends"))
    }

    @Test func theSecondSignalCancelsTheRemainingServices() async throws {
        let (group, signals) = group([TestService(description: "server", journal: journal), stubborn()])
        signals.yield(.sigterm)
        signals.yield(.sigint)
        await #expect(throws: ServiceGroupError.gracefulShutdownForced(.signal(.sigint))) { try await group.run() }
        #expect(journal.all.contains("cancelling stubborn, server: SIGINT was received"))
        #expect(journal.all.contains("stubborn throws CancellationError"))
    }

    @Test func aCancellationSignalCancelsAtOnce() async throws {
        let (group, signals) = group([stubborn()], graceful: [.sigterm], cancelling: [.sigquit])
        signals.yield(.sigquit)
        await #expect(throws: ServiceGroupError.gracefulShutdownForced(.signal(.sigquit))) { try await group.run() }
        #expect(!journal.all.contains { $0.hasPrefix("shutting down") })
    }

    @Test func theErrorOfACancelledServiceIsThrown() async throws {
        let broken = TestService(description: "broken", journal: journal) {
            try? await Task.sleep(for: .seconds(3600))
            throw TestError(description: "could not flush")
        }
        let (group, signals) = group([broken])
        signals.yield(.sigterm)
        signals.yield(.sigterm)
        await #expect(throws: TestError(description: "could not flush")) { try await group.run() }
    }

    @Test func aSignalSourceThatEndsLeavesTheGroupRunning() async throws {
        let journal = journal
        let (group, signals) = group([TestService(description: "server", journal: journal)])
        signals.finish()
        async let run: Void = group.run()
        try await eventually { journal.all.contains("server runs") }
        await group.triggerGracefulShutdown()
        try await run
    }

    @Test func systemSignalsAreReceivedInOrder() async throws {
        // Sent to the waiting thread alone: the other threads of a test process do not block the signals.
        let signals = UnixSignalsSequence(trapping: [.sigusr1, .sigusr2])
        let thread = try #require(signals.thread?.id)
        var iterator = signals.makeAsyncIterator()
        for signal in [UnixSignal.sigusr2, .sigusr1, .sigusr2] {
            pthread_kill(thread, signal.rawValue)
            #expect(await iterator.next() == signal)
        }
    }

    @Test func aReleasedSignalSequenceEndsItsThread() async throws {
        weak var thread: SignalThread?
        do {
            let signals = UnixSignalsSequence(trapping: [.sigusr1])
            thread = signals.thread
            let task = Task { for await _ in signals {} }
            task.cancel()
            await task.value
            #expect(thread != nil)
        }
        // Its end was waited for, or this line would not be reached.
        #expect(thread == nil)
    }

    @Test func aSequenceWithoutSignalsEndsAtOnce() async throws {
        for await _ in UnixSignalsSequence(trapping: []) { Issue.record("there is nothing to receive") }
    }

    @Test func blockedSignalsAreInTheSignalMaskOfTheThread() {
        func isBlocked(_ signal: UnixSignal) -> Bool {
            var set = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &set)
            return sigismember(&set, signal.rawValue) == 1
        }
        // The pool's threads block signals of their own accord: leave the mask as it was.
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        UnixSignal.unblock([.sigquit, .sighup])
        #expect(!isBlocked(.sigquit) && !isBlocked(.sighup))
        UnixSignal.block([.sigquit, .sighup])
        #expect(isBlocked(.sigquit) && isBlocked(.sighup))
        UnixSignal.unblock([.sigquit, .sighup])
        #expect(!isBlocked(.sigquit) && !isBlocked(.sighup))
    }

    @Test(arguments: [
        (UnixSignal.sigterm, "SIGTERM"), (.sigint, "SIGINT"), (.sighup, "SIGHUP"), (.sigquit, "SIGQUIT"),
        (.sigusr1, "SIGUSR1"), (.sigusr2, "SIGUSR2"), (UnixSignal(rawValue: 30), "signal 30"),
    ])
    func signalsHaveNames(signal: UnixSignal, name: String) { #expect(signal.description == name) }
}
