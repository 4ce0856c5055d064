import EventLoop
import Logging
import ServiceLifecycle
import Synchronization

/// An HTTP/1.1 server on libmicrohttpd, driven by one ``EventLoop``: no thread of its own. Handlers are tasks on the
/// loop; one that ends without suspending is answered where it was called.
///
/// All methods may be called from any thread; they wait for the loop to run.
public final class HTTPServer: Service {
    /// How the server listens.
    public struct Configuration: Sendable {
        /// The address to bind, such as `127.0.0.1`, `0.0.0.0` or `::1`.
        public var host = "127.0.0.1"
        /// The port; 0 takes a free one.
        public var port = 0
        /// The largest request body in bytes; a larger one is answered 413.
        public var maximumBodySize = 1 << 20
        /// How long a graceful shutdown waits for requests in flight.
        public var drainTimeout: Duration = .seconds(10)
        /// How long an idle connection is kept; rounded up to whole seconds.
        public var idleTimeout: Duration = .seconds(60)
        /// How many connections are kept at once. When there are more, one that has no request under way is closed, else
        /// one whose request is not complete, so that a new one gets in; those being answered stay.
        public var maximumConnections = 1024
        /// How long the head of a request may take once its first line is here; then the connection is closed.
        public var headTimeout: Duration = .seconds(10)
        /// How long a body or an answer may take before its rate counts.
        public var bodyTimeout: Duration = .seconds(10)
        /// How many bytes a second a client must send of a body, or read of an answer, on average from then on; a slower
        /// one's connection is closed.
        public var minimumBytesPerSecond = 16 << 10
        /// Creates the default configuration.
        public init() {}
    }

    private let driver: ServerDriver

    /// Creates a server that does not listen yet.
    public init(
        configuration: Configuration, responder: any HTTPResponder, eventLoop: EventLoop, logger: Logger
    ) {
        driver = ServerDriver(
            configuration: configuration, responder: responder, eventLoop: eventLoop, logger: logger)
    }

    /// Binds and listens; requests are answered from now on. Called by ``run()`` if it was not called before.
    /// - Throws: ``HTTPServerError`` if the address cannot be bound; `CancellationError` if the loop has ended.
    public func start() async throws {
        let driver = driver
        try await driver.loop.perform { try driver.start() }
    }

    /// The port in use, once started; before that 0.
    public var port: Int { driver.port.load(ordering: .acquiring) }

    /// How many requests are being answered: whole requests whose response has not been written yet.
    public var requestsInFlight: Int { driver.requestsInFlight.load(ordering: .relaxed) }

    /// Stops accepting, lets requests in flight finish (at most the drain timeout), closes all connections.
    public func shutdown() async {
        beginShutdown()
        await driver.untilStopped()
    }

    /// Does what ``shutdown()`` does, without waiting for its end.
    public func beginShutdown() {
        let driver = driver
        driver.loop.submit { driver.beginShutdown() }
    }

    /// Serves until graceful shutdown, ``shutdown()``, or the cancellation of the task, then drains.
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
    /// What happened, with the address.
    public var description: String
    /// Whether the address is taken by another process.
    public var addressInUse: Bool
    /// Creates an error.
    public init(description: String, addressInUse: Bool = false) {
        self.description = description
        self.addressInUse = addressInUse
    }
}
