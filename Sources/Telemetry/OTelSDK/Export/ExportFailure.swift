import Encoding
import HTTP
import OTLP
import Vocabulary

/// Why an export attempt failed.
struct ExportFailure: Sendable {
    /// The value of `error.type`, from a small set.
    var reason: String
    /// A description for human readers.
    var message: String
    var isRetryable = false
    /// The pause that the backend asked for.
    var retryAfter: Duration?

    init(reason: String, message: String) {
        self.reason = reason
        self.message = message
    }

    /// Creates a failure from a response that is not a success.
    init(_ response: HTTPClient.Response, now: UInt64) {
        reason = String(response.status.code)
        let detail = Self.detail(response)
        message = detail.isEmpty ? response.status.description : "\(response.status.description): \(detail)"
        isRetryable = RetryPolicy.isRetryable(status: response.status.code)
        retryAfter = response.headers[Header.retryAfter].flatMap { RetryAfter.parse($0, now: now) }
    }

    /// Creates a failure without a response.
    init(_ error: any Error) {
        message = String(describing: error)
        switch error {
        case is CancellationError:
            reason = "cancelled"
            message = "there was no time left to wait for the answer"
        case let error as HTTPClientError:
            reason = error.errorType
            switch error {
            case .connectFailed, .connectTimedOut, .timeout, .transferFailed, .heldBack: isRetryable = true
            case .speaksHTTP2:
                message = "this port speaks gRPC; OTLP over HTTP, which is sent here, usually has port 4318"
            case .invalidURL, .bodyTooLarge, .tlsUnavailable, .alreadyShutdown: break
            }
        default:
            reason = ErrorTypeName.of(error)
            isRetryable = true
        }
    }

    /// The backend's explanation: a `google.rpc.Status`, or plain text.
    private static func detail(_ response: HTTPClient.Response) -> String {
        let type = response.headers[Header.contentType]
        if let type = type.flatMap({ OTLPContentType(header: $0) }) {
            // A body that does not match its type adds nothing to the status.
            return (try? OTLPErrorStatus(response.body, as: type))?.message ?? ""
        }
        guard type?.hasPrefix("text/plain") == true else { return "" }
        return String(decoding: response.body.prefix(500), as: UTF8.self)
    }
}
