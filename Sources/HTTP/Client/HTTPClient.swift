import EventLoop
import Logging

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
        /// How long connecting may take.
        public var connectTimeout: Duration = .seconds(2)
        /// How many connections are kept open and at most used at once to one host; further requests wait.
        public var maximumConnectionsPerHost = 64
        /// The largest response body in bytes; a larger one fails the request.
        public var maximumBodySize = 64 << 20
        /// The `user-agent` field.
        public var userAgent = "tailspan"
        /// Creates the default configuration.
        public init() {}
    }

    /// Creates a client.
    public init(eventLoop: EventLoop, configuration: Configuration = Configuration()) { fatalError("stub") }

    /// Sends `request` and waits for the whole answer. A status of 400 or more is an answer, not an error.
    /// - Parameter timeout: for the whole exchange.
    /// - Throws: ``HTTPClientError``; `CancellationError` when the task was cancelled.
    public func execute(_ request: Request, timeout: Duration = .seconds(10)) async throws -> Response {
        fatalError("stub")
    }

    /// Ends all transfers with an error and closes all connections.
    public func shutdown() async { fatalError("stub") }
}

/// Why a request got no answer.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The address refused or could not be reached; nothing was sent.
    case connectFailed(String)
    /// No whole answer came in time.
    case timeout
    /// The connection broke, or the answer was not HTTP.
    case transferFailed(String)
    /// The URL cannot be used.
    case invalidURL(String)
    /// The answer's body was larger than allowed.
    case bodyTooLarge
    /// The client was shut down.
    case alreadyShutdown

    /// What happened.
    public var description: String {
        switch self {
        case .connectFailed(let message): "could not connect: \(message)"
        case .timeout: "timed out"
        case .transferFailed(let message): "transfer failed: \(message)"
        case .invalidURL(let url): "not a usable URL: \(url)"
        case .bodyTooLarge: "the answer is larger than allowed"
        case .alreadyShutdown: "the client is shut down"
        }
    }

    /// The value of the `error.type` attribute.
    public var errorType: String {
        switch self {
        case .connectFailed: "connect_failed"
        case .timeout: "timeout"
        case .transferFailed: "transfer_failed"
        case .invalidURL: "invalid_url"
        case .bodyTooLarge: "body_too_large"
        case .alreadyShutdown: "already_shutdown"
        }
    }
}
