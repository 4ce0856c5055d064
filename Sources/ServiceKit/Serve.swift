import Contracts
import EventLoop
import Glibc
import HTTP
import ServiceLifecycle
import Synchronization

/// Runs one service on the calling thread until SIGTERM or SIGINT. Call it from the main thread, before any other exists.
/// - Returns: the process's exit code: 0 after a graceful stop, 2 for a setting that cannot be used, 1 for any other
///   failure; each is said in one line on stderr.
package func serve(_ type: any ServiceDefinition.Type, environment: [String: String]) -> Int32 {
    let signals: [UnixSignal] = [.sigterm, .sigint]
    UnixSignal.block(signals)
    signal(SIGPIPE, SIG_IGN)
    do {
        let configuration = try ServiceConfiguration(role: type.role, environment: environment)
        let loop = try EventLoop(name: configuration.serviceName)
        let exitCode = ExitCode()
        Task(executorPreference: loop) {
            do {
                let instance = try await ServiceInstance(type, configuration: configuration, eventLoop: loop)
                try await ServiceGroup(
                    configuration: ServiceGroupConfiguration(
                        services: [instance], gracefulShutdownSignals: signals)
                ).run()
            } catch {
                exitCode.value = complain(type.role, error)
            }
            loop.stop()
        }
        loop.run()
        return exitCode.value
    } catch {
        return complain(type.role, error)
    }
}

private func complain(_ role: ServiceRole, _ error: any Error) -> Int32 {
    let line = "tailspan \(role.rawValue): \(error)\n"
    line.utf8.withContiguousStorageIfAvailable { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    return error is ConfigurationError ? 2 : 1
}

/// Carries the exit code from the loop's task to the main thread.
private final class ExitCode: Sendable {
    private let storage = Mutex<Int32>(0)
    var value: Int32 {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
