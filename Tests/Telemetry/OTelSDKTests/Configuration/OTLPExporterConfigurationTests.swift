import Testing

@testable import OTelSDK

@Suite("The settings of the OTLP exporter")
struct OTLPExporterConfigurationTests {
    private let base = "OTEL_EXPORTER_OTLP_"

    private func read(_ environment: [String: String]) -> (OTLPExporterConfiguration, [String]) {
        let configuration = OTelConfiguration(
            environment: Dictionary(uniqueKeysWithValues: environment.map { (base + $0, $1) }))
        return (configuration.exporter, configuration.warnings)
    }

    @Test(
        arguments: [
            ([:], nil, nil), (["ENDPOINT": "http://c:4318"], "http://c:4318/v1/traces", nil),
            (["ENDPOINT": "http://c:4318/"], "http://c:4318/v1/traces", nil),
            (["ENDPOINT": "http://c:4318/mine"], "http://c:4318/mine/v1/traces", nil),
            (["ENDPOINT": "https://c/mine/"], "https://c/mine/v1/traces", nil),
            (["ENDPOINT": "  http://c:4318  "], "http://c:4318/v1/traces", nil),
            // A signal's own endpoint is used as it is, but for a missing path.
            (["TRACES_ENDPOINT": "http://t:1/x"], "http://t:1/x", nil),
            (["TRACES_ENDPOINT": "http://t:1"], "http://t:1/", nil),
            (["ENDPOINT": "http://c", "TRACES_ENDPOINT": "http://t/x"], "http://t/x", nil),
            // An empty one means that nothing is shipped, also where there is a base.
            (["ENDPOINT": ""], nil, nil), (["TRACES_ENDPOINT": ""], nil, nil),
            (["ENDPOINT": "http://c", "TRACES_ENDPOINT": ""], nil, nil),
            // Logs are shipped only if asked for by name.
            (["LOGS_ENDPOINT": "http://l/v1/logs"], nil, "http://l/v1/logs"),
            (["ENDPOINT": "http://c", "LOGS_ENDPOINT": "http://l:2"], "http://c/v1/traces", "http://l:2/"),
            (["ENDPOINT": "http://c", "LOGS_ENDPOINT": ""], "http://c/v1/traces", nil),
        ] as [([String: String], String?, String?)])
    func endpointsAreDerivedFromTheVariables(_ environment: [String: String], _ traces: String?, _ logs: String?) {
        let (exporter, warnings) = read(environment)
        #expect(exporter.traces.endpoint == traces)
        #expect(exporter.logs.endpoint == logs)
        #expect(warnings.isEmpty)
    }

    @Test(arguments: ["localhost:4318", "ftp://c", "http://", "http:///x", "http://a b", "grpc://c:4317", "http://:80"])
    func aMalformedURLIsIgnoredWithAWarning(_ text: String) {
        let (exporter, warnings) = read(["ENDPOINT": text])
        #expect(exporter.traces.endpoint == nil)
        #expect(
            warnings == [
                "OTEL_EXPORTER_OTLP_ENDPOINT=\(text): expected a URL such as http://127.0.0.1:4318; "
                    + "using none, so nothing is shipped"
            ])
    }

    @Test func aBadSignalEndpointDoesNotFallBack() {
        let (exporter, warnings) = read(["ENDPOINT": "http://c", "TRACES_ENDPOINT": "nonsense"])
        #expect(exporter.traces.endpoint == nil)
        #expect(warnings.count == 1)
    }

    @Test func anExporterCanBeDisabled() {
        let configuration = OTelConfiguration(environment: [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://l",
            "OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none",
        ])
        #expect(configuration.exporter.traces.endpoint == nil)
        #expect(configuration.exporter.logs.endpoint == nil)
        let unknown = OTelConfiguration(environment: [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_TRACES_EXPORTER": "zipkin",
        ])
        #expect(unknown.exporter.traces.endpoint == "http://c/v1/traces")
        #expect(unknown.warnings == ["OTEL_TRACES_EXPORTER=zipkin: expected otlp, none; using the default"])
    }

    @Test func headersAreRead() {
        let (exporter, warnings) = read(["HEADERS": "Authorization=Basic%20abc==, x-scope = team%2C1 ,empty="])
        #expect(
            exporter.traces.headers == [
                .init(name: "authorization", value: "Basic abc=="), .init(name: "x-scope", value: "team,1"),
                .init(name: "empty", value: ""),
            ])
        #expect(exporter.logs.headers == exporter.traces.headers)
        #expect(warnings.isEmpty)
    }

    @Test(arguments: ["token", "a=1,b", "a b=1", "=1", "a=%0D%0Aevil: 1", "a=%zz", "a=%00"])
    func badHeadersAreIgnoredWithoutShowingThem(_ text: String) {
        let (exporter, warnings) = read(["HEADERS": text])
        #expect(exporter.traces.headers.isEmpty)
        #expect(
            warnings == [
                "OTEL_EXPORTER_OTLP_HEADERS: expected name=value pairs separated by commas; using no headers"
            ])
    }

    @Test func theSettingsOfASignalOverrideTheGeneralOnes() {
        let (exporter, warnings) = read([
            "HEADERS": "a=1", "COMPRESSION": "gzip", "TIMEOUT": "1000", "PROTOCOL": "http/json",
            "LOGS_HEADERS": "b=2", "LOGS_COMPRESSION": "none", "LOGS_TIMEOUT": "2000",
            "LOGS_PROTOCOL": "http/protobuf",
        ])
        #expect(
            exporter.traces
                == .init(
                    headers: [.init(name: "a", value: "1")], compression: .gzip, timeout: .seconds(1),
                    wireProtocol: .httpJSON))
        #expect(
            exporter.logs
                == .init(
                    headers: [.init(name: "b", value: "2")], compression: .none, timeout: .seconds(2),
                    wireProtocol: .httpProtobuf))
        #expect(warnings.isEmpty)
    }

    @Test(arguments: [
        ("PROTOCOL", "grpc", "http/protobuf, http/json"), ("COMPRESSION", "zstd", "gzip, none"),
        ("TRACES_PROTOCOL", "grpc", "http/protobuf, http/json"),
    ])
    func anUnknownChoiceGivesAWarning(_ name: String, _ value: String, _ expected: String) {
        let (exporter, warnings) = read([name: value])
        #expect(exporter.traces.wireProtocol == .httpProtobuf)
        #expect(exporter.traces.compression == .none)
        #expect(warnings == ["\(base)\(name)=\(value): expected \(expected); using the default"])
    }
}
