import Encoding
import TraceContext

/// Everything that the `OTEL_*` variables set. Telemetry never stops a service from starting: a setting that cannot be
/// used is replaced by its default and named in ``warnings``, which the caller logs.
public struct OTelConfiguration: Sendable {
    /// `OTEL_SDK_DISABLED`: nothing is recorded; context is still passed on.
    public var isDisabled = false
    /// What the telemetry is about.
    public var resource = Resource.default
    /// Which spans are recorded.
    public var sampler: any Sampler = ParentBasedSampler(root: AlwaysOnSampler())
    /// How context crosses process boundaries, in order, without repetition.
    public var propagators: [PropagatorName] = [.tracecontext, .baggage]
    /// How large a span may grow.
    public var spanLimits = SpanLimits()
    /// How spans are batched.
    public var batchSpanProcessor = BatchProcessorConfiguration()
    /// How log records are batched.
    public var batchLogRecordProcessor = BatchProcessorConfiguration(scheduleDelay: .seconds(1))
    /// Where they are sent.
    public var exporter = OTLPExporterConfiguration()
    /// What was wrong with the settings, one sentence each; names the variable and what was expected.
    public var warnings: [String] = []

    /// The defaults: everything recorded, nothing shipped.
    public init() {}

    /// Reads the variables.
    /// - Parameters:
    ///   - environment: the process's environment variables.
    ///   - resource: what the program knows about itself; `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` win.
    public init(environment: [String: String], resource: Resource = .default) {
        var reader = EnvironmentReader(environment)
        isDisabled = reader.bool("OTEL_SDK_DISABLED")
        self.resource = resource.merging(reading: &reader)
        sampler = Self.sampler(&reader) ?? sampler
        propagators = Self.propagators(&reader) ?? propagators
        spanLimits = SpanLimits(reading: &reader)
        batchSpanProcessor = BatchProcessorConfiguration(
            reading: &reader, prefix: "OTEL_BSP_", defaultScheduleDelay: .seconds(5))
        batchLogRecordProcessor = BatchProcessorConfiguration(
            reading: &reader, prefix: "OTEL_BLRP_", defaultScheduleDelay: .seconds(1))
        exporter = OTLPExporterConfiguration(reading: &reader)
        reader.warnOfUnusedVariables()
        warnings = reader.warnings
    }

    private static func sampler(_ reader: inout EnvironmentReader) -> (any Sampler)? {
        enum Root { case alwaysOn, alwaysOff, ratio }
        let choice = reader.choice(
            "OTEL_TRACES_SAMPLER",
            [
                "always_on": (Root.alwaysOn, false), "always_off": (.alwaysOff, false),
                "traceidratio": (.ratio, false), "parentbased_always_on": (.alwaysOn, true),
                "parentbased_always_off": (.alwaysOff, true), "parentbased_traceidratio": (.ratio, true),
            ])
        guard let (root, isParentBased) = choice else { return nil }
        let sampler: any Sampler =
            switch root {
            case .alwaysOn: AlwaysOnSampler()
            case .alwaysOff: AlwaysOffSampler()
            case .ratio: TraceIDRatioSampler(ratio: ratio(&reader))
            }
        return isParentBased ? ParentBasedSampler(root: sampler) : sampler
    }

    private static func ratio(_ reader: inout EnvironmentReader) -> Double {
        guard let text = reader.string("OTEL_TRACES_SAMPLER_ARG") else { return 1 }
        guard let ratio = Double(text), ratio >= 0, ratio <= 1 else {
            reader.reject("OTEL_TRACES_SAMPLER_ARG", text, expected: "a number from 0 to 1", using: "1")
            return 1
        }
        return ratio
    }

    private static func propagators(_ reader: inout EnvironmentReader) -> [PropagatorName]? {
        guard let text = reader.string("OTEL_PROPAGATORS") else { return nil }
        var result: [PropagatorName] = []
        var isNone = false
        for name in text.split(separator: ",").map({ $0.trimmingOptionalWhitespace().lowercased() }) {
            if name == "none" {
                isNone = true
            } else if let propagator = PropagatorName(rawValue: name) {
                if !result.contains(propagator) { result.append(propagator) }
            } else {
                reader.warn("OTEL_PROPAGATORS: \(name) is not known; expected tracecontext, baggage or none")
            }
        }
        if isNone { return [] }
        // All unknown counts as unset: a typing error must not cut traces apart.
        return result.isEmpty ? nil : result
    }
}
