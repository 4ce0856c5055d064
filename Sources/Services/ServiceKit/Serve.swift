import CLinux
import Configuration
import Contracts
import Encoding
import EventLoop
import Glibc
import HTTP
import Metrics
import ServiceLifecycle
import Synchronization
import Tracing
import Vocabulary

/// Runs one service on the calling thread until SIGTERM or SIGINT. See ``runToCompletion(name:_:)``.
package func serve(_ type: any ServiceDefinition.Type, environment: [String: String]) -> Int32 {
    runToCompletion(name: type.role.rawValue) { loop in
        let instance = try await ServiceInstance(
            type, configuration: try ServiceConfiguration(role: type.role, environment: environment), eventLoop: loop)
        // For code that uses a free `withSpan` or `Counter(label:)`: this process has only one tracer and one metrics
        // system.
        InstrumentationSystem.bootstrap(instance.telemetry.tracer)
        MetricsSystem.bootstrap(instance.telemetry.metrics)
        // Once the others have asked whether it is ready.
        loop.submit { loop.schedule(after: .seconds(2)) { ProgramPages.giveBack() } }
        return instance
    }
}

/// Creates a service and runs it on an event loop on the calling thread until SIGTERM or SIGINT. Call it from the main
/// thread, before any other thread exists.
/// - Returns: the process's exit code: 0 after a graceful shutdown, 2 for an invalid setting, 1 for any other
///   failure. Each failure is reported in one line on stderr.
package func runToCompletion(
    name: String, _ makeService: @escaping @Sendable (EventLoop) async throws -> any Service
) -> Int32 {
    let signals: [UnixSignal] = [.sigterm, .sigint]
    UnixSignal.block(signals)
    signal(SIGPIPE, SIG_IGN)
    // A file that may not grow any more is an error of the write, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    // Otherwise, under load, the top of the heap would be returned to the kernel and requested again with every
    // request.
    tailspan_keep_heap(4 << 20, 1 << 20)
    let exitCode = SharedExitCode()
    do {
        let loop = try EventLoop(name: name)
        Task(executorPreference: loop) {
            do {
                let service = try await makeService(loop)
                try await ServiceGroup(
                    configuration: ServiceGroupConfiguration(services: [service], gracefulShutdownSignals: signals)
                ).run()
            } catch {
                exitCode.value = complain(name, error)
            }
            loop.stop()
        }
        loop.run()
    } catch {
        exitCode.value = complain(name, error)
    }
    return exitCode.value
}

private func complain(_ name: String, _ error: any Error) -> Int32 {
    let line = Array("tailspan \(name): \("\(error)".escapingControlCharacters())\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    // A port in use may be free the next time; an invalid address never becomes valid.
    let isMisuse = error is ConfigurationError || (error as? HTTPServerError)?.addressInUse == false
    return isMisuse ? 2 : 1
}

/// Carries the exit code from the loop's task to the main thread.
private final class SharedExitCode: Sendable {
    private let storage = Mutex<Int32>(0)
    var value: Int32 {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
