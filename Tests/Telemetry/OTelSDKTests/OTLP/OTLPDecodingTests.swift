import Encoding
import Testing
import Tracing

@testable import OTLP
@testable import OTelSDK
@testable import TraceContext

@Suite("The OTLP decoder")
struct OTLPDecodingTests {
    @Test("Requests of the Python SDK read the same from protobuf and JSON")
    func requestsOfThePythonSDKReadTheSameInBothFormats() async throws {
        let answers = try await PythonOTLP.run([["sample", "traces"], ["sample", "logs"]])
        func body(_ answer: JSONValue) throws -> (protobuf: [UInt8], json: [UInt8]) {
            let encoded = try #require(answer["protobuf"]?.string)
            return (try #require(Base64.parse(encoded.utf8)), Array(try #require(answer["json"]).description.utf8))
        }
        let sent = try body(answers[0])
        let traces = try OTLPDecoder.traces(protobuf: sent.protobuf)
        #expect(try OTLPDecoder.traces(json: sent.json) == traces)
        #expect(traces.spanCount == 2)
        let group = try #require(traces.resourceSpans.first)
        #expect(group.resource.string("service.name") == "python")
        #expect(group.scope.name == "library" && group.scope.version == "1.2.3")
        #expect(group.scope.attributes["scope"] == .bool(true))
        let (child, parent) = (group.spans[0], group.spans[1])
        #expect(child.name == "child" && child.kind == .client && parent.kind == .server)
        #expect(child.traceID == parent.traceID && child.parentSpanID == parent.spanID && parent.parentSpanID == nil)
        #expect(child.status == OTLPStatus(code: .error, message: "broken"))
        #expect(child.events.map(\.name) == ["something"] && child.events[0].time == 1_700_000_000_000_000_001)
        #expect(child.links.map(\.spanID) == [parent.spanID])
        #expect(parent.attributes.string("text") == "été")
        #expect(parent.attributes["number"] == .int(-42))
        #expect(parent.attributes["ratio"] == .double(0.25))
        #expect(parent.attributes["flags"] == .array([.bool(true), .bool(false)]))
        #expect(child.startTime >= parent.startTime && child.endTime <= parent.endTime && child.startTime > 0)

        let logBody = try body(answers[1])
        let logs = try OTLPDecoder.logs(protobuf: logBody.protobuf)
        #expect(String(reflecting: try OTLPDecoder.logs(json: logBody.json)) == String(reflecting: logs))
        #expect(logs.recordCount == 2)
        let record = try #require(logs.resourceLogs.first?.records.first)
        #expect(record.time == 1 << 63 + 1 && record.observedTime == .max)
        #expect(record.severityNumber == 13 && record.severityText == "WARN" && record.eventName == "login")
        #expect(
            record.traceID == TraceID("000102030405060708090a0b0c0d0e0f") && record.spanID == SpanID("0001020304050607")
        )
        #expect(record.flags == 1 && record.droppedAttributesCount == 3)
        #expect(
            record.body
                == .keyValueList([
                    OTLPKeyValue(key: "bytes", value: .bytes([0, 255, 128])),
                    OTLPKeyValue(key: "nested", value: .array([.array([.int(.min)])])),
                    OTLPKeyValue(key: "nothing", value: .empty),
                ]))
        #expect(record.attributes["infinite"] == .double(-.infinity))
        #expect(logs.resourceLogs[0].records[1] == OTLPLogRecord())
    }

    @Test("A resource after its scopes, several scopes, and unknown fields are read")
    func fieldsAreReadInAnyOrder() throws {
        var writer = ProtobufWriter()
        writer.string(99, "unknown")
        let batch = writer.begin(OTLPField.Request.resources, expectedWidth: 1)
        for name in ["first", "second"] {
            let group = writer.begin(OTLPField.ResourceBatch.scopes, expectedWidth: 1)
            let span = writer.begin(OTLPField.ScopeBatch.items, expectedWidth: 1)
            writer.fixed32(99, 1)
            writer.id(OTLPField.Span.spanID, SpanID(value: 1))
            writer.id(OTLPField.Span.traceID, TraceID(high: 1, low: 1))
            writer.fixed64(98, 1)
            writer.end(span)
            let scope = writer.begin(OTLPField.ScopeBatch.scope, expectedWidth: 1)
            writer.string(OTLPField.Scope.name, name)
            writer.integer(97, 1)
            writer.end(scope)
            writer.end(group)
        }
        let resource = writer.begin(OTLPField.ResourceBatch.resource, expectedWidth: 1)
        writer.keyValue(OTLPField.Resource.attributes, "service.name", "late")
        writer.end(resource)
        writer.end(batch)
        let traces = try OTLPDecoder.traces(protobuf: writer.output.bytes)
        #expect(traces.resourceSpans.map(\.scope.name) == ["first", "second"])
        #expect(traces.resourceSpans.map { $0.resource.string("service.name") } == ["late", "late"])
        #expect(traces.spanCount == 2)
    }

    @Test("An empty body is an empty request in protobuf and invalid in JSON")
    func anEmptyBodyIsValidProtobufButNotJSON() throws {
        #expect(try OTLPDecoder.traces(protobuf: []) == OTLPTraces())
        #expect(try OTLPDecoder.logs(protobuf: []) == OTLPLogs())
        #expect(try OTLPDecoder.traces(json: Array("{}".utf8)) == OTLPTraces())
        #expect(throws: OTLPDecodingError.self) { try OTLPDecoder.traces(json: []) }
    }

    /// A request with one span of which `members` are given beside the ids.
    static func request(_ members: String, traceID: String = "\"0123456789abcdef0123456789abcdef\"") -> [UInt8] {
        let span = "{\"traceId\":\(traceID),\"spanId\":\"0123456789abcdef\"\(members.isEmpty ? "" : ",")\(members)}"
        return Array("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[\(span)]}]}]}".utf8)
    }

    static let tolerated: [String] = [
        "", #""startTimeUnixNano":"18446744073709551615""#, #""startTimeUnixNano":1700000000000000000"#,
        #""startTimeUnixNano":1.7e18"#,
        #""name":null,"attributes":null,"status":null,"kind":null"#, #""unknown":{"deeply":[1,{"nested":true}]}"#,
        #""parentSpanId":"""#, #""parentSpanId":"0000000000000000""#, #""parentSpanId":"ABCDEF0123456789""#,
        #""attributes":[{"key":"a"},{"value":{"intValue":7}},{},{"key":"b","value":{}},{"key":"c","value":{"doubleValue":"1.5"}}]"#,
        #""kind":17,"status":{"code":9}"#, #""flags":"257""#,
        #""attributes":[{"key":"a","value":{"futureValue":1}}]"#,
    ]

    @Test("Unusual but valid fields are accepted", arguments: tolerated)
    func unusualButValidFieldsAreAccepted(members: String) throws {
        #expect(try OTLPDecoder.traces(json: Self.request(members)).spanCount == 1)
    }

    static let refused: [(String, String)] = [
        (
            #""startTimeUnixNano":"-1""#,
            #"startTimeUnixNano: expected nanoseconds since 1970 as a string, found the string "-1""#
        ),
        (
            #""endTimeUnixNano":"soon""#,
            #"endTimeUnixNano: expected nanoseconds since 1970 as a string, found the string "soon""#
        ),
        (
            #""endTimeUnixNano":1.5"#,
            "endTimeUnixNano: expected nanoseconds since 1970 as a string, found the number 1.5"
        ),
        (#""parentSpanId":"0123""#, #"parentSpanId: expected 16 hex digits, found the string "0123""#),
        (
            #""parentSpanId":"0123456789abcdeg""#,
            #"parentSpanId: expected 16 hex digits, found the string "0123456789abcdeg""#
        ),
        (
            #""parentSpanId":"0123456789abcdef01""#,
            #"parentSpanId: expected 16 hex digits, found the string "0123456789abcdef01""#
        ),
        (#""parentSpanId":7"#, "parentSpanId: expected 16 hex digits, found the number 7"),
        (#""name":7"#, "name: expected a string, found the number 7"),
        (#""kind":"SPAN_KIND_SERVER""#, #"kind: expected an enum as an integer, found the string "SPAN_KIND_SERVER""#),
        (#""droppedLinksCount":-1"#, "droppedLinksCount: expected an unsigned 32-bit integer, found the number -1"),
        (#""attributes":{}"#, "attributes: expected an array, found an object"),
        (#""attributes":[7]"#, "attributes[0]: expected an object, found the number"),
        (
            #""attributes":[{},{"value":{"intValue":"x"}}]"#,
            #"attributes[1].value.intValue: expected a 64-bit integer as a string, found the string "x""#
        ),
        (
            #""attributes":[{"value":{"boolValue":1}}]"#,
            "attributes[0].value.boolValue: expected true or false, found the number 1"
        ),
        (
            #""attributes":[{"value":{"doubleValue":"x"}}]"#,
            #"attributes[0].value.doubleValue: expected a number, found the string "x""#
        ),
        (
            #""attributes":[{"value":{"bytesValue":"*"}}]"#,
            #"attributes[0].value.bytesValue: expected Base64, found the string "*""#
        ),
        (
            #""attributes":[{"value":{"arrayValue":{"values":[{},{"kvlistValue":{"values":[{"key":1}]}}]}}}]"#,
            "attributes[0].value.arrayValue.values[1].kvlistValue.values[0].key: expected a string, found the number 1"
        ),
        (
            #""events":[{"timeUnixNano":true}]"#,
            "events[0].timeUnixNano: expected nanoseconds since 1970 as a string, found the boolean true"
        ),
        (
            #""links":[{"traceId":"0123456789abcdef0123456789abcdef"}]"#,
            "links[0].spanId: expected 16 hex digits, not all zero"
        ),
        (#""status":[]"#, "status: expected an object, found an array"),
    ]

    @Test("Invalid fields are refused with a reason", arguments: refused)
    func invalidFieldsAreRefusedWithAReason(members: String, message: String) {
        let error = #expect(throws: OTLPDecodingError.self) { try OTLPDecoder.traces(json: Self.request(members)) }
        #expect(error?.description == "resourceSpans[0].scopeSpans[0].spans[0]." + message)
    }

    @Test(
        "Invalid ids of a span are refused",
        arguments: [
            "\"\"", "null", "\"00000000000000000000000000000000\"", "\"0123456789abcdef\"",
            "\"AZwxYw5YdFuqu6r6L2vHQg==\"", "1",
            "\"0123456789abcdef0123456789abcdeg\"",
        ])
    func invalidIDsAreRefused(traceID: String) {
        let error = #expect(throws: OTLPDecodingError.self) {
            try OTLPDecoder.traces(json: Self.request("", traceID: traceID))
        }
        #expect(error?.path == "resourceSpans[0].scopeSpans[0].spans[0].traceId")
        #expect(error?.message.hasPrefix("expected 32 hex digits") == true)
    }

    @Test("Ids of a wrong length are also refused in protobuf")
    func idsOfAWrongLengthAreRefusedInProtobuf() throws {
        func request(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
            var writer = ProtobufWriter()
            let marks = [1, 2, 2].map { writer.begin($0, expectedWidth: 1) }
            write(&writer)
            for mark in marks.reversed() { writer.end(mark) }
            return writer.output.bytes
        }
        func message(_ bytes: [UInt8]) -> String? {
            do {
                _ = try OTLPDecoder.traces(protobuf: bytes)
                return nil
            } catch { return error.description }
        }
        #expect(
            message(request { $0.string(1, "short") })?.contains("a trace id of 5 bytes where 16 were expected") == true
        )
        #expect(
            message(request { $0.string(2, "short") })?.contains("a span id of 5 bytes where 8 were expected") == true)
        #expect(
            message(request { $0.id(1, TraceID(high: 0, low: 0)) })?.contains("a span without a valid trace id") == true
        )
        #expect(
            message(request { $0.id(1, TraceID(high: 0, low: 1)) })?.contains("a span without a valid trace id") == true
        )
        #expect(
            message(
                request {
                    $0.id(1, TraceID(high: 0, low: 1))
                    $0.id(2, SpanID(value: 1))
                }) == nil)
    }

    @Test("Values nested too deeply are refused")
    func deeplyNestedValuesAreRefused() throws {
        func nested(_ depth: Int) -> [UInt8] {
            var writer = ProtobufWriter()
            var marks = [1, 2, 2, 5].map { writer.begin($0, expectedWidth: 1) }
            for _ in 0..<depth {
                marks.append(writer.begin(OTLPField.AnyValue.array, expectedWidth: 1))
                marks.append(writer.begin(OTLPField.List.values, expectedWidth: 1))
            }
            for mark in marks.reversed() { writer.end(mark) }
            return writer.output.bytes
        }
        #expect(try OTLPDecoder.logs(protobuf: nested(31)).recordCount == 1)
        #expect(throws: OTLPDecodingError.self) { try OTLPDecoder.logs(protobuf: nested(32)) }
        #expect(throws: OTLPDecodingError.self) { try OTLPDecoder.logs(protobuf: nested(20_000)) }
        func json(_ depth: Int) -> [UInt8] {
            let open = String(repeating: #"{"arrayValue":{"values":["#, count: depth)
            let close = String(repeating: "]}}", count: depth)
            return Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":\#(open){}\#(close)}]}]}]}"#.utf8)
        }
        #expect(try OTLPDecoder.logs(json: json(15)).recordCount == 1)
        #expect(throws: OTLPDecodingError.self) { try OTLPDecoder.logs(json: json(200)) }
    }

    @Test("Truncated, flipped, spliced or random bytes never trap", arguments: [1, 2, 3, 4])
    func damagedBytesNeverTrap(seed: UInt64) throws {
        var telemetry = RandomTelemetry(seed: seed)
        var writer = OTLPRequestWriter(resource: OTLPEncodingTests.resource, scope: OTLPEncodingTests.scope)
        let spans = (0..<2).map { _ in telemetry.span() }
        let records = (0..<2).map { _ in telemetry.logRecord() }
        let bodies = [
            writer.request(spans), writer.request(records), OTLPJSONEncoder.request(OTLPEncodingTests.traces(spans)),
            OTLPJSONEncoder.request(OTLPEncodingTests.logs(records)),
        ]
        var refused = 0
        for _ in 0..<300 {
            var bytes = bodies[telemetry.int(0...3)]
            switch telemetry.int(0...3) {
            case 0: bytes.removeLast(telemetry.int(1...bytes.count))
            case 1:
                for _ in 0...telemetry.int(0...6) {
                    bytes[telemetry.int(0...bytes.count - 1)] = UInt8(truncatingIfNeeded: telemetry.generator.next())
                }
            case 2:
                let start = telemetry.int(0...bytes.count - 1)
                let end = telemetry.int(start...bytes.count - 1)
                bytes.insert(contentsOf: bytes[start...end], at: telemetry.int(0...bytes.count))
            default:
                bytes = (0..<telemetry.int(0...200)).map { _ in UInt8(truncatingIfNeeded: telemetry.generator.next()) }
            }
            for decoder in 0..<6 {
                do {
                    try Self.decode(bytes, decoder)
                } catch {
                    refused += 1
                    #expect(!error.description.isEmpty)
                }
            }
        }
        #expect(refused > 300)
    }

    private static func decode(_ bytes: [UInt8], _ decoder: Int) throws(OTLPDecodingError) {
        switch decoder {
        case 0: _ = try OTLPDecoder.traces(protobuf: bytes)
        case 1: _ = try OTLPDecoder.logs(protobuf: bytes)
        case 2: _ = try OTLPDecoder.traces(json: bytes)
        case 3: _ = try OTLPDecoder.logs(json: bytes)
        case 4: _ = try OTLPResponse(.traces, bytes, as: .protobuf)
        default: _ = try OTLPErrorStatus(bytes, as: .protobuf)
        }
    }
}
