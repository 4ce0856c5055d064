import TraceContext
import Tracing

/// Samples every span: `always_on`.
public struct AlwaysOnSampler: Sampler {
    /// Creates the sampler.
    public init() {}
    /// The name that the specification prescribes.
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
    /// The name that the specification prescribes.
    public var description: String { "AlwaysOffSampler" }
    /// Never samples.
    public func shouldSample(
        parent: SpanContext?, traceID: TraceID, name: String, kind: SpanKind, attributes: SpanAttributes
    ) -> SamplingResult { SamplingResult(.drop) }
}

/// Samples a fixed share of all traces, each whole or not at all: `traceidratio`.
///
/// The right-most 56 bits of the trace id are the trace's randomness (W3C Trace Context Level 2), and a trace is sampled
/// if they are not below the rejection threshold (OpenTelemetry, "TraceState: Probability Sampling"). So a trace sampled
/// at one ratio is sampled at every higher one, by every SDK that follows that rule.
public struct TraceIDRatioSampler: Sampler {
    /// The share of traces that is sampled, from 0 to 1.
    public let ratio: Double
    /// The least randomness that is sampled; 2^56 rejects all.
    private let threshold: UInt64

    private static let randomnessLimit: UInt64 = 1 << 56

    /// Creates a sampler. `ratio` is clamped to 0...1.
    public init(ratio: Double) {
        self.ratio = ratio.isNaN ? 0 : min(max(ratio, 0), 1)
        threshold = Self.randomnessLimit - UInt64((self.ratio * Double(Self.randomnessLimit)).rounded())
    }

    /// The name that the specification prescribes, with the ratio.
    public var description: String { "TraceIdRatioBased{\(ratio)}" }

    /// Samples by the trace id alone; the parent's flag is not looked at.
    public func shouldSample(
        parent: SpanContext?, traceID: TraceID, name: String, kind: SpanKind, attributes: SpanAttributes
    ) -> SamplingResult {
        SamplingResult(traceID.low & (Self.randomnessLimit - 1) >= threshold ? .recordAndSample : .drop)
    }
}

/// Does what was decided for the parent, and asks other samplers for the rest: `parentbased_*`.
public struct ParentBasedSampler: Sampler {
    private let root: any Sampler
    private let remoteParentSampled: any Sampler
    private let remoteParentNotSampled: any Sampler
    private let localParentSampled: any Sampler
    private let localParentNotSampled: any Sampler

    /// Creates a sampler. `root` decides for spans without a parent.
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

    /// The samplers asked in each case.
    public var description: String {
        "ParentBased{root:\(root),remoteParentSampled:\(remoteParentSampled),"
            + "remoteParentNotSampled:\(remoteParentNotSampled),localParentSampled:\(localParentSampled),"
            + "localParentNotSampled:\(localParentNotSampled)}"
    }

    /// Asks the sampler that is responsible for such a parent.
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
