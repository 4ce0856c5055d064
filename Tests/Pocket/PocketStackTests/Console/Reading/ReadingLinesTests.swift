import Encoding
import HTTP
import Testing

@Suite("The console's log lines") struct ReadingLinesTests {
    /// 12 lines of two services: every third is an error, every fourth mentions a settlement.
    private static let lines = (0..<12).map { number in
        ReadingFixture.Line(
            seconds: Double(number), service: number < 8 ? "gateway" : "payments",
            level: number % 3 == 0 ? "error" : "info",
            line: #"{"message":"\#(number % 4 == 0 ? "settlement" : "request") \#(number)"}"#)
    }

    private func messages(_ answer: JSONValue) -> [String] {
        answer["lines"]?.each("message").compactMap(\.string) ?? []
    }

    @Test func aLineHasEverythingThatItsStreamItsMetadataAndItsTextSay() async throws {
        try await ReadingFixture.run { (console) async throws in
            let text =
                #"{"service":"gateway","message":"no funds","level":"error","guild.id":"g-1","tries":3,"ok":false,"#
                + #""none":null,"list":[1,{"a":"b"}],"error":{"type":"Declined","message":"402"},"trace_id":"\#(ReadingFixture.traceID(7))"}"#
            try await console.push([
                .init(
                    seconds: 1.5, level: "error", line: text,
                    metadata: [
                        "trace_id": ReadingFixture.traceID(7), "span_id": "00f067aa0ba902b7", "message": "no fu",
                        "duration_ms": "12.5",
                    ])
            ])
            let line = try #require(try await console.read("lines")["lines"]?[0])
            #expect(line["time"]?.string == "1795190401500000000")
            #expect(line["level"] == "error" && line["service"] == "gateway" && line["message"] == "no funds")
            #expect(line["trace"]?.string == ReadingFixture.traceID(7) && line["span"] == "00f067aa0ba902b7")
            #expect(line["line"]?.string == text)
            #expect(line["key"]?.string?.hasPrefix("1795190401500000000-") == true)
            let fields = (line["fields"]?.array ?? []).map { "\($0[0]?.string ?? "")=\($0[1]?.string ?? "")" }
            // The line's own message replaces the metadata, which may have been cut.
            #expect(
                fields == [
                    "level=error", "service=gateway", "service_name=gateway", "duration_ms=12.5", "message=no funds",
                    "span_id=00f067aa0ba902b7", "trace_id=\(ReadingFixture.traceID(7))", "detected_level=error",
                    "guild_id=g-1", "tries=3", "ok=false", "none=null", #"list=[1,{"a":"b"}]"#, "error_type=Declined",
                    "error_message=402",
                ])
        }
    }

    @Test func aFieldThatContradictsALabelIsShownBesideIt() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([.init(service: "tasks", line: #"{"service":"executor","message":"odd"}"#)])
            let line = try #require(try await console.read("lines")["lines"]?[0])
            let fields = (line["fields"]?.array ?? []).map { "\($0[0]?.string ?? "")=\($0[1]?.string ?? "")" }
            #expect(line["service"] == "tasks")
            #expect(fields.contains("service=tasks") && fields.contains("service_extracted=executor"))
        }
    }

    @Test func linesComePageByPageInEitherOrder() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.lines)
            let newest = try await console.read("lines", ["limit": "2", "offset": "1"])
            #expect(messages(newest) == ["request 10", "request 9"])
            #expect(newest["offset"] == 1 && newest["more"] == true)
            let oldest = try await console.read("lines", ["order": "oldest", "limit": "2", "offset": "10"])
            #expect(messages(oldest) == ["request 10", "request 11"] && oldest["more"] == false)
        }
    }

    @Test func theRangeIncludesItsStartAndNotItsEnd() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.lines)
            let (from, to) = (
                ReadingFixture.start + ReadingFixture.second, ReadingFixture.start + 3 * ReadingFixture.second
            )
            let answer = try await console.read("lines", ["from": String(from), "to": String(to)])
            #expect(messages(answer) == ["request 2", "request 1"])
        }
    }

    @Test func theSummaryCountsWhatIsStoredSelectedAndMatched() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.lines)
            let answer = try await console.read(
                "lines",
                [
                    "query": #"{service="gateway"} |= "settlement""#, "summary": "1", "buckets": "4", "limit": "1",
                    "from": String(ReadingFixture.start),
                    "to": String(ReadingFixture.start + 12 * ReadingFixture.second),
                ])
            let summary = try #require(answer["summary"])
            #expect(messages(answer) == ["settlement 4"] && answer["more"] == true)
            #expect(summary["stored"] == 12 && summary["selected"] == 8 && summary["matched"] == 2)
            // Selected: 0…7, of which 0, 3 and 6 are errors. Matched: 0 and 4.
            #expect(summary["levels"] == ["error": 3, "info": 5])
            #expect(summary["matchedLevels"] == ["error": 1, "info": 1])
            #expect(summary["start"]?.string == String(ReadingFixture.start) && summary["step"] == 3_000_000_000)
            #expect(summary["buckets"]?.description == #"[{"error":1},{"info":1},{},{}]"#)
            #expect(summary["complete"] == true && summary["milliseconds"]?.double ?? -1 >= 0)
        }
    }

    @Test(arguments: [
        #"{service="gateway"} | json | message=~"settlement.*""#, #"{service="gateway"} | level="error""#,
    ])
    func aQueryThatReadsLabelsIsCountedTheSameOnAndOffThePage(query: String) async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.lines)
            for limit in ["0", "1", "5000"] {
                let summary = try await console.read("lines", ["query": query, "summary": "1", "limit": limit])[
                    "summary"]
                #expect(summary?["matched"] == (query.contains("json") ? 2 : 3), "\(limit)")
                #expect(summary?["selected"] == 8)
            }
        }
    }

    @Test func linesWithoutALevelCountAsWhatTheyLookLike() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([
                .init(level: nil, line: "level=warn x=1"), .init(seconds: 1, level: nil, line: "nothing"),
            ])
            let summary = try await console.read("lines", ["summary": "1"])["summary"]
            #expect(summary?["levels"] == ["unknown": 1, "warn": 1])
        }
    }

    @Test func anEmptyStoreHasNoLinesAndASummaryOfZeros() async throws {
        try await ReadingFixture.run { (console) async throws in
            let answer = try await console.read("lines", ["summary": "1"])
            #expect(answer["lines"] == .array([]) && answer["more"] == false)
            #expect(answer["summary"]?["stored"] == 0 && answer["summary"]?["matched"] == 0)
            #expect(answer["summary"]?["levels"] == [:] && answer["summary"]?["buckets"]?.array?.isEmpty == false)
        }
    }

    @Test func controlCharactersAndInvalidBytesLeaveTheAnswerSound() async throws {
        try await ReadingFixture.run { (console) async throws in
            let odd = "a\u{0}b\u{1B}[31mred\u{7F}\u{2028}\"\\\n\ttab 😀"
            try await console.push([.init(line: odd), .init(seconds: 1, line: #"{"message":"x\u0000\u001by\ud800"}"#)])
            let lines = try #require(try await console.read("lines", ["order": "oldest"])["lines"])
            #expect(lines[0]?["line"]?.string == odd && lines[0]?["message"]?.string == odd)
            #expect(lines[1]?["message"]?.string == "x\u{0}\u{1B}y\u{FFFD}")
        }
    }

    @Test func longValuesAreCutAtACharacter() async throws {
        try await ReadingFixture.run { (console) async throws in
            let long = String(repeating: "é", count: 60_000)
            try await console.push([.init(line: #"{"message":"x\#(long)","more":"\#(long)"}"#)])
            let line = try #require(try await console.read("lines")["lines"]?[0])
            #expect(line["message"]?.string == "x" + String(repeating: "é", count: 2047) + "…")
            let more = line["fields"]?.array?.first { $0[0] == "more" }?[1]?.string
            #expect(more == String(repeating: "é", count: 2048) + "…")
            #expect(
                line["line"]?.string?.utf8.count ?? 0 <= 64 << 10 + 3 && line["line"]?.string?.hasSuffix("é…") == true)
        }
    }

    @Test func aRewrittenLineIsShownAsTheQueryMadeIt() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([.init(line: #"{"message":"hello","name":"you"}"#)])
            let query = #"{service="gateway"} | json | line_format "{{.message}}, {{.name}}""#
            let line = try await console.read("lines", ["query": query])["lines"]?[0]
            #expect(line?["line"] == "hello, you" && line?["message"] == "hello, you")
        }
    }

    @Test func aQueryForNumbersIsRefusedWithItsOwnType() async throws {
        try await ReadingFixture.run { (console) async throws in
            let query = #"sum by (level) (count_over_time({service="gateway"}[1m]))"#
            let answer = try await console.get("/console/api/lines", ["query": query])
            #expect(answer.status == .badRequest)
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(answer.json["type"] == "urn:tailspan:problem:metric-query")
        }
    }

    @Test(arguments: [
        ("from", "yesterday"), ("to", "-1"), ("from", "9223372036854775808"), ("limit", "5001"), ("limit", "-1"),
        ("offset", "x"), ("order", "biggest"), ("summary", "yes"), ("buckets", "0"), ("buckets", "1001"),
    ])
    func aParameterThatCannotBeReadIsNamed(name: String, value: String) async throws {
        try await ReadingFixture.run { (console) async throws in
            let answer = try await console.get(
                "/console/api/lines", ["summary": "1"].merging([name: value]) { $1 })
            #expect(answer.status == .badRequest)
            #expect(answer.json["type"] == "urn:tailspan:problem:invalid-parameter")
            #expect(answer.json["detail"]?.string?.hasPrefix(name + ": expected ") == true)
            #expect(answer.json["detail"]?.string?.contains("“\(value)”") == true)
        }
    }

    @Test func aRangeThatEndsBeforeItStartsIsRefused() async throws {
        try await ReadingFixture.run { (console) async throws in
            for path in ["lines", "fields", "traces", "traces/dots", "overview"] {
                let answer = try await console.get("/console/api/" + path, ["from": "5", "to": "5"])
                #expect(answer.status == .badRequest, "\(path)")
            }
        }
    }
}
