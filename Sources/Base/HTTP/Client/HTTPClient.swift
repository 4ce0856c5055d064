import EventLoop
import Vocabulary

/// An HTTP/1.1 client (RFC 9112) on one ``EventLoop``. Connections are kept open and reused. Safe to use from any thread;
/// fastest from the loop itself.
///
/// A request made on the loop is sent at the end of the loop's turn, after what the turn has written to databases is
/// committed. Proxies are not used.
public final class HTTPClient: Sendable {
    /// A request to send.
    public struct Request: Sendable {
        /// The method.
        public var method: HTTPMethod
        /// The absolute URL: `http`, `https`, or `unix:/path/to.sock:/path` for a Unix-domain socket.
        public var url: String
        /// The header fields.
        public var headers: HTTPFields
        /// The body.
        public var body: [UInt8]
        /// The URL template for telemetry, such as `/v1/tasks/{id}`; `nil` for none.
        public var urlTemplate: String?
        /// The TLS options for an `https:` URL.
        public var tls = TLS()
        /// Whether the request may be carried out twice: its method allows it (RFC 9110, section 9.2.2), or it has an
        /// `idempotency-key`, by which the server recognises the second one.
        public var isIdempotent: Bool { method.isIdempotent || headers[Header.idempotencyKey] != nil }

        /// Creates a request.
        public init(
            method: HTTPMethod = .get, url: String, headers: HTTPFields = [:], body: [UInt8] = [],
            urlTemplate: String? = nil
        ) {
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
            self.urlTemplate = urlTemplate
        }
    }

    /// The certificates a client trusts and presents (RFC 8446), as paths of PEM files.
    public struct TLS: Sendable, Hashable {
        /// The trusted certificate authorities; `nil` for those of the system.
        public var certificateAuthority: String?
        /// The client's own certificate with its chain; `nil` for none.
        public var clientCertificate: String?
        /// The key of the client certificate; `nil` if it is in the same file.
        public var clientKey: String?

        /// Creates the options.
        public init(
            certificateAuthority: String? = nil, clientCertificate: String? = nil, clientKey: String? = nil
        ) {
            self.certificateAuthority = certificateAuthority
            self.clientCertificate = clientCertificate
            self.clientKey = clientKey
        }
    }

    /// A response.
    public struct Response: Sendable {
        /// The status.
        public var status: HTTPStatus
        /// The header fields.
        public var headers: HTTPFields
        /// The body.
        public var body: [UInt8]
        /// Whether the client had sent the request before and the answer was lost: the request may have been carried out
        /// then, whatever this response says.
        public internal(set) var followsLostAnswer = false

        /// Creates a response.
        public init(status: HTTPStatus, headers: HTTPFields = [:], body: [UInt8] = []) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// How the client behaves.
    public struct Configuration: Sendable {
        /// The connect timeout. Looking up the host name may take as long again before that.
        public var connectTimeout: Duration = .seconds(1)
        /// The age of a connection after which the next request opens a new one. It varies by up to a sixth. A server
        /// that is added or replaced thus gets its share of the load.
        public var maximumConnectionAge: Duration = .seconds(30)
        /// The maximum number of connections to one host, in use or idle; further requests wait.
        public var maximumConnectionsPerHost = 64
        /// The maximum size of a response body in bytes; a larger body fails the request.
        public var maximumBodySize = 64 << 20
        /// Whether a request fails unsent (``HTTPClientError/heldBack(_:)``) if what the turn of the loop has written to
        /// a database could not be committed. `false` for what has nothing to do with it, such as telemetry.
        public var waitsForCommits = true
        /// The `user-agent` field.
        public var userAgent = "tailspan"
        /// Creates the default configuration.
        public init() {}
    }

    private let driver: ClientDriver
    /// Sends what goes over TLS.
    private let secure: CurlTransport

    /// Creates a client. Connections are opened on demand.
    public init(eventLoop: EventLoop, configuration: Configuration = Configuration()) {
        driver = ClientDriver(loop: eventLoop, configuration: configuration)
        secure = CurlTransport(eventLoop: eventLoop, configuration: configuration)
    }

    deinit {
        let driver = driver
        driver.loop.submit { driver.shutdown() }
    }

    init(driver: ClientDriver) {
        self.driver = driver
        secure = CurlTransport(eventLoop: driver.loop, configuration: driver.configuration)
    }

    /// Sends `request` and waits for the complete response. A status of 400 or above is a response, not an error.
    /// Redirects are not followed.
    ///
    /// A server may close a kept connection at any moment. If it did so before it sent any byte of the response, the
    /// request is sent once more on a new connection, provided that nothing of it was sent before or that it is
    /// idempotent (``Request/isIdempotent``). Any other request fails: it may have been carried out.
    /// - Parameter timeout: the limit for the whole exchange, including the wait for a connection.
    /// - Throws: ``HTTPClientError``; `CancellationError` if the task was cancelled.
    public func execute(_ request: Request, timeout: Duration = .seconds(10)) async throws -> Response {
        if Self.isHTTPS(request.url) { return try await secure.execute(request, timeout: timeout) }
        let (driver, call) = (driver, ClientCall(request))
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                call.continuation = continuation
                if driver.loop.inEventLoop {
                    driver.begin(call, timeout: timeout)
                } else if !driver.loop.submit({ driver.begin(call, timeout: timeout) }) {
                    call.finish(.failure(HTTPClientError.alreadyShutdown))
                }
            }
        } onCancel: {
            // If the loop has ended, so has the call.
            if driver.loop.inEventLoop { driver.cancel(call) } else { driver.loop.submit { driver.cancel(call) } }
        }
    }

    /// Ends all transfers with ``HTTPClientError/alreadyShutdown`` and closes all connections.
    public func shutdown() async {
        let driver = driver
        // Fails if the loop has ended; in that case nothing is left to shut down.
        try? await driver.loop.perform { driver.shutdown() }
        await secure.shutdown()
    }
}
