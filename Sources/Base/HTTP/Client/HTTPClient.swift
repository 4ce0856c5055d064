import EventLoop

/// An HTTP client on libcurl's multi interface, driven by one ``EventLoop``: connections are kept and reused.
/// Safe to use from any thread; quickest from its loop.
public final class HTTPClient: Sendable {
    /// A request to send.
    public struct Request: Sendable {
        /// The method.
        public var method: HTTPMethod
        /// The absolute URL, `http` or `https`.
        public var url: String
        /// The header fields.
        public var headers: HTTPFields
        /// The body.
        public var body: [UInt8]
        /// The URL's template for telemetry, such as `/v1/tasks/{id}`, or `nil`.
        public var urlTemplate: String?
        /// Whom to trust, and who to be, where the URL begins with `https:`.
        public var tls = TLS()

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

    /// Whom a client trusts and who it says it is (RFC 8446): paths of PEM files.
    public struct TLS: Sendable, Hashable {
        /// The certificates of the authorities that are trusted; `nil` for the system's.
        public var certificateAuthority: String?
        /// The client's own certificate with its chain; `nil` for none.
        public var clientCertificate: String?
        /// The key of that; `nil` if it stands in the same file.
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

    /// An answer.
    public struct Response: Sendable {
        /// The status.
        public var status: HTTPStatus
        /// The header fields.
        public var headers: HTTPFields
        /// The body.
        public var body: [UInt8]

        /// Creates an answer.
        public init(status: HTTPStatus, headers: HTTPFields = [:], body: [UInt8] = []) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// How the client behaves.
    public struct Configuration: Sendable {
        /// How long connecting may take; looking up the host's name may take as long before that.
        public var connectTimeout: Duration = .seconds(1)
        /// How old a connection gets before a further request opens a new one, up to a sixth more or less, in whole
        /// seconds and at least 1: what is put up beside a server, or in its place, gets its share.
        public var maximumConnectionAge: Duration = .seconds(30)
        /// How many connections are kept open and at most used at once to one host; further requests wait.
        public var maximumConnectionsPerHost = 64
        /// The largest response body in bytes; a larger one fails the request.
        public var maximumBodySize = 64 << 20
        /// The `user-agent` field.
        public var userAgent = "tailspan"
        /// Creates the default configuration.
        public init() {}
    }

    private let driver: ClientDriver

    /// Creates a client. Connections are opened when they are needed.
    public init(eventLoop: EventLoop, configuration: Configuration = Configuration()) {
        driver = ClientDriver(loop: eventLoop, configuration: configuration)
    }

    deinit {
        let driver = driver
        driver.loop.submit { driver.shutdown() }
    }

    init(driver: ClientDriver) { self.driver = driver }

    /// Sends `request` and waits for the whole answer. A status of 400 or more is an answer, not an error. Redirects are
    /// not followed.
    ///
    /// When a kept connection turns out to have been closed by the server before any byte of the answer, the request is
    /// sent once more on a new one, whatever its method: a request that must not be carried out twice should carry an
    /// `idempotency-key`.
    /// - Parameter timeout: for the whole exchange, waiting for a connection included; to the millisecond.
    /// - Throws: ``HTTPClientError``; `CancellationError` when the task was cancelled.
    public func execute(_ request: Request, timeout: Duration = .seconds(10)) async throws -> Response {
        let (driver, call) = (driver, ClientCall())
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                call.continuation = continuation
                if driver.loop.inEventLoop {
                    driver.begin(call, request, timeout: timeout)
                } else if !driver.loop.submit({ driver.begin(call, request, timeout: timeout) }) {
                    call.finish(.failure(HTTPClientError.alreadyShutdown))
                }
            }
        } onCancel: {
            // A loop that has ended has ended the call too.
            if driver.loop.inEventLoop { driver.cancel(call) } else { driver.loop.submit { driver.cancel(call) } }
        }
    }

    /// Ends all transfers with ``HTTPClientError/alreadyShutdown`` and closes all connections.
    public func shutdown() async {
        let driver = driver
        // Fails when the loop has ended; then nothing is left to be ended.
        try? await driver.loop.perform { driver.shutdown() }
    }
}
