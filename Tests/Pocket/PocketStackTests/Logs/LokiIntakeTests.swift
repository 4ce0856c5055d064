import Encoding
import HTTP
import LogQL
import Testing

@testable import PocketStore

/// The normalization of names and texts on their way in.
@Suite("The intake of Loki's lines") struct LokiIntakeTests {
    private static let time = String(PocketFixture.start)
    private static let trace = "5b8efff798038103d269b633813fc60c"
    private static let categorized: HTTPFields = ["x-loki-response-encoding-flags": "categorize-labels"]

    private func send(
        _ records: String, resource: String = "", scope: String = "{}", to fixture: PocketFixture
    ) async throws -> Response {
        let name = #"{"key":"service.name","value":{"stringValue":"otl"}}"#
        let body =
            #"{"resourceLogs":[{"resource":{"attributes":[\#(name)\#(resource)]},"scopeLogs":[{"scope":\#(scope),"logRecords":[\#(records)]}]}]}"#
        return try await fixture.send(
            Request(
                method: .post, uri: "/otlp/v1/logs", headers: ["content-type": "application/json"],
                body: Array(body.utf8)))
    }

    private func attribute(_ key: String, _ value: String) -> String {
        #"{"key":"\#(key)","value":{"stringValue":"\#(value)"}}"#
    }

    private func record(_ attributes: [String], _ more: String = "") -> String {
        #"{"timeUnixNano":"\#(Self.time)","body":{"stringValue":"line"},"attributes":[\#(attributes.joined(separator: ","))]\#(more)}"#
    }

    private func metadata(_ query: String, _ fixture: PocketFixture) async throws -> JSONValue? {
        try await fixture.query(query, headers: Self.categorized).result.first?["values"]?[0]?[2]?["structuredMetadata"]
    }

    /// A line is found by the record's own trace id alone, whatever its attributes say.
    @Test func theIDsOfTheRecordOverrideItsAttributes() async throws {
        let fixture = try await PocketFixture()
        let ids = #","traceId":"\#(Self.trace)","spanId":"eee19b7ec3c1b174""#
        let attributes = [attribute("trace_id", "attrid"), attribute("span.id", "s"), attribute("trace.id", "other")]
        let answer = try await send(
            record(attributes, ids), resource: "," + attribute("trace_id", "resource"),
            scope: #"{"attributes":[\#(attribute("span_id", "scope"))]}"#, to: fixture)
        #expect(answer.status == .noContent)
        let found = try await metadata(
            #"{service_name="otl"} | trace_id="\#(Self.trace)" | span_id="eee19b7ec3c1b174""#, fixture)
        #expect(found?["trace_id"]?.string == Self.trace && found?["span_id"] == "eee19b7ec3c1b174")
        #expect(found?.object?.members.count { $0.name == "trace_id" } == 1)
        #expect(try await fixture.query(#"{service_name="otl"} | trace_id=~"attrid|resource|other""#).lines.isEmpty)
    }

    /// Several attributes may have one normalized name. The order is record, resource, scope, and the last one wins.
    @Test func theLastOfEqualNamesWins() async throws {
        let fixture = try await PocketFixture()
        let attributes = [
            attribute("a.b", "1"), attribute("a_b", "2"), attribute("a-b", "3"), attribute("x", "record"),
            attribute("y", "record"), attribute("flags", "attribute"),
        ]
        let answer = try await send(
            record(attributes, #","flags":1"#),
            resource: ",\(attribute("x", "resource")),\(attribute("y", "resource"))",
            scope: #"{"attributes":[\#(attribute("y", "scope"))]}"#, to: fixture)
        #expect(answer.status == .noContent)
        let found = try await metadata(#"{service_name="otl"}"#, fixture)
        #expect(found?.description == #"{"a_b":"3","detected_level":"unknown","flags":"1","x":"resource","y":"scope"}"#)
    }

    @Test(arguments: [
        ("http.status", "http_status"), ("a--b__c", "a_b_c"), ("1st", "key_1st"), ("été", "_t_"), ("_x", "_x"),
        ("__name__", "__name__"), ("__a.b__", "__a_b__"), ("", "_"), ("___", "_"), ("a:b", "a_b"), ("x_", "x_"),
    ])
    func namesAreNormalizedAsInLoki(name: String, expected: String) {
        #expect(LabelNames.normalized(name) == expected)
    }

    /// The labels come from loki/loki.yaml; metadata with the name of a label gets another name.
    @Test func onlyTheConfiguredResourceAttributesBecomeLabels() async throws {
        let fixture = try await PocketFixture()
        let resource = ["service.namespace", "job", "service", "service.instance.id", "k8s.pod.name"].map {
            "," + attribute($0, "v")
        }.joined()
        let attributes = [attribute("level", "error"), attribute("service.namespace", "metadata")]
        #expect(try await send(record(attributes), resource: resource, to: fixture).status == .noContent)
        let result = try await fixture.query(#"{level="error", job="v"}"#, headers: Self.categorized).result
        #expect(
            result.first?["stream"]?.description
                == #"{"job":"v","level":"error","service":"v","service_name":"otl","service_namespace":"v"}"#)
        let found = result.first?["values"]?[0]?[2]?["structuredMetadata"]
        #expect(found?["service_namespace_extracted"] == "metadata" && found?["service_namespace"] == nil)
        #expect(found?["k8s_pod_name"] == "v" && found?["service_instance_id"] == "v")
        #expect(try await fixture.query(#"{job="v"} | service_namespace_extracted="metadata""#).lines == ["line"])
        let counted = try await fixture.get(
            "/loki/api/v1/query",
            [
                ("query", #"sum by (service_namespace_extracted) (count_over_time({job="v"}[5m]))"#),
                ("time", String(PocketFixture.start + 1)),
            ])
        #expect(counted.result.first?["metric"]?.description == #"{"service_namespace_extracted":"metadata"}"#)
    }

    @Test func aStreamHasEachLabelOnlyOnce() async throws {
        let fixture = try await PocketFixture()
        let push =
            #"{"streams":[{"stream":{"app":"c","app":"d"},"values":[["\#(Self.time)","x",{"m":"1","m":"2","m.":"3"}]]}]}"#
        #expect(try await fixture.push(push).status == .noContent)
        #expect(try await fixture.query(#"{app="c"}"#).lines.isEmpty)
        let result = try await fixture.query(#"{app="d"}"#).result
        #expect(
            result.first?["stream"]?.description
                == #"{"app":"d","detected_level":"unknown","m":"2","m_":"3","service_name":"d"}"#)
    }

    @Test func invalidTextIsRepaired() async throws {
        let fixture = try await PocketFixture()
        let push =
            #"{"streams":[{"stream":{"app":"a\ud83d"},"values":[["\#(Self.time)","l\ude00\u0000\u001b",{"k":"\ud83dv"}]]}]}"#
        #expect(try await fixture.push(push).status == .noContent)
        let result = try await fixture.query(#"{app=~"a.+"} |= "l" | k=~".v""#).result
        #expect(result.first?["stream"]?["app"] == "a\u{FFFD}")
        #expect(result.first?["values"]?[0]?[1]?.string == "l\u{FFFD}\0\u{1B}")
        let bytes =
            Array(#"{"streams":[{"stream":{"app":"b"},"values":[["\#(Self.time)","x"#.utf8) + [0xFF]
            + Array(#""]]}]}"#.utf8)
        let request = Request(
            method: .post, uri: "/loki/api/v1/push", headers: ["content-type": "application/json"], body: bytes)
        #expect(try await fixture.send(request).status == .noContent)
        #expect(try await fixture.query(#"{app="b"}"#).lines == ["x\u{FFFD}"])
        let records =
            #"{"timeUnixNano":"\#(Self.time)","body":{"stringValue":"half \ud83d"}},{"timeUnixNano":"\#(Self.time)","body":{"stringValue":"good"}}"#
        #expect(try await send(records, to: fixture).status == .noContent)
        #expect(try await fixture.query(#"{service_name="otl"}"#).lines.sorted() == ["good", "half \u{FFFD}"])
    }

    @Test func aLineWithTooMuchMetadataIsRefused() async throws {
        let fixture = try await PocketFixture()
        for (count, status) in [(64, HTTPStatus.noContent), (65, .badRequest)] {
            let metadata = (0..<count).map { #""m\#($0)":"v""# }.joined(separator: ",")
            let push = #"{"streams":[{"stream":{"app":"\#(count)"},"values":[["\#(Self.time)","x",{\#(metadata)}]]}]}"#
            #expect(try await fixture.push(push).status == status)
        }
        let attributes = (0..<65).map { attribute("m\($0)", "v") }
        let otlp = try await send(record(attributes) + "," + record([]), to: fixture)
        #expect(otlp.status == .badRequest)
        #expect(
            otlp.json["message"]?.string?.hasPrefix(
                "stream '{service_name=\"otl\"}' has too many structured metadata labels: '65', limit: '64'") == true)
        #expect(try await fixture.query(#"{service_name="otl"}"#).lines == ["line"])
        let large = String(repeating: "x", count: 64 << 10)
        let push = try await fixture.push(
            #"{"streams":[{"stream":{"app":"a"},"values":[["\#(Self.time)","x",{"m":"\#(large)"}]]}]}"#)
        #expect(
            push.text.hasPrefix(
                "stream '{app=\"a\", service_name=\"a\"}' has structured metadata too large: '65537' bytes"))
    }

    /// One push with a unique label per line must not create streams without limit.
    @Test func aPushWithTooManyStreamsIsRefused() async throws {
        let fixture = try await PocketFixture()
        func push(_ apps: Range<Int>) async throws -> Response {
            let streams = apps.map { #"{"stream":{"app":"\#($0)"},"values":[["\#(fixture.clock.now)","x"]]}"# }
            return try await fixture.push(#"{"streams":[\#(streams.joined(separator: ","))]}"#)
        }
        #expect(try await push(0..<999).status == .noContent)
        let refused = try await push(998..<1002)
        #expect(refused.status == .tooManyRequests)
        #expect(
            refused.text.hasPrefix("2 errors like: maximum active stream limit exceeded when trying to create stream"))
        #expect(try await push(0..<1000).status == .noContent, "streams that are there take lines")
        let series = try await fixture.get("/loki/api/v1/series").json["data"]?.array
        #expect(series?.count == 1000)
        // An hour later none of them is active.
        fixture.clock.advance(seconds: 3601)
        #expect(try await push(1001..<1002).status == .noContent)
    }

    @Test(arguments: [
        ("LEVEL=warning x=y", "warn"), ("a=b Severity=ERR", "error"), ("loglevel=error", "unknown"),
        (#"{"a":"level","Severity":"debug"}"#, "debug"), (#"{"sEVERITY":"debug","m":"x"}"#, "debug"),
        (#"{"sEVERITY":"trace","m":"x"}"#, "unknown"), ("it says WARNING and no more", "warn"), ("[err] x", "error"),
        ("", "unknown"), ("critical: x", "critical"),
    ])
    func theLevelIsDetectedAsInLoki(line: String, level: String) {
        #expect(LevelDetection.level(metadata: [], line: line) == level)
    }

    @Test func snakeCaseFieldNamesAreReportedAsWrong() async throws {
        let fixture = try await PocketFixture()
        let body = #"{"resource_logs":[{"scope_logs":[{"log_records":[{},{}]}]}]}"#
        let answer = try await fixture.send(
            Request(
                method: .post, uri: "/otlp/v1/logs", headers: ["content-type": "application/json"],
                body: Array(body.utf8)))
        #expect(answer.status == .ok)
        #expect(answer.json["partialSuccess"]?["rejectedLogRecords"] == "2")
        #expect(answer.json["partialSuccess"]?["errorMessage"]?.string?.contains("resourceLogs") == true)
    }
}
