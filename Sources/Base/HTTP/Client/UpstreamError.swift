/// A call to a service got no answer.
public struct UpstreamError: HTTPErrorConvertible, Sendable, Equatable, CustomStringConvertible {
    /// Why a call got no answer.
    public enum Reason: Sendable, Equatable {
        /// The service could not be reached.
        case unreachable(String)
        /// The call was not sent because earlier calls to the address got no response.
        case circuitOpen
        /// No answer arrived in time.
        case timeout
        /// The caller's own deadline had passed.
        case deadline
        /// The connection broke.
        case broken(String)
        /// Nothing was sent, because what this service had written before could not be stored.
        case heldBack(String)
        /// This service is shutting down.
        case cancelled

        init(_ error: any Error) {
            switch error {
            case HTTPClientError.connectFailed(let message), HTTPClientError.connectTimedOut(let message):
                self = .unreachable(message)
            case is CircuitBreaker.Open: self = .circuitOpen
            case HTTPClientError.timeout: self = .timeout
            case HTTPClientError.heldBack(let message): self = .heldBack(message)
            case is CancellationError, HTTPClientError.alreadyShutdown: self = .cancelled
            default: self = .broken(String(describing: error))
            }
        }
    }

    /// The upstream's name.
    public let service: String
    /// Why there is no answer.
    public let reason: Reason

    /// Creates an error.
    public init(service: String, reason: Reason) {
        self.service = service
        self.reason = reason
    }

    /// Whether the request was certainly not carried out.
    var neverArrived: Bool {
        switch reason {
        case .unreachable, .circuitOpen, .heldBack: true
        default: false
        }
    }

    var isWorthRetrying: Bool {
        switch reason {
        case .unreachable, .broken, .timeout: true
        // Retrying is useless: further attempts of this call would not be let through either.
        case .circuitOpen, .deadline, .cancelled: false
        // Sent again, the request would speak of something that is not stored.
        case .heldBack: false
        }
    }

    /// The error in a few words.
    public var description: String {
        switch reason {
        case .unreachable(let message): "\(service) could not be reached: \(message)"
        case .circuitOpen: "\(service) could not be reached: \(CircuitBreaker.Open())"
        case .timeout: "\(service) did not answer in time"
        case .deadline: "no time was left to call \(service)"
        case .broken(let message): "\(service) broke off: \(message)"
        case .heldBack(let message):
            "\(service) was not called, since what this depends on could not be stored: \(message)"
        case .cancelled: "the call to \(service) was cancelled"
        }
    }

    /// 504 if time ran out, 503 during shutdown, 500 if something could not be stored, 502 otherwise.
    public var httpError: HTTPError {
        switch reason {
        case .timeout, .deadline: HTTPError(.gatewayTimeout, type: "upstream-timeout", message: description)
        case .cancelled: HTTPError(.serviceUnavailable, type: "stopping", message: description)
        case .heldBack: HTTPError(.internalServerError, type: "not-stored", message: description)
        case .unreachable, .circuitOpen, .broken:
            HTTPError(.badGateway, type: "upstream-unreachable", message: description)
        }
    }
}
