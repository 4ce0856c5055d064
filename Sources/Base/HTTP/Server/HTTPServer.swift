import EventLoop
import Logging
import Metrics
import ServiceLifecycle
import Synchronization

/// An HTTP/1.1 server (RFC 9112) on one ``EventLoop``, without threads of its own. Handlers are tasks on the loop. All
/// answers of a turn of the loop are sent at its end, after what the turn has written to databases is committed.
///
/// All methods may be called from any thread. They require the loop to run.
public final class HTTPServer: Service {
    /// The settings of a server.
    public struct Configuration: Sendable {
        /// The address to bind, such as `127.0.0.1`, `0.0.0.0` or `::1`.
        public var host = "127.0.0.1"
        /// The port; 0 selects a free one.
        public var port = 0
        /// The path of a Unix-domain socket to listen on as well, for programs of the same user; `nil` for none.
        public var socketPath: String?
        /// The maximum size of a request's head in bytes; a larger one is answered with 431, or with 414 if its first
        /// line alone is larger.
        public var maximumHeadSize = 16 << 10
        /// The maximum size of a request body in bytes; a larger one is answered with 413.
        public var maximumBodySize = 1 << 20
        /// How long a graceful shutdown waits for requests in flight.
        public var drainTimeout: Duration = .seconds(10)
        /// How long an idle connection is kept, in the precision of a second.
        public var idleTimeout: Duration = .seconds(60)
        /// The maximum number of connections. When a new one exceeds it, an existing connection without a request is
        /// closed, or else one with an incomplete request, which is answered 503. Connections that are being answered
        /// are kept.
        public var maximumConnections = 1024
        /// The time limit for the head of a request, from its first line. After that it is answered 408.
        public var headTimeout: Duration = .seconds(10)
        /// The time allowed for a request body or response before its rate counts.
        public var bodyTimeout: Duration = .seconds(10)
        /// The average number of bytes per second that a client must send of a body, or read of a response, once
        /// ``bodyTimeout`` has passed. A slower sender is answered 408; the connection of a slower reader is closed.
        public var minimumBytesPerSecond = 16 << 10
        /// Creates the default configuration.
        public init() {}
    }

    private let driver: ServerDriver

    /// Creates a server that is not listening yet.
    /// - Parameters:
    ///   - logger: receives a line for each request that is refused before any handler sees it.
    ///   - metrics: receives the number of those (`tailspan.http.server.refusals`).
    public init(
        configuration: Configuration, responder: any HTTPResponder, eventLoop: EventLoop, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        driver = ServerDriver(
            configuration: configuration, responder: responder, eventLoop: eventLoop, logger: logger,
            limits: ServerLimits(factory: metrics))
    }

    /// Binds the address and starts to listen and answer requests. Called by ``run()`` if it has not been called
    /// before.
    /// - Throws: ``HTTPServerError`` if the address cannot be bound; `CancellationError` if the loop has ended.
    public func start() async throws {
        let driver = driver
        try await driver.loop.perform { try driver.start() }
    }

    /// The port in use; 0 before the server has started.
    public var port: Int { driver.port.load(ordering: .acquiring) }

    /// The number of requests in flight: fully received, with a response that has not been completely written.
    public var requestsInFlight: Int { driver.requestsInFlight.load(ordering: .relaxed) }

    /// Stops accepting, lets requests in flight finish (within the drain timeout), and closes all connections.
    public func shutdown() async {
        beginShutdown()
        await driver.untilStopped()
    }

    /// Starts ``shutdown()`` without waiting for it to end.
    public func beginShutdown() {
        let driver = driver
        driver.loop.submit { driver.beginShutdown() }
    }

    /// Serves until graceful shutdown, ``shutdown()``, or cancellation of the task, then drains.
    public func run() async throws {
        try await start()
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await driver.untilStopped()
            } onCancel: {
                self.beginShutdown()
            }
        } onGracefulShutdown: {
            self.beginShutdown()
        }
    }
}

/// Why a server could not start.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    /// The error in a few words, with the address.
    public var description: String
    /// Whether another process uses the address.
    public var addressInUse: Bool
    /// Creates an error.
    public init(description: String, addressInUse: Bool = false) {
        self.description = description
        self.addressInUse = addressInUse
    }
}
