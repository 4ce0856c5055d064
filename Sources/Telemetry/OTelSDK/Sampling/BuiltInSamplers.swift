import TraceContext
import Tracing

/// Samples every span: `always_on`.
public struct AlwaysOnSampler: Sampler {
    /// Creates the sampler.
    public init() {}
    /// The name required by the specification.
    public var description: String { "AlwaysOnSampler" }
    /// Always samples.
    public func shouldSample(
        parent: SpanContext?, traceID: TraceID, name: String, kind: SpanKind, attributes: SpanAttributes
    ) -> SamplingResult { SamplingResult(.recordAndSample) }
}

/// Samples no span: `always_off`.
public struct AlwaysOffSampler: Sampler {
    /// Creates the sampler.
    public init() {}
    /// The name required by the specification.
    public var description: String { "AlwaysOffSampler" }
    /// Never samples.
    public func shouldSample(
        parent: SpanContext?, traceID: TraceID, name: String, kind: SpanKind, attributes: SpanAttributes
    ) -> SamplingResult { SamplingResult(.drop) }
}

/// Samples a fixed share of all traces (`traceidratio`). A trace is sampled completely or not at all.
///
/// The rightmost 56 bits of the trace id are its randomness (W3C Trace Context Level 2). A trace is sampled if this
/// value is not below the rejection threshold (OpenTelemetry, "TraceState: Probability Sampling"). A trace sampled at
/// one ratio is therefore sampled at every higher ratio, by every SDK that follows this rule.
public struct TraceIDRatioSampler: Sampler {
    /// The share of sampled traces, from 0 to 1.
    public let ratio: Double
    /// The minimum randomness that is sampled; 2^56 rejects all.
    private let threshold: UInt64

    private static let randomnessLimit: UInt64 = 1 << 56

    /// Creates a sampler. `ratio` is clamped to 0...1.
    public init(ratio: Double) {
        self.ratio = ratio.isNaN ? 0 : min(max(ratio, 0), 1)
        threshold = Self.randomnessLimit - UInt64((self.ratio * Double(Self.randomnessLimit)).rounded())
    }

    /// The name required by the specification, with the ratio.
    public var description: String { "TraceIdRatioBased{\(ratio)}" }

    /// Samples by the trace id alone and ignores the parent's flag.
    public func shouldSample(
        parent: SpanContext?, traceID: TraceID, name: String, kind: SpanKind, attributes: SpanAttributes
    ) -> SamplingResult {
        SamplingResult(traceID.low & (Self.randomnessLimit - 1) >= threshold ? .recordAndSample : .drop)
    }
}

/// Follows the parent's decision, and delegates the other cases to further samplers: `parentbased_*`.
public struct ParentBasedSampler: Sampler {
    private let root: any Sampler
    private let remoteParentSampled: any Sampler
    private let remoteParentNotSampled: any Sampler
    private let localParentSampled: any Sampler
    private let localParentNotSampled: any Sampler

    /// Creates a sampler. `root` decides on spans without a parent.
    public init(
        root: any Sampler, remoteParentSampled: any Sampler = AlwaysOnSampler(),
        remoteParentNotSampled: any Sampler = AlwaysOffSampler(), localParentSampled: any Sampler = AlwaysOnSampler(),
        localParentNotSampled: any Sampler = AlwaysOffSampler()
    ) {
        self.root = root
        self.remoteParentSampled = remoteParentSampled
        self.remoteParentNotSampled = remoteParentNotSampled
        self.localParentSampled = localParentSampled
        self.localParentNotSampled = localParentNotSampled
    }

    /// The samplers for each case.
    public var description: String {
        "ParentBased{root:\(root),remoteParentSampled:\(remoteParentSampled),"
            + "remoteParentNotSampled:\(remoteParentNotSampled),localParentSampled:\(localParentSampled),"
            + "localParentNotSampled:\(localParentNotSampled)}"
    }

    /// Delegates to the sampler for this kind of parent.
    public func shouldSample(
        parent: SpanContext?, traceID: TraceID, name: String, kind: SpanKind, attributes: SpanAttributes
    ) -> SamplingResult {
        let sampler: any Sampler =
            switch (parent?.isRemote, parent?.isSampled) {
            case (true?, true?): remoteParentSampled
            case (true?, false?): remoteParentNotSampled
            case (false?, true?): localParentSampled
            case (false?, false?): localParentNotSampled
            default: root
            }
        return sampler.shouldSample(parent: parent, traceID: traceID, name: name, kind: kind, attributes: attributes)
    }
}
