import EventLoop
import FaultRules
import HTTP
import LogOutput
import Tracing

/// The effect of a kind of fault, by the seam where it applies. Each seam has a hook, which runs the effects of the
/// rules that hit the request, in rule order.
package enum FaultEffect: Sendable {
    // MARK: On a request

    /// Runs once the request's faults are decided; may change the context that the request is handled in.
    case beginning(@Sendable (FaultOccurrence, inout ServiceContext) -> Void)
    /// Runs before the handler; may wait, answer in place of the handler, or throw.
    case beforeHandling(@Sendable (FaultOccurrence) async throws -> Response?)
    /// Runs after the handler; may change the response.
    case response(@Sendable (FaultOccurrence, inout Response) -> Void)
    /// Runs before a queue message is processed; may wait or throw.
    case beforeMessage(@Sendable (FaultOccurrence) async throws -> Void)
    /// Runs before each statement, with its name such as `INSERT tasks`; may block or throw.
    case statement(@Sendable (FaultOccurrence, String) throws -> Void)
    /// Runs before work is submitted to a pool.
    case pool(@Sendable (FaultOccurrence, ThreadPool) -> Void)
    /// Changes how often upstream calls are sent.
    case upstreamPolicy(@Sendable (FaultOccurrence, inout UpstreamPolicy) -> Void)
    /// Runs when a failed call is sent again.
    case upstreamRetry(@Sendable (FaultOccurrence) -> Void)
    /// Runs before a call is sent, after the trace context has been added; may change the call.
    case upstreamRequest(@Sendable (FaultOccurrence, inout HTTPClient.Request) -> Void)
    /// Runs before a line is written; may change it and add further lines.
    case line(@Sendable (FaultOccurrence, inout LineEdit) -> Void)

    // MARK: On the whole service

    /// Makes a component fail in `/readyz`.
    case readiness(@Sendable (FaultRule, _ isHidden: Bool) -> (component: String, error: String))
    /// Returns how far the clock of lines and spans is ahead.
    case clock(@Sendable (FaultRule) -> Duration)
    /// Replaces the system call that writes to the log file.
    case logFile(FileWrite)

    var isServiceWide: Bool {
        switch self {
        case .readiness, .clock, .logFile: true
        default: false
        }
    }

    var isOfUpstream: Bool {
        switch self {
        case .upstreamPolicy, .upstreamRetry, .upstreamRequest: true
        default: false
        }
    }

    var isOfAnswer: Bool {
        switch self {
        case .beforeHandling, .response: true
        default: false
        }
    }
}
