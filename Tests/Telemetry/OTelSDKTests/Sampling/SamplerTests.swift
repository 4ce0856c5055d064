import Testing
import Tracing

@testable import OTelSDK
@testable import TraceContext

@Suite("The samplers")
struct SamplerTests {
    private func decide(
        _ sampler: some Sampler, traceID: TraceID = TraceID(high: 1, low: 1), parent: SpanContext? = nil
    )
        -> SamplingResult.Decision
    {
        sampler.shouldSample(parent: parent, traceID: traceID, name: "n", kind: .server, attributes: [:]).decision
    }

    private func parent(isSampled: Bool, isRemote: Bool) -> SpanContext {
        SpanContext(
            traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: 1), traceFlags: isSampled ? .sampled : [],
            isRemote: isRemote)
    }

    @Test func constantSamplersIgnoreTheParent() {
        #expect(decide(AlwaysOnSampler()) == .recordAndSample)
        #expect(decide(AlwaysOffSampler()) == .drop)
        #expect(decide(AlwaysOnSampler(), parent: parent(isSampled: false, isRemote: true)) == .recordAndSample)
        #expect(decide(AlwaysOffSampler(), parent: parent(isSampled: true, isRemote: true)) == .drop)
    }

    /// The rejection thresholds are those of "TraceState: Probability Sampling": 2^56 · (1 − ratio).
    @Test(
        arguments: [
            (1.0, 0x00_0000_0000_0000), (0.5, 0x80_0000_0000_0000), (0.25, 0xC0_0000_0000_0000),
            (0.75, 0x40_0000_0000_0000), (0.125, 0xE0_0000_0000_0000), (1 / 256, 0xFF_0000_0000_0000),
        ] as [(Double, UInt64)])
    func aRatioRejectsIDsBelowItsThreshold(_ ratio: Double, _ threshold: UInt64) {
        let sampler = TraceIDRatioSampler(ratio: ratio)
        #expect(decide(sampler, traceID: TraceID(high: 7, low: threshold)) == .recordAndSample)
        #expect(decide(sampler, traceID: TraceID(high: 7, low: 0xFF_FFFF_FFFF_FFFF)) == .recordAndSample)
        if threshold > 0 { #expect(decide(sampler, traceID: TraceID(high: 7, low: threshold - 1)) == .drop) }
    }

    @Test func onlyTheLast56BitsOfATraceIDCount() {
        let sampler = TraceIDRatioSampler(ratio: 0.5)
        #expect(decide(sampler, traceID: TraceID(high: .max, low: 0xFF00_0000_0000_0000)) == .drop)
        #expect(decide(sampler, traceID: TraceID(high: 0, low: 0x0080_0000_0000_0000)) == .recordAndSample)
    }

    @Test func aRatioOfZeroRejectsEveryTrace() {
        #expect(decide(TraceIDRatioSampler(ratio: 0), traceID: TraceID(high: .max, low: .max)) == .drop)
    }

    @Test(arguments: [(-1.0, 0.0), (2.0, 1.0), (.nan, 0.0), (.infinity, 1.0)] as [(Double, Double)])
    func aRatioIsClamped(_ given: Double, _ used: Double) {
        #expect(TraceIDRatioSampler(ratio: given).ratio == used)
    }

    @Test func aHigherRatioSamplesEveryTraceOfALowerOne() {
        let ids = IDGenerator.seeded(42)
        let (low, high) = (TraceIDRatioSampler(ratio: 0.1), TraceIDRatioSampler(ratio: 0.4))
        var (lowCount, highCount) = (0, 0)
        for _ in 0..<20_000 {
            let id = ids.makeTraceID()
            let (isLow, isHigh) = (decide(low, traceID: id) != .drop, decide(high, traceID: id) != .drop)
            if isLow { #expect(isHigh) }
            lowCount += isLow ? 1 : 0
            highCount += isHigh ? 1 : 0
        }
        #expect((1800...2200).contains(lowCount))
        #expect((7700...8300).contains(highCount))
    }

    @Test func aRatioIgnoresTheParent() {
        let sampler = TraceIDRatioSampler(ratio: 0.5)
        let id = TraceID(high: 1, low: 1)
        #expect(decide(sampler, traceID: id, parent: parent(isSampled: true, isRemote: false)) == .drop)
    }

    @Test func theParentDecidesAboutAChild() {
        let sampler = ParentBasedSampler(root: AlwaysOffSampler())
        #expect(decide(sampler) == .drop)
        #expect(decide(ParentBasedSampler(root: AlwaysOnSampler())) == .recordAndSample)
        for isRemote in [false, true] {
            #expect(decide(sampler, parent: parent(isSampled: true, isRemote: isRemote)) == .recordAndSample)
            #expect(decide(sampler, parent: parent(isSampled: false, isRemote: isRemote)) == .drop)
        }
    }

    @Test func eachKindOfParentCanHaveItsOwnSampler() {
        func decision(_ sampler: ParentBasedSampler, _ isSampled: Bool, _ isRemote: Bool) -> SamplingResult.Decision {
            decide(sampler, parent: parent(isSampled: isSampled, isRemote: isRemote))
        }
        let on = AlwaysOnSampler()
        let off = AlwaysOffSampler()
        #expect(decision(.init(root: on, remoteParentSampled: off), true, true) == .drop)
        #expect(decision(.init(root: on, remoteParentNotSampled: on), false, true) == .recordAndSample)
        #expect(decision(.init(root: on, localParentSampled: off), true, false) == .drop)
        #expect(decision(.init(root: on, localParentNotSampled: on), false, false) == .recordAndSample)
    }

    @Test func descriptionsMatchTheSpecification() {
        #expect(AlwaysOnSampler().description == "AlwaysOnSampler")
        #expect(AlwaysOffSampler().description == "AlwaysOffSampler")
        #expect(TraceIDRatioSampler(ratio: 0.25).description == "TraceIdRatioBased{0.25}")
        #expect(ParentBasedSampler(root: AlwaysOnSampler()).description.hasPrefix("ParentBased{root:AlwaysOnSampler,"))
    }
}
