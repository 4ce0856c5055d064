import Testing
import TraceContext

@testable import OTelSDK

@Suite("The settings of the SDK")
struct OTelConfigurationTests {
    private func read(_ environment: [String: String]) -> OTelConfiguration {
        OTelConfiguration(environment: environment)
    }

    @Test func anEmptyEnvironmentGivesTheDefaults() {
        let configuration = read([:])
        #expect(!configuration.isDisabled)
        #expect(configuration.sampler.description == ParentBasedSampler(root: AlwaysOnSampler()).description)
        #expect(configuration.propagators == [.tracecontext, .baggage])
        #expect(configuration.spanLimits == SpanLimits())
        #expect(configuration.batchSpanProcessor == BatchProcessorConfiguration())
        #expect(
            configuration.batchLogRecordProcessor == BatchProcessorConfiguration(scheduleDelay: .seconds(1)))
        #expect(configuration.exporter == OTLPExporterConfiguration())
        #expect(configuration.exporter.traces.endpoint == nil)
        #expect(configuration.exporter.logs.endpoint == nil)
        #expect(configuration.exporter.traces.timeout == .seconds(10))
        #expect(configuration.warnings.isEmpty)
    }

    @Test func emptyValuesCountAsUnset() {
        let names = [
            "OTEL_SDK_DISABLED", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_PROPAGATORS",
            "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_EXPORTER_OTLP_TIMEOUT",
            "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_TRACES_EXPORTER",
        ]
        for value in ["", "  "] {
            let configuration = read(Dictionary(uniqueKeysWithValues: names.map { ($0, value) }))
            #expect(configuration.warnings.isEmpty)
            #expect(configuration.batchSpanProcessor == BatchProcessorConfiguration())
            #expect(configuration.propagators == [.tracecontext, .baggage])
        }
    }

    // MARK: - General

    @Test(arguments: [("true", true), ("TRUE", true), ("false", false), ("False", false)])
    func theSDKCanBeDisabled(_ text: String, _ isDisabled: Bool) {
        let configuration = read(["OTEL_SDK_DISABLED": text])
        #expect(configuration.isDisabled == isDisabled)
        #expect(configuration.warnings.isEmpty)
    }

    @Test(arguments: ["1", "yes", "tru"])
    func onlyTrueDisablesTheSDK(_ text: String) {
        let configuration = read(["OTEL_SDK_DISABLED": text])
        #expect(!configuration.isDisabled)
        #expect(configuration.warnings == ["OTEL_SDK_DISABLED=\(text): expected true or false; using false"])
    }

    @Test(
        arguments: [
            ("always_on", nil, "AlwaysOnSampler"), ("always_off", nil, "AlwaysOffSampler"),
            ("traceidratio", "0.25", "TraceIdRatioBased{0.25}"), ("traceidratio", nil, "TraceIdRatioBased{1.0}"),
            ("TraceIdRatio", "0", "TraceIdRatioBased{0.0}"),
            ("parentbased_always_on", nil, ParentBasedSampler(root: AlwaysOnSampler()).description),
            ("parentbased_always_off", nil, ParentBasedSampler(root: AlwaysOffSampler()).description),
            ("parentbased_traceidratio", "0.5", ParentBasedSampler(root: TraceIDRatioSampler(ratio: 0.5)).description),
        ] as [(String, String?, String)])
    func samplersAreChosenByName(_ name: String, _ argument: String?, _ description: String) {
        var environment = ["OTEL_TRACES_SAMPLER": name]
        environment["OTEL_TRACES_SAMPLER_ARG"] = argument
        let configuration = read(environment)
        #expect(configuration.sampler.description == description)
        #expect(configuration.warnings.isEmpty)
    }

    @Test func anUnknownSamplerIsReplacedByTheDefault() {
        let configuration = read(["OTEL_TRACES_SAMPLER": "jaeger_remote"])
        #expect(configuration.sampler.description.hasPrefix("ParentBased{root:AlwaysOnSampler"))
        #expect(configuration.warnings.count == 1)
        #expect(
            configuration.warnings.first?.contains("OTEL_TRACES_SAMPLER=jaeger_remote: expected always_on,") == true)
    }

    @Test(arguments: ["1.5", "-0.1", "half", "nan", "inf"])
    func aBadRatioIsReplacedByOne(_ text: String) {
        let configuration = read(["OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": text])
        #expect(configuration.sampler.description == "TraceIdRatioBased{1.0}")
        #expect(
            configuration.warnings == ["OTEL_TRACES_SAMPLER_ARG=\(text): expected a number from 0 to 1; using 1"])
    }

    @Test(
        arguments: [
            ("tracecontext", [.tracecontext]), ("baggage,tracecontext", [.baggage, .tracecontext]),
            ("tracecontext, TraceContext ,baggage", [.tracecontext, .baggage]), ("none", []),
            ("tracecontext,none", []),
        ] as [(String, [PropagatorName])])
    func propagatorsAreChosenByName(_ text: String, _ expected: [PropagatorName]) {
        let configuration = read(["OTEL_PROPAGATORS": text])
        #expect(configuration.propagators == expected)
        #expect(configuration.warnings.isEmpty)
    }

    @Test func anUnknownPropagatorGivesAWarning() {
        let some = read(["OTEL_PROPAGATORS": "b3,tracecontext"])
        #expect(some.propagators == [.tracecontext])
        #expect(some.warnings == ["OTEL_PROPAGATORS: b3 is not known; expected tracecontext, baggage or none"])
        let all = read(["OTEL_PROPAGATORS": "b3,jaeger"])
        #expect(all.propagators == [.tracecontext, .baggage])
        #expect(all.warnings.count == 2)
    }

    // MARK: - Limits and batches

    @Test func limitsAreRead() {
        let configuration = read([
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "1", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "2",
            "OTEL_SPAN_EVENT_COUNT_LIMIT": "3", "OTEL_SPAN_LINK_COUNT_LIMIT": "4",
            "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "5", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": "0",
        ])
        #expect(
            configuration.spanLimits
                == SpanLimits(
                    attributeCount: 1, attributeValueLength: 2, eventCount: 3, linkCount: 4, attributeCountPerEvent: 5,
                    attributeCountPerLink: 0))
    }

    @Test func spanLimitsOverrideGeneralLimits() {
        let general = ["OTEL_ATTRIBUTE_COUNT_LIMIT": "10", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "20"]
        #expect(read(general).spanLimits.attributeCount == 10)
        #expect(read(general).spanLimits.attributeValueLength == 20)
        let both = general.merging(["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "30"]) { $1 }
        #expect(read(both).spanLimits.attributeCount == 30)
        #expect(read(both).spanLimits.attributeValueLength == 20)
    }

    @Test(arguments: ["OTEL_BSP_", "OTEL_BLRP_"])
    func batchSettingsAreRead(_ prefix: String) {
        let configuration = read([
            prefix + "SCHEDULE_DELAY": "100", prefix + "EXPORT_TIMEOUT": "200", prefix + "MAX_QUEUE_SIZE": "300",
            prefix + "MAX_EXPORT_BATCH_SIZE": "30",
        ])
        let batch = prefix == "OTEL_BSP_" ? configuration.batchSpanProcessor : configuration.batchLogRecordProcessor
        #expect(
            batch
                == BatchProcessorConfiguration(
                    scheduleDelay: .milliseconds(100), exportTimeout: .milliseconds(200), maximumQueueSize: 300,
                    maximumExportBatchSize: 30))
    }

    @Test func aBatchIsNoLargerThanTheQueue() {
        let implied = read(["OTEL_BSP_MAX_QUEUE_SIZE": "100"])
        #expect(implied.batchSpanProcessor.maximumExportBatchSize == 100)
        #expect(implied.warnings.isEmpty)
        let explicit = read(["OTEL_BSP_MAX_QUEUE_SIZE": "100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "200"])
        #expect(explicit.batchSpanProcessor.maximumExportBatchSize == 100)
        #expect(
            explicit.warnings == [
                "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=200: expected at most the queue size, 100; using that"
            ])
    }

    @Test(arguments: ["-1", "abc", "1.5", "99999999999", "5s"])
    func aBadNumberIsIgnoredWithAWarning(_ text: String) {
        let configuration = read(["OTEL_BSP_SCHEDULE_DELAY": text, "OTEL_BSP_MAX_QUEUE_SIZE": text])
        #expect(configuration.batchSpanProcessor == BatchProcessorConfiguration())
        #expect(
            configuration.warnings == [
                "OTEL_BSP_MAX_QUEUE_SIZE=\(text): expected a whole number from 1 to 2147483647; using the default",
                "OTEL_BSP_SCHEDULE_DELAY=\(text): expected a whole number from 0 to 2147483647; using the default",
            ])
    }

    @Test func zeroIsRefusedAsAQueueSizeAndUnlimitedAsATimeout() {
        #expect(read(["OTEL_BSP_MAX_QUEUE_SIZE": "0"]).warnings.count == 1)
        let configuration = read(["OTEL_BSP_EXPORT_TIMEOUT": "0", "OTEL_BSP_SCHEDULE_DELAY": "0"])
        #expect(configuration.batchSpanProcessor.exportTimeout > .seconds(1_000_000))
        #expect(configuration.batchSpanProcessor.scheduleDelay == .milliseconds(1))
        #expect(configuration.warnings.isEmpty)
    }
}
