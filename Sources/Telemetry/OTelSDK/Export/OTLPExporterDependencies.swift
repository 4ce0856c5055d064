import Encoding
import EventLoop
import HTTP
import Logging
import Metrics

/// The dependencies of the exporters. Tests supply a transport without a socket and a clock they control.
package struct OTLPExporterDependencies: Sendable {
    /// Sends one request; the duration is its timeout.
    package var transport: @Sendable (HTTPClient.Request, Duration) async throws -> HTTPClient.Response
    /// Waits; throws if the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// A clock that never goes backwards.
    package var now: @Sendable () -> ContinuousClock.Instant
    /// For `Retry-After` dates.
    package var wallClock: WallClock
    /// In the range 0 ..< 1.
    package var random: @Sendable () -> Double
    /// Receives failures. Must not export only to the backend that failed.
    package var logger: Logger
    package var metrics: any MetricsFactory

    package init(
        transport: @escaping @Sendable (HTTPClient.Request, Duration) async throws -> HTTPClient.Response,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, wallClock: WallClock = .system,
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }, logger: Logger = .noOp,
        metrics: any MetricsFactory = NOOPMetricsHandler()
    ) {
        self.transport = transport
        self.sleep = sleep
        self.now = now
        self.wallClock = wallClock
        self.random = random
        self.logger = logger
        self.metrics = metrics
    }

    /// The dependencies in production.
    init(client: HTTPClient, eventLoop: EventLoop, logger: Logger, metrics: any MetricsFactory) {
        self.init(
            transport: { try await client.execute($0, timeout: $1) }, sleep: { try await eventLoop.sleep(for: $0) },
            logger: logger, metrics: metrics)
    }
}
