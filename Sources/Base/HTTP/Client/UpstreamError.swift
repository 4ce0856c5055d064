/// A service that was called gave no answer.
public struct UpstreamError: HTTPErrorConvertible, Sendable, Equatable, CustomStringConvertible {
    /// Why.
    public enum Reason: Sendable, Equatable {
        /// It could not be reached.
        case unreachable(String)
        /// Its address has not answered the calls before, so this one was not sent.
        case circuitOpen
        /// No answer in time.
        case timeout
        /// The caller's own deadline had passed.
        case deadline
        /// The connection broke.
        case broken(String)
        /// This service is stopping.
        case cancelled

        init(_ error: any Error) {
            switch error {
            case HTTPClientError.connectFailed(let message), HTTPClientError.connectTimedOut(let message):
                self = .unreachable(message)
            case is CircuitBreaker.Open: self = .circuitOpen
            case HTTPClientError.timeout: self = .timeout
            case is CancellationError, HTTPClientError.alreadyShutdown: self = .cancelled
            default: self = .broken(String(describing: error))
            }
        }
    }

    /// The service's name.
    public let service: String
    /// Why there is no answer.
    public let reason: Reason

    /// Creates an error.
    public init(service: String, reason: Reason) {
        self.service = service
        self.reason = reason
    }

    /// Whether the request surely was not carried out.
    var neverArrived: Bool {
        switch reason {
        case .unreachable, .circuitOpen: true
        default: false
        }
    }

    var isWorthRetrying: Bool {
        switch reason {
        case .unreachable, .broken, .timeout: true
        // The other attempts of a call that was not let through would not be either.
        case .circuitOpen, .deadline, .cancelled: false
        }
    }

    /// What happened.
    public var description: String {
        switch reason {
        case .unreachable(let message): "\(service) could not be reached: \(message)"
        case .circuitOpen: "\(service) could not be reached: \(CircuitBreaker.Open())"
        case .timeout: "\(service) did not answer in time"
        case .deadline: "no time was left to call \(service)"
        case .broken(let message): "\(service) broke off: \(message)"
        case .cancelled: "the call to \(service) was cancelled"
        }
    }

    /// 504 where time ran out, 503 while stopping, else 502.
    public var httpError: HTTPError {
        switch reason {
        case .timeout, .deadline: HTTPError(.gatewayTimeout, type: "upstream-timeout", message: description)
        case .cancelled: HTTPError(.serviceUnavailable, type: "stopping", message: description)
        case .unreachable, .circuitOpen, .broken:
            HTTPError(.badGateway, type: "upstream-unreachable", message: description)
        }
    }
}
