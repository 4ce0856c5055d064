/// Why a request got no answer.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The address refused or could not be reached; nothing was sent.
    case connectFailed(String)
    /// The address said nothing for as long as connecting may take, or no name server did; nothing was sent.
    case connectTimedOut(String)
    /// No whole answer came in time.
    case timeout
    /// The connection broke, or the answer was not HTTP.
    case transferFailed(String)
    /// What answers speaks HTTP/2 alone, as gRPC does.
    case speaksHTTP2
    /// The URL cannot be used.
    case invalidURL(String)
    /// The answer's body was larger than allowed.
    case bodyTooLarge
    /// The client was shut down.
    case alreadyShutdown

    /// Whether surely nothing was sent.
    public var neverConnected: Bool {
        switch self {
        case .connectFailed, .connectTimedOut: true
        default: false
        }
    }

    /// What happened.
    public var description: String {
        switch self {
        case .connectFailed(let message): "could not connect: \(message)"
        case .connectTimedOut(let message): "could not connect in time: \(message)"
        case .timeout: "timed out"
        case .transferFailed(let message): "transfer failed: \(message)"
        case .speaksHTTP2: "the port speaks HTTP/2 alone, as gRPC does"
        case .invalidURL(let url): "not a usable URL: \(URLRedaction.refused(url))"
        case .bodyTooLarge: "the answer is larger than allowed"
        case .alreadyShutdown: "the client is shut down"
        }
    }

    /// The value of the `error.type` attribute.
    public var errorType: String {
        switch self {
        case .connectFailed: "connect_failed"
        case .connectTimedOut: "connect_timeout"
        case .timeout: "timeout"
        case .transferFailed: "transfer_failed"
        case .speaksHTTP2: "speaks_http2"
        case .invalidURL: "invalid_url"
        case .bodyTooLarge: "body_too_large"
        case .alreadyShutdown: "already_shutdown"
        }
    }
}
