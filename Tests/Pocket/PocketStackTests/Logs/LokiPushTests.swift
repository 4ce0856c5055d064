import Encoding
import HTTP
import Testing

@Suite("Loki's push endpoint") struct LokiPushTests {
    private static let now = String(PocketFixture.start)

    private func body(_ values: String, labels: String = #"{"service":"s"}"#) -> String {
        #"{"streams":[{"stream":\#(labels),"values":[\#(values)]}]}"#
    }

    @Test func linesAreStoredWithTheirMetadata() async throws {
        let fixture = try await PocketFixture()
        let answer = try await fixture.push(
            body(#"["\#(Self.now)","one",{"trace_id":"t1","a.b":"c"}],["\#(Self.now)","two"]"#))
        #expect(answer.status == .noContent)
        let result = try await fixture.query(#"{service="s"}"#).result
        #expect(
            Set(result.map { $0["stream"]?.description }) == [
                #"{"a_b":"c","detected_level":"unknown","service":"s","service_name":"s","trace_id":"t1"}"#,
                #"{"detected_level":"unknown","service":"s","service_name":"s"}"#,
            ])
    }

    @Test func aGzipPushIsAccepted() async throws {
        let fixture = try await PocketFixture()
        let bytes = try Gzip.compress(Array(body(#"["\#(Self.now)","zipped"]"#).utf8))
        let headers: HTTPFields = ["content-type": "application/json; charset=utf-8", "content-encoding": "gzip"]
        let answer = try await fixture.send(
            Request(method: .post, uri: "/loki/api/v1/push", headers: headers, body: bytes))
        #expect(answer.status == .noContent)
        #expect(try await fixture.query(#"{service="s"}"#).lines == ["zipped"])
    }

    @Test(arguments: [
        (#"{"streams":[{"#, 400, "the push is not valid JSON at byte 13: expected a member name"), ("", 400, "EOF"),
        ("[]", 400, "expected an object with streams"), (#"{"streams":5}"#, 400, "streams: expected an array"),
        ("{}", 422, "error at least one valid stream is required for ingestion"),
        (#"{"streams":[]}"#, 422, "error at least one valid stream is required for ingestion"),
        (#"{"streams":[5]}"#, 400, "streams[0]: expected an object"),
        (#"{"streams":[{"values":[]}]}"#, 400, "streams[0].stream: expected an object of labels"),
        (#"{"streams":[{"stream":{"a":{}},"values":[]}]}"#, 400, "streams[0].stream.a: expected a string"),
        (
            #"{"streams":[{"stream":{"a":"b"},"values":[["yesterday","x"]]}]}"#, 400,
            #"streams[0].values[0][0]: expected nanoseconds since the Unix epoch as a string, not "yesterday""#
        ),
        (
            #"{"streams":[{"stream":{"a":"b"},"values":[["1","x"],["1",5]]}]}"#, 400,
            "streams[0].values[1][1]: expected the line as a string, not 5"
        ),
        (
            #"{"streams":[{"stream":{"a":"b"},"values":[["1","x",{"n":1}]]}]}"#, 400,
            "streams[0].values[0][2].n: expected a string, not 1"
        ),
        (
            #"{"streams":[{"stream":{"a":"b"},"values":[["1"]]}]}"#, 400,
            #"streams[0].values[0]: expected ["<nanoseconds>", "<line>"] or with an object third"#
        ),
    ])
    func aMalformedBodyIsRefusedWithItsReason(body: String, status: Int, message: String) async throws {
        let fixture = try await PocketFixture()
        let answer = try await fixture.push(body)
        #expect(answer.status.code == status)
        #expect(answer.text == message)
        #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
    }

    @Test func aMalformedPushStoresNothing() async throws {
        let fixture = try await PocketFixture()
        #expect(try await fixture.push(body(#"["\#(Self.now)","good"],["\#(Self.now)",7]"#)).status == .badRequest)
        #expect(try await fixture.query(#"{service="s"}"#).lines.isEmpty)
    }

    @Test func oldAndFutureLinesAreRefusedOneByOne() async throws {
        let fixture = try await PocketFixture()
        let day: UInt64 = 86_400_000_000_000
        let old = String(PocketFixture.start - 8 * day)
        let future = String(PocketFixture.start + 660_000_000_000)
        let answer = try await fixture.push(
            body(#"["\#(old)","old"],["\#(Self.now)","kept"],["\#(future)","future"]"#))
        #expect(answer.status == .badRequest)
        #expect(
            answer.text == """
                1 errors like: entry for stream '{service="s", service_name="s"}' has timestamp too old: \
                2026-11-12T16:00:00Z, oldest acceptable timestamp is: 2026-11-13T16:00:00Z; \
                1 errors like: entry for stream '{service="s", service_name="s"}' has timestamp too new: \
                2026-11-20T16:11:00Z
                """)
        #expect(try await fixture.query(#"{service="s"}"#).lines == ["kept"])
    }

    @Test func linesBeyondTheLimitAreTruncated() async throws {
        let fixture = try await PocketFixture()
        let limit = String(repeating: "x", count: 256 << 10)
        for line in [limit, limit + "y", String(limit.dropLast()) + "é"] {
            #expect(try await fixture.push(body(#"["\#(Self.now)","\#(line)"]"#)).status == .noContent)
        }
        // The second line has become like the first, and Loki shows a line once; of the third half a letter was cut off.
        let lines = try await fixture.query(#"{service="s"}"#).lines
        #expect(Set(lines) == [limit, limit.dropLast() + "\u{FFFD}"])
    }

    @Test(arguments: [
        (#"{"bad-name":"v"}"#, "couldn't parse labels: \"bad-name\" is not a label name"),
        (#"{"1a":"v"}"#, "couldn't parse labels: \"1a\" is not a label name"),
        (
            "{" + (0..<16).map { "\"l\($0)\":\"v\"" }.joined(separator: ",") + "}",
            "entry for stream '{l0=\"v\", l1=\"v\", l10=\"v\""
        ),
        (#"{"a":"\#(String(repeating: "v", count: 2049))"}"#, "stream '{a=\"vvv"),
    ])
    func invalidLabelsAreRefused(labels: String, prefix: String) async throws {
        let fixture = try await PocketFixture()
        let answer = try await fixture.push(body(#"["\#(Self.now)","x"]"#, labels: labels))
        #expect(answer.status == .badRequest)
        #expect(answer.text.hasPrefix(prefix))
        #expect(try await fixture.get("/loki/api/v1/labels").text == #"{"status":"success"}"#)
    }

    @Test(arguments: [
        ("{}", "unknown_service"), (#"{"app":"a","job":"j"}"#, "a"), (#"{"job":"j"}"#, "j"),
        (#"{"service_name":"n","service":"s"}"#, "n"), (#"{"service":5}"#, "5"),
    ])
    func theServiceNameComesFromTheLabels(labels: String, expected: String) async throws {
        let fixture = try await PocketFixture()
        #expect(try await fixture.push(body(#"["\#(Self.now)","x"]"#, labels: labels)).status == .noContent)
        let answer = try await fixture.get("/loki/api/v1/label/service_name/values")
        #expect(answer.json["data"] == .array([.string(expected)]))
    }

    @Test(
        arguments: [
            (
                "application/x-protobuf", nil, 415,
                "pocket stack: a push must be application/json (\"application/x-protobuf\" was sent)"
            ),
            ("", nil, 415, "pocket stack: a push must be application/json (no content type was sent)"),
            ("application/json", "br", 400, "Content-Encoding \"br\" not supported"),
            ("application/json", "gzip", 400, "gzip: "),
        ] as [(String, String?, Int, String)])
    func unsupportedTypesAndEncodingsAreRefused(
        type: String, encoding: String?, status: Int, prefix: String
    ) async throws {
        let fixture = try await PocketFixture()
        var headers: HTTPFields = [:]
        if !type.isEmpty { headers["content-type"] = type }
        headers["content-encoding"] = encoding
        let answer = try await fixture.send(
            Request(method: .post, uri: "/loki/api/v1/push", headers: headers, body: Array("{}".utf8)))
        #expect(answer.status.code == status)
        #expect(answer.text.hasPrefix(prefix))
    }

    @Test func aLineSentTwiceIsShownOnce() async throws {
        let fixture = try await PocketFixture()
        let push = body(#"["\#(Self.now)","same",{"trace_id":"t"}],["\#(Self.now)","other"],["\#(Self.now)","same"]"#)
        for _ in 0..<3 { #expect(try await fixture.push(push).status == .noContent) }
        #expect(try await fixture.query(#"{service="s"}"#).lines.sorted() == ["other", "same", "same"])
        let count = try await fixture.query(#"sum(count_over_time({service="s"}[1h]))"#, [("step", "3600")])
        #expect(count.result[0]["values"]?.array?.last?[1]?.string == "3")
    }

    @Test(arguments: [
        (#"{"level":"warn"}"#, "x", "{}", "warn"), ("{}", "x", #"{"severity_text":"ERROR"}"#, "ERROR"),
        ("{}", "x", #"{"severity_number":"17"}"#, "error"), ("{}", #"{\"level\":\"Warning\"}"#, "{}", "warn"),
        ("{}", #"{\"a\":1,\"lvl\":\"dbg\"}"#, "{}", "debug"), ("{}", "ts=1 level=err msg=x", "{}", "error"),
        ("{}", "[ERROR] no", "{}", "error"), ("{}", "WARNING: no", "{}", "warn"), ("{}", "some info", "{}", "info"),
        ("{}", "nothing", "{}", "unknown"), ("{}", "x", #"{"detected_level":"mine"}"#, "mine"),
    ])
    func theLevelIsDetectedFromLabelsMetadataAndLine(
        labels: String, line: String, metadata: String, expected: String
    ) async throws {
        let fixture = try await PocketFixture()
        _ = try await fixture.push(body(#"["\#(Self.now)","\#(line)",\#(metadata)]"#, labels: labels))
        let result = try await fixture.query(#"{service_name="unknown_service"}"#).result
        #expect(result.first?["stream"]?["detected_level"]?.string == expected)
    }
}
