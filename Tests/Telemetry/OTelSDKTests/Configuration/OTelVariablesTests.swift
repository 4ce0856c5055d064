import Testing
import Tracing

@testable import OTelSDK

/// Every variable of the specification is either honoured or reported.
@Suite("The variables of the OpenTelemetry specification")
struct OTelVariablesTests {
    /// "Environment Variable Specification" and "OpenTelemetry Protocol Exporter", version 1.5x.
    static let specified: [String] = {
        var names = """
            OTEL_SDK_DISABLED OTEL_ENTITIES OTEL_RESOURCE_ATTRIBUTES OTEL_SERVICE_NAME OTEL_LOG_LEVEL OTEL_PROPAGATORS
            OTEL_TRACES_SAMPLER OTEL_TRACES_SAMPLER_ARG OTEL_BSP_SCHEDULE_DELAY OTEL_BSP_EXPORT_TIMEOUT
            OTEL_BSP_MAX_QUEUE_SIZE OTEL_BSP_MAX_EXPORT_BATCH_SIZE OTEL_BLRP_SCHEDULE_DELAY OTEL_BLRP_EXPORT_TIMEOUT
            OTEL_BLRP_MAX_QUEUE_SIZE OTEL_BLRP_MAX_EXPORT_BATCH_SIZE OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT
            OTEL_ATTRIBUTE_COUNT_LIMIT OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT
            OTEL_SPAN_EVENT_COUNT_LIMIT OTEL_SPAN_LINK_COUNT_LIMIT OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT
            OTEL_LINK_ATTRIBUTE_COUNT_LIMIT OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT
            OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT OTEL_EXPORTER_ZIPKIN_ENDPOINT OTEL_EXPORTER_ZIPKIN_TIMEOUT
            OTEL_EXPORTER_PROMETHEUS_HOST OTEL_EXPORTER_PROMETHEUS_PORT OTEL_TRACES_EXPORTER OTEL_METRICS_EXPORTER
            OTEL_LOGS_EXPORTER OTEL_METRICS_EXEMPLAR_FILTER OTEL_METRIC_EXPORT_INTERVAL OTEL_METRIC_EXPORT_TIMEOUT
            OTEL_CONFIG_FILE OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE
            OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION OTEL_EXPORTER_OTLP_SPAN_INSECURE
            OTEL_EXPORTER_OTLP_METRIC_INSECURE
            """.split(whereSeparator: \.isWhitespace).map(String.init)
        for signal in ["", "TRACES_", "METRICS_", "LOGS_"] {
            for name in [
                "ENDPOINT", "INSECURE", "CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE", "HEADERS", "COMPRESSION",
                "TIMEOUT", "PROTOCOL",
            ] { names.append("OTEL_EXPORTER_OTLP_" + signal + name) }
        }
        return names
    }()

    private static let honoured = specified.filter { OTelVariables.support(of: $0) == .honoured }

    @Test(arguments: specified)
    func eachVariableIsHonouredOrReportedOnce(_ name: String) {
        let warnings = OTelConfiguration(environment: [name: "s3cret"]).warnings.filter { $0.contains("has no effect") }
        if Self.honoured.contains(name) {
            #expect(warnings.isEmpty)
        } else {
            #expect(warnings.count == 1 && warnings[0].hasPrefix(name + " has no effect: "))
            #expect(!warnings[0].contains("no such variable") && !warnings[0].contains("s3cret"))
        }
    }

    @Test func everyHonouredVariableIsRead() {
        #expect(Self.specified.count > 70 && Self.honoured.count > 45)
        // A value that no setting can have is complained about by whoever reads it.
        let texts: Set<String> = [
            "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_PROPAGATORS", "OTEL_TRACES_SAMPLER_ARG",
        ]
        for name in Self.honoured where !texts.contains(name) {
            #expect(!OTelConfiguration(environment: [name: "%zz"]).warnings.isEmpty, "\(name) is not read")
        }
    }

    @Test(arguments: [
        ("OTEL_EXPORTER_OTLP_ENDPIONT", "; did you mean OTEL_EXPORTER_OTLP_ENDPOINT?"),
        ("OTEL_SERVCE_NAME", "; did you mean OTEL_SERVICE_NAME?"), ("OTEL_GO_X_RESOURCE", ""), ("OTEL_", ""),
    ])
    func anUnknownVariableIsReportedWithASuggestion(_ name: String, _ hint: String) {
        #expect(
            OTelConfiguration(environment: [name: "x"]).warnings == [
                "\(name) has no effect: OpenTelemetry's specification has no such variable\(hint)"
            ])
    }

    @Test func emptyAndForeignVariablesAreIgnored() {
        #expect(
            OTelConfiguration(environment: ["OTEL_LOG_LEVEL": "", "OTEL_X": " \r", "PATH": "/", "OTELX": "1"]).warnings
                .isEmpty)
        let long = "OTEL_" + String(repeating: "A\u{1B}", count: 5000)
        let warning = OTelConfiguration(environment: [long: "x"]).warnings.first ?? ""
        #expect(warning.utf8.count < 600 && !warning.contains("\u{1B}"))
    }

    // MARK: Which exporter

    @Test(
        arguments: [
            ("otlp", "http://c:4318/v1/logs"), ("console", nil), ("none", nil),
            ("otlp,console", "http://c:4318/v1/logs"), (nil, nil),
        ] as [(String?, String?)])
    func logsAreExportedOnlyOnRequest(_ exporter: String?, _ endpoint: String?) {
        var environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"]
        environment["OTEL_LOGS_EXPORTER"] = exporter
        let configuration = OTelConfiguration(environment: environment)
        #expect(configuration.exporter.logs.endpoint == endpoint && configuration.warnings.isEmpty)
        #expect(configuration.exporter.traces.endpoint == "http://c:4318/v1/traces")
    }

    @Test(arguments: [
        (
            ["OTEL_LOGS_EXPORTER": "otlp"],
            "OTEL_LOGS_EXPORTER=otlp: expected an address in OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_LOGS_ENDPOINT; nothing is shipped"
        ),
        (
            ["OTEL_TRACES_EXPORTER": "otlp"],
            "OTEL_TRACES_EXPORTER=otlp: expected an address in OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT; nothing is shipped"
        ),
        (
            ["OTEL_METRICS_EXPORTER": "otlp"],
            "OTEL_METRICS_EXPORTER=otlp: expected prometheus; using that: metrics are always at /metrics and never sent"
        ),
        (
            ["OTEL_METRICS_EXPORTER": "none"],
            "OTEL_METRICS_EXPORTER=none: expected prometheus; using that: metrics are always at /metrics and never sent"
        ),
        (["OTEL_LOGS_EXPORTER": "kafka"], "OTEL_LOGS_EXPORTER=kafka: expected otlp, none, console; using the default"),
        (["OTEL_TRACES_EXPORTER": "console"], "OTEL_TRACES_EXPORTER=console: expected otlp, none; using the default"),
    ])
    func anImpossibleSettingIsReported(_ environment: [String: String], _ warning: String) {
        #expect(OTelConfiguration(environment: environment).warnings == [warning])
    }

    @Test func aPasswordInAnEndpointIsNotShown() {
        let configuration = OTelConfiguration(environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": "ftp://me:s3cret@host"])
        #expect(configuration.warnings.count == 1 && !configuration.warnings[0].contains("s3cret"))
    }

    /// Files written on Windows end their lines with a carriage return.
    @Test func carriageReturnsAreIgnored() {
        let configuration = OTelConfiguration(environment: [
            "OTEL_SDK_DISABLED": "true\r", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318\r",
            "OTEL_SERVICE_NAME": "shop\r",
        ])
        #expect(configuration.isDisabled && configuration.warnings.isEmpty)
        #expect(configuration.exporter.traces.endpoint == "http://c:4318/v1/traces")
        #expect(configuration.resource.attributes["service.name"] == "shop")
    }
}
