import Encoding
import EventLoop
import HTTP
import Logging
import Metrics

/// What the exporters take from outside; tests put in a transport without a socket and a clock that they turn.
package struct OTLPExporterDependencies: Sendable {
    /// Sends one request; the duration is the time it may take.
    package var transport: @Sendable (HTTPClient.Request, Duration) async throws -> HTTPClient.Response
    /// Waits; throws when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// A clock that never goes back.
    package var now: @Sendable () -> ContinuousClock.Instant
    /// For `Retry-After` dates.
    package var wallClock: WallClock
    /// From 0 up to but not including 1.
    package var random: @Sendable () -> Double
    /// Where failures are told. Must not ship to the backend that failed alone.
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

    /// The real ones.
    init(client: HTTPClient, eventLoop: EventLoop, logger: Logger, metrics: any MetricsFactory) {
        self.init(
            transport: { try await client.execute($0, timeout: $1) }, sleep: { try await eventLoop.sleep(for: $0) },
            logger: logger, metrics: metrics)
    }
}
