import EventLoop
import Logging
import ServiceLifecycle

/// An HTTP/1.1 server on libmicrohttpd, driven by one ``EventLoop``.
public final class HTTPServer: Service {
    /// How the server listens.
    public struct Configuration: Sendable {
        /// The address to bind, such as `127.0.0.1` or `0.0.0.0`.
        public var host = "127.0.0.1"
        /// The port; 0 takes a free one.
        public var port = 0
        /// The largest request body in bytes; a larger one is answered 413.
        public var maximumBodySize = 1 << 20
        /// How long a graceful shutdown waits for requests in flight.
        public var drainTimeout: Duration = .seconds(10)
        /// How long an idle connection is kept.
        public var idleTimeout: Duration = .seconds(60)
        /// How many connections are accepted at once; further ones wait in the backlog.
        public var maximumConnections = 1024
        /// Creates the default configuration.
        public init() {}
    }

    /// Creates a server that does not listen yet.
    public init(
        configuration: Configuration, responder: any HTTPResponder, eventLoop: EventLoop, logger: Logger
    ) { fatalError("stub") }

    /// Binds and listens; requests are answered from now on. Called by ``run()`` if it was not called before.
    /// - Throws: ``HTTPServerError`` if the address cannot be bound.
    public func start() async throws { fatalError("stub") }

    /// The port in use, once started.
    public var port: Int { fatalError("stub") }

    /// How many requests are being answered.
    public var requestsInFlight: Int { fatalError("stub") }

    /// Stops accepting, lets requests in flight finish (at most the drain timeout), closes all connections.
    public func shutdown() async { fatalError("stub") }

    /// Serves until graceful shutdown, then drains.
    public func run() async throws { fatalError("stub") }
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
