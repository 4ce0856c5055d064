import Synchronization

/// The process's metrics backend: where an instrument goes that was given no factory.
///
/// The modules of this project are handed their factory and never look here, so that several services, each with its own
/// registry, can run in one process and in a test. Thread-safe.
public enum MetricsSystem {
    private static let bootstrapped = Mutex<(any MetricsFactory)?>(nil)

    /// Sets the process's backend. Call it once, from where the process starts, before the first instrument is made; a
    /// second call ends the process.
    public static func bootstrap(_ factory: any MetricsFactory) {
        bootstrapped.withLock {
            precondition($0 == nil, "MetricsSystem is bootstrapped once a process")
            $0 = factory
        }
    }

    /// The process's backend; before ``bootstrap(_:)`` one that keeps nothing.
    public static var factory: any MetricsFactory { bootstrapped.withLock { $0 } ?? NOOPMetricsHandler() }
}
