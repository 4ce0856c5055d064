import Synchronization

/// The process's metrics backend, used by instruments that are created without a factory.
///
/// The modules of this project receive their factory explicitly and never use this one, so that several services, each
/// with its own registry, can run in one process or test. Thread-safe.
public enum MetricsSystem {
    private static let bootstrapped = Mutex<(any MetricsFactory)?>(nil)

    /// Sets the process's backend. Call it once, at the start of the process and before the first instrument is
    /// created. A second call ends the process.
    public static func bootstrap(_ factory: any MetricsFactory) {
        bootstrapped.withLock {
            precondition($0 == nil, "MetricsSystem is bootstrapped once a process")
            $0 = factory
        }
    }

    /// The process's backend; before ``bootstrap(_:)``, one that discards everything.
    public static var factory: any MetricsFactory { bootstrapped.withLock { $0 } ?? NOOPMetricsHandler() }
}
