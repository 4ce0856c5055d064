import Encoding
import HTTP
import OTLP
import Testing

@Suite("Loki's OTLP endpoint") struct LokiOTLPTests {
    private static let time = String(PocketFixture.start)

    private func send(
        _ body: String, to fixture: PocketFixture, type: String = "application/json"
    ) async throws
        -> Response
    {
        try await fixture.send(
            Request(method: .post, uri: "/otlp/v1/logs", headers: ["content-type": type], body: Array(body.utf8)))
    }

    private func logs(
        _ record: String, resource: String = #"{"key":"service.name","value":{"stringValue":"otl"}}"#
    )
        -> String
    {
        #"{"resourceLogs":[{"resource":{"attributes":[\#(resource)]},"scopeLogs":[{"scope":{"name":"sc","version":"1"},"logRecords":[\#(record)]}]}]}"#
    }

    /// Loki 3.6.15 stores the same record like this.
    @Test func logRecordsBecomeLines() async throws {
        let fixture = try await PocketFixture()
        let record = """
            {"timeUnixNano":"\(Self.time)","observedTimeUnixNano":"5","severityNumber":17,"severityText":"ERROR",
            "body":{"stringValue":"otlp line"},"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",
            "flags":1,"attributes":[{"key":"http.status","value":{"intValue":"500"}},{"key":"ok","value":{"boolValue":true}},
            {"key":"d","value":{"doubleValue":1.5}},{"key":"arr","value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"x"}]}}},
            {"key":"m","value":{"kvlistValue":{"values":[{"key":"in.ner","value":{"stringValue":"v"}}]}}}]}
            """
        let resource = """
            {"key":"service.name","value":{"stringValue":"otl"}},{"key":"service.namespace","value":{"stringValue":"ns"}},
            {"key":"host.name","value":{"stringValue":"h"}}
            """
        let answer = try await send(logs(record, resource: resource), to: fixture)
        #expect(answer.status == .noContent)
        let headers: HTTPFields = ["x-loki-response-encoding-flags": "categorize-labels"]
        let result = try await fixture.query(
            #"{service_name="otl"} | trace_id="5b8efff798038103d269b633813fc60c""#, headers: headers
        ).result
        #expect(result.first?["stream"]?.description == #"{"service_name":"otl","service_namespace":"ns"}"#)
        #expect(
            result.first?["values"]?[0]?.description == """
                ["\(Self.time)","otlp line",{"structuredMetadata":{"arr":"[1,\\"x\\"]","d":"1.5","detected_level":"ERROR",\
                "flags":"1","host_name":"h","http_status":"500","m_in_ner":"v","observed_timestamp":"5","ok":"true",\
                "scope_name":"sc","scope_version":"1","severity_number":"17","severity_text":"ERROR",\
                "span_id":"eee19b7ec3c1b174","trace_id":"5b8efff798038103d269b633813fc60c"}}]
                """)
    }

    @Test func missingTimesBodiesAndNamesHaveFallbacks() async throws {
        let fixture = try await PocketFixture()
        let records = """
            {"observedTimeUnixNano":"\(Self.time)","body":{"kvlistValue":{"values":[{"key":"a","value":{"intValue":"1"}}]}}},
            {"body":{"stringValue":"now"}}
            """
        #expect(try await send(logs(records, resource: ""), to: fixture).status == .noContent)
        let answer = try await fixture.query(#"{service_name="unknown_service"}"#)
        #expect(answer.lines.sorted() == ["now", #"{"a":1}"#])
    }

    @Test func anErrorUsesTheEncodingOfTheRequest() async throws {
        let fixture = try await PocketFixture()
        let malformed = try await send(#"{"resourceLogs":[{"#, to: fixture)
        #expect(malformed.status == .badRequest)
        #expect(malformed.headers["content-type"] == "application/json")
        #expect(malformed.json["message"]?.string?.hasPrefix("not valid JSON") == true)

        let protobuf = try await send("\u{7F}garbage", to: fixture, type: "application/x-protobuf")
        #expect(protobuf.status == .badRequest)
        #expect(protobuf.headers["content-type"] == "application/x-protobuf")
        #expect(try !OTLPErrorStatus(protobuf.body, as: .protobuf).message.isEmpty)

        #expect(try await send("{}", to: fixture, type: "text/plain").status == .unsupportedMediaType)
        #expect(try await send("", to: fixture, type: "application/x-protobuf").status == .noContent)
    }

    @Test func recordsThatAreTooOldAreReported() async throws {
        let fixture = try await PocketFixture()
        let old = PocketFixture.start - 8 * 86_400_000_000_000
        let records = """
            {"timeUnixNano":"\(old)","body":{"stringValue":"old"}},{"timeUnixNano":"\(Self.time)","body":{"stringValue":"new"}}
            """
        let answer = try await send(logs(records), to: fixture)
        #expect(answer.status == .badRequest)
        #expect(answer.json["message"]?.string?.contains("has timestamp too old") == true)
        #expect(try await fixture.query(#"{service_name="otl"}"#).lines == ["new"])
    }
}
