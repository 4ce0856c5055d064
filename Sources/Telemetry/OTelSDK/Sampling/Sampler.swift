import TraceContext
import Tracing

/// Decides which spans are recorded (OpenTelemetry Trace SDK, "Sampler"). Called once per span, from any thread. The
/// description is defined by the specification.
public protocol Sampler: Sendable, CustomStringConvertible {
    /// Decides on a span that is about to start.
    /// - Parameters:
    ///   - parent: the parent's context, or `nil` for a root. If there is a parent, `traceID` is its trace.
    ///   - traceID: the trace the span will belong to.
    ///   - name: the span's name.
    ///   - kind: the span's kind.
    ///   - attributes: the attributes known at the start.
    func shouldSample(
        parent: SpanContext?, traceID: TraceID, name: String, kind: SpanKind, attributes: SpanAttributes
    ) -> SamplingResult
}

/// The decision of a sampler.
public struct SamplingResult: Sendable, Equatable {
    /// How a span is treated.
    public enum Decision: Sendable, Equatable {
        /// Nothing is recorded.
        case drop
        /// Recorded for processors, but not exported.
        case recordOnly
        /// Recorded and exported; the sampled flag is set.
        case recordAndSample
    }

    /// How the span is treated.
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
