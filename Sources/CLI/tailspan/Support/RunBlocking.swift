import Arguments
import EventLoop
import Glibc
import HTTP
import ServiceLifecycle
import Synchronization

extension LoopCommand {
    /// Runs the command on a loop on the calling thread.
    func runBlocking(_ tools: Tools) throws -> Int32 {
        let signals: [UnixSignal] = [.sigint, .sigterm, .sighup]
        // Before any other thread is started, so that all of them inherit the mask.
        UnixSignal.block(signals)
        let eventLoop = try EventLoop(name: "tailspan")
        // Two signals are handled; the third ends the process even if it hangs.
        let sequence = UnixSignalsSequence(trapping: signals, terminatingAt: Self.endsAtOnce ? 1 : 3)
        let result = SharedExitCode()
        eventLoop.submit {
            Task(executorPreference: eventLoop) {
                result.code.store(await runOnLoop(tools, eventLoop, sequence), ordering: .relaxed)
                eventLoop.stop()
            }
        }
        eventLoop.run()
        return result.code.load(ordering: .relaxed)
    }

    private func runOnLoop(_ tools: Tools, _ eventLoop: EventLoop, _ signals: UnixSignalsSequence) async -> Int32 {
        var configuration = HTTPClient.Configuration()
        configuration.maximumConnectionsPerHost = 256
        let client = HTTPClient(eventLoop: eventLoop, configuration: configuration)
        let interrupts = Interrupts { _ in }
        let work = Task(executorPreference: eventLoop) {
            do {
                return try await run(tools, LoopTools(eventLoop: eventLoop, client: client, interrupts: interrupts))
            } catch is CancellationError {
                return ExitCode.interrupted
            } catch {
                tools.fail("\(error)")
                return ExitCode.failure
            }
        }
        interrupts.take { _ in work.cancel() }
        let listening = Task(executorPreference: eventLoop) {
            for await signal in signals { interrupts.deliver(signal) }
        }
        let code = await work.value
        listening.cancel()
        await client.shutdown()
        return code
    }
}

private final class SharedExitCode: Sendable {
    let code = Atomic<Int32>(ExitCode.failure)
}
