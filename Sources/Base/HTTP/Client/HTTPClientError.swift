/// Why a request got no response.
public enum HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The address refused or could not be reached; nothing was sent.
    case connectFailed(String)
    /// The address, or every name server, did not respond within the connect timeout; nothing was sent.
    case connectTimedOut(String)
    /// No complete response arrived in time.
    case timeout
    /// The connection broke, or the response was not HTTP.
    case transferFailed(String)
    /// The server speaks only HTTP/2, as gRPC does.
    case speaksHTTP2
    /// The URL is invalid.
    case invalidURL(String)
    /// The response body was larger than allowed.
    case bodyTooLarge
    /// Nothing was sent, because what the caller had written before could not be stored.
    case heldBack(String)
    /// The URL is an `https:` URL and libcurl, which sends it, cannot be loaded; nothing was sent.
    case tlsUnavailable(String)
    /// The client was shut down.
    case alreadyShutdown

    /// Whether nothing was sent because no connection was made.
    public var neverConnected: Bool {
        switch self {
        case .connectFailed, .connectTimedOut, .tlsUnavailable: true
        default: false
        }
    }

    /// The error in a few words.
    public var description: String {
        switch self {
        case .connectFailed(let message): "could not connect: \(message)"
        case .connectTimedOut(let message): "could not connect in time: \(message)"
        case .timeout: "timed out"
        case .transferFailed(let message): "transfer failed: \(message)"
        case .speaksHTTP2: "the port speaks HTTP/2 alone, as gRPC does"
        case .invalidURL(let url): "not a usable URL: \(URLRedaction.refused(url))"
        case .bodyTooLarge: "the answer is larger than allowed"
        case .heldBack(let message): "not sent, since what it depends on could not be stored: \(message)"
        case .tlsUnavailable(let message): "https needs libcurl (Debian: apt install libcurl4): \(message)"
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
        case .heldBack: "held_back"
        case .tlsUnavailable: "tls_unavailable"
        case .alreadyShutdown: "already_shutdown"
        }
    }
}
