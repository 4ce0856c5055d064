import TraceContext
import Tracing

/// Decides which spans are recorded (OpenTelemetry Trace SDK, "Sampler"). Called once a span, from any thread; its
/// description is the one that the specification prescribes.
public protocol Sampler: Sendable, CustomStringConvertible {
    /// Decides on a span that is about to start.
    /// - Parameters:
    ///   - parent: the parent's context, or `nil` for a root; if there is one, `traceID` is its trace.
    ///   - traceID: the trace the span will belong to.
    ///   - name: the span's name.
    ///   - kind: the span's kind.
    ///   - attributes: those known at the start.
    func shouldSample(
        parent: SpanContext?, traceID: TraceID, name: String, kind: SpanKind, attributes: SpanAttributes
    ) -> SamplingResult
}

/// What a sampler decided.
public struct SamplingResult: Sendable, Equatable {
    /// What becomes of a span.
    public enum Decision: Sendable, Equatable {
        /// Nothing is recorded.
        case drop
        /// Recorded for processors, but not exported.
        case recordOnly
        /// Recorded and exported; the sampled flag is set.
        case recordAndSample
    }

    /// What becomes of the span.
    public var decision: Decision
    /// Attributes to add to the span.
    public var attributes: SpanAttributes
    /// The `tracestate` of the span; `nil` keeps the parent's.
    public var traceState: String?

    /// Creates a result.
    public init(_ decision: Decision, attributes: SpanAttributes = [:], traceState: String? = nil) {
        self.decision = decision
        self.attributes = attributes
        self.traceState = traceState
    }
}
