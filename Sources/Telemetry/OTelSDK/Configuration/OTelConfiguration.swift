import Encoding
import TraceContext

/// The settings of all `OTEL_*` variables. Telemetry never prevents a service from starting: an invalid setting is
/// replaced by its default and listed in ``warnings``, which the caller logs.
public struct OTelConfiguration: Sendable {
    /// `OTEL_SDK_DISABLED`: nothing is recorded, but context is still propagated.
    public var isDisabled = false
    /// The source of the telemetry.
    public var resource = Resource.default
    /// Decides which spans are recorded.
    public var sampler: any Sampler = ParentBasedSampler(root: AlwaysOnSampler())
    /// The propagation formats, in order, without duplicates.
    public var propagators: [PropagatorName] = [.tracecontext, .baggage]
    /// The limits on the size of a span.
    public var spanLimits = SpanLimits()
    /// How spans are batched.
    public var batchSpanProcessor = BatchProcessorConfiguration()
    /// How log records are batched.
    public var batchLogRecordProcessor = BatchProcessorConfiguration(scheduleDelay: .seconds(1))
    /// Where telemetry is sent.
    public var exporter = OTLPExporterConfiguration()
    /// The problems with the settings, one sentence each with the variable and what was expected.
    public var warnings: [String] = []

    /// Creates the defaults: everything recorded, nothing exported.
    public init() {}

    /// Reads the variables.
    /// - Parameters:
    ///   - environment: the process's environment variables.
    ///   - resource: what the program knows about itself; `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` take
    ///     precedence.
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
        // If all names are unknown, the variable counts as unset: a typo must not split traces.
        return result.isEmpty ? nil : result
    }
}
