import Encoding
import Testing
import Tracing

@testable import OTLP
@testable import OTelSDK
@testable import TraceContext

@Suite("The OTLP encoder")
struct OTLPEncodingTests {
    static let resource = Resource(
        attributes: ["service.name": "gateway", "host.cpus": 4], schemaURL: "https://opentelemetry.io/schemas/1.9.0")
    static let scope = OTLPScope(name: "tailspan", version: "1.2.3", schemaURL: OTelSDK.schemaURL)

    static func traces(_ spans: [SpanData]) -> OTLPTraces {
        OTLPTraces(resourceSpans: [
            OTLPResourceSpans(
                resource: [OTLPKeyValue](resource.attributes), resourceSchemaURL: resource.schemaURL, scope: scope,
                spans: spans.map { OTLPSpan($0) })
        ])
    }

    static func logs(_ records: [LogRecordData]) -> OTLPLogs {
        OTLPLogs(resourceLogs: [
            OTLPResourceLogs(
                resource: [OTLPKeyValue](resource.attributes), resourceSchemaURL: resource.schemaURL, scope: scope,
                records: records.map { OTLPLogRecord($0) })
        ])
    }

    @Test("Spans in protobuf and JSON read the same in the reference decoder and in ours")
    func spansReadTheSameInBothFormats() async throws {
        var telemetry = RandomTelemetry(seed: 11)
        var writer = OTLPRequestWriter(resource: Self.resource, scope: Self.scope)
        var commands: [JSONValue] = []
        for round in 0..<25 {
            let batch = round == 0 ? [] : telemetry.list(12) { $0.span() }
            let protobuf = writer.request(batch)
            let json = OTLPJSONEncoder.request(Self.traces(batch))
            commands.append([
                "compare", "traces", .string(Base64.string(protobuf)), .string(String(decoding: json, as: UTF8.self)),
            ])
            // By text: not-a-number does not equal itself.
            let expected = String(reflecting: Self.traces(batch))
            #expect(String(reflecting: try OTLPDecoder.traces(protobuf: protobuf)) == expected)
            #expect(String(reflecting: try OTLPDecoder.traces(json: json)) == expected)
        }
        for difference in try await PythonOTLP.run(commands) { #expect(difference.isNull) }
    }

    @Test("Log records in protobuf and JSON read the same in the reference decoder and in ours")
    func logRecordsReadTheSameInBothFormats() async throws {
        var telemetry = RandomTelemetry(seed: 12)
        var writer = OTLPRequestWriter(resource: Self.resource, scope: Self.scope)
        var commands: [JSONValue] = []
        for _ in 0..<25 {
            let batch = telemetry.list(12) { $0.logRecord() }
            let protobuf = writer.request(batch)
            let json = OTLPJSONEncoder.request(Self.logs(batch))
            commands.append([
                "compare", "logs", .string(Base64.string(protobuf)), .string(String(decoding: json, as: UTF8.self)),
            ])
            let expected = String(reflecting: Self.logs(batch))
            #expect(String(reflecting: try OTLPDecoder.logs(protobuf: protobuf)) == expected)
            #expect(String(reflecting: try OTLPDecoder.logs(json: json)) == expected)
        }
        for difference in try await PythonOTLP.run(commands) { #expect(difference.isNull) }
    }

    @Test("The reference decoder reads every field of a span")
    func theReferenceDecoderReadsEveryFieldOfASpan() async throws {
        var linked = ServiceContext.topLevel
        linked.spanContext = SpanContext(
            traceID: TraceID(high: 3, low: 4), spanID: SpanID(value: 5), traceFlags: .sampled, isRemote: true)
        let span = SpanData(
            context: SpanContext(
                traceID: TraceID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210),
                spanID: SpanID(value: 0x0102_0304_0506_0708), traceFlags: [.sampled, .random], traceState: "v=1"),
            parentSpanID: SpanID(value: 9), parentIsRemote: true, name: "POST /v1/tasks", kind: .server,
            startTime: 1_700_000_000_000_000_001, endTime: 1_700_000_000_000_000_002,
            attributes: ["http.response.status_code": 503, "ratio": 0.5, "ok": false, "tags": ["a", "b"]],
            droppedAttributesCount: 1,
            events: [SpanEvent(name: "exception", at: 7, attributes: ["exception.type": "Broken"])],
            droppedEventsCount: 2, links: [SpanLink(context: linked, attributes: [:])], droppedLinksCount: 3,
            status: SpanStatus(code: .error, message: "broken"))
        var writer = OTLPRequestWriter(resource: Self.resource, scope: Self.scope)
        let answer = try await PythonOTLP.run([["decode", "traces", .string(Base64.string(writer.request([span])))]])[0]
        let expected = try JSONValue(
            parsing: #"""
                {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"gateway"}},
                {"key":"host.cpus","value":{"intValue":"4"}}]},"scopeSpans":[{"scope":{"name":"tailspan","version":"1.2.3"},
                "spans":[{"traceId":"0123456789abcdeffedcba9876543210","spanId":"0102030405060708","traceState":"v=1",
                "parentSpanId":"0000000000000009","name":"POST /v1/tasks","kind":2,"startTimeUnixNano":"1700000000000000001",
                "endTimeUnixNano":"1700000000000000002","attributes":[
                {"key":"http.response.status_code","value":{"intValue":"503"}},{"key":"ratio","value":{"doubleValue":0.5}},
                {"key":"ok","value":{"boolValue":false}},
                {"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}],
                "droppedAttributesCount":1,"events":[{"timeUnixNano":"7","name":"exception","attributes":[
                {"key":"exception.type","value":{"stringValue":"Broken"}}]}],"droppedEventsCount":2,
                "links":[{"traceId":"00000000000000030000000000000004","spanId":"0000000000000005","flags":769}],
                "droppedLinksCount":3,"status":{"message":"broken","code":2},"flags":771}],
                "schemaUrl":"https://opentelemetry.io/schemas/1.40.0"}],
                "schemaUrl":"https://opentelemetry.io/schemas/1.9.0"}]}
                """#)
        #expect(answer == expected)
    }

    @Test("A writer can be used again, for spans and log records alike")
    func aWriterCanBeUsedAgain() throws {
        var telemetry = RandomTelemetry(seed: 13)
        let (spans, records) = ((0..<50).map { _ in telemetry.span() }, [telemetry.logRecord()])
        var writer = OTLPRequestWriter(resource: Self.resource, scope: Self.scope)
        let first = writer.request(spans)
        _ = writer.request(records)
        #expect(writer.request(spans) == first)
    }

    @Test("An absent status, parent and span context take no room")
    func absentFieldsTakeNoRoom() throws {
        let span = SpanData(
            context: SpanContext(traceID: TraceID(high: 0, low: 1), spanID: SpanID(value: 1), traceFlags: []), name: "",
            startTime: 0, endTime: 0)
        var writer = OTLPRequestWriter(resource: Resource(), scope: OTLPScope())
        let decoded = try OTLPDecoder.traces(protobuf: writer.request([span])).resourceSpans[0]
        #expect(decoded.resource.isEmpty)
        #expect(decoded.scope == OTLPScope())
        #expect(decoded.spans == [OTLPSpan(span)])
        #expect(decoded.spans[0].kind == .internal)
        #expect(decoded.spans[0].flags == 0x100)
        #expect(decoded.spans[0].status == OTLPStatus())
        #expect(decoded.spans[0].parentSpanID == nil)
    }
}
