import Encoding
import HTTP
import OTLP
import Vocabulary

/// Why one attempt to export did not succeed.
struct ExportFailure: Sendable {
    /// The value of `error.type`: few different ones.
    var reason: String
    /// For people.
    var message: String
    var isRetryable = false
    /// How long the backend asked to wait.
    var retryAfter: Duration?

    init(reason: String, message: String) {
        self.reason = reason
        self.message = message
    }

    /// An answer that is not a success.
    init(_ response: HTTPClient.Response, now: UInt64) {
        reason = String(response.status.code)
        let detail = Self.detail(response)
        message = detail.isEmpty ? response.status.description : "\(response.status.description): \(detail)"
        isRetryable = RetryPolicy.isRetryable(status: response.status.code)
        retryAfter = response.headers[Header.retryAfter].flatMap { RetryAfter.parse($0, now: now) }
    }

    /// No answer.
    init(_ error: any Error) {
        message = String(describing: error)
        switch error {
        case is CancellationError:
            reason = "cancelled"
            message = "there was no time left to wait for the answer"
        case let error as HTTPClientError:
            reason = error.errorType
            switch error {
            case .connectFailed, .connectTimedOut, .timeout, .transferFailed: isRetryable = true
            case .speaksHTTP2:
                message = "this port speaks gRPC; OTLP over HTTP, which is sent here, usually has port 4318"
            case .invalidURL, .bodyTooLarge, .alreadyShutdown: break
            }
        default:
            reason = ErrorTypeName.of(error)
            isRetryable = true
        }
    }

    /// What the backend says about it: a `google.rpc.Status`, or plain text.
    private static func detail(_ response: HTTPClient.Response) -> String {
        let type = response.headers[Header.contentType]
        if let type = type.flatMap({ OTLPContentType(header: $0) }) {
            // A body that does not hold what its type says adds nothing to the status.
            return (try? OTLPErrorStatus(response.body, as: type))?.message ?? ""
        }
        guard type?.hasPrefix("text/plain") == true else { return "" }
        return String(decoding: response.body.prefix(500), as: UTF8.self)
    }
}
