import EventLoop
import HTTP
import LogOutput
import Tracing

/// What a kind of fault does, by the seam at which it does it. A hook stands at each seam and runs the effects of the
/// rules that hit the request, in the order of the rules.
package enum FaultEffect: Sendable {
    // MARK: On a request

    /// When it is known what the request is hit by; may change the context that it is handled in.
    case beginning(@Sendable (FaultOccurrence, inout ServiceContext) -> Void)
    /// Before the handler; may wait, answer in the handler's place, or throw.
    case beforeHandling(@Sendable (FaultOccurrence) async throws -> Response?)
    /// After the handler; may change the answer.
    case response(@Sendable (FaultOccurrence, inout Response) -> Void)
    /// Before a message from a queue is worked on; may wait, or throw.
    case beforeMessage(@Sendable (FaultOccurrence) async throws -> Void)
    /// Before each statement, by its name such as `INSERT tasks`; may block, or throw.
    case statement(@Sendable (FaultOccurrence, String) throws -> Void)
    /// Before work is given to a pool.
    case pool(@Sendable (FaultOccurrence, ThreadPool) -> Void)
    /// How often calls of other services are sent.
    case upstreamPolicy(@Sendable (FaultOccurrence, inout UpstreamPolicy) -> Void)
    /// When a call that failed is sent again.
    case upstreamRetry(@Sendable (FaultOccurrence) -> Void)
    /// Before a call is sent, after the trace context was added; may change it.
    case upstreamRequest(@Sendable (FaultOccurrence, inout HTTPClient.Request) -> Void)
    /// Before a line is written; may change it, and have more be written.
    case line(@Sendable (FaultOccurrence, inout LineEdit) -> Void)

    // MARK: On the whole service

    /// Has a component fail in `/readyz`.
    case readiness(@Sendable (FaultRule, _ isHidden: Bool) -> (component: String, error: String))
    /// How far the clock of lines and spans is ahead.
    case clock(@Sendable (FaultRule) -> Duration)
    /// Writes to the log file in the system's place.
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
