import Testing
import Vocabulary

@testable import LogQL
@testable import PocketStore

@Suite("The fields of a tailed line") struct LineFieldsTests {
    private func fields(_ line: String) -> [String: String] {
        var line = line
        return line.withUTF8 { bytes in
            let fields = LineFields(bytes)
            var result = ["level": LineFields.levels[fields.levelIndex(in: bytes)]]
            if let time = fields.time { result["time"] = String(time) }
            fields.forEachValue { name, value in
                let text = JSONScanner(bytes).text(value.range, hasEscapes: value.hasEscapes)
                result[MetadataNames.sorted[name]] = text
            }
            return result
        }
    }

    @Test(arguments: [
        (
            #"{"timestamp":"2026-11-20T16:00:00.123456Z","level":"info","service":"gateway","message":"a \"quoted\" {line}","trace_id":"t","span_id":"s","trace_sampled":true,"request_id":"r","duration_ms":1.50,"note":"n","error":{"trace_id":"inner","type":"E","message":"m"}}"#,
            [
                "time": "1795190400123456000", "level": "info", "trace_id": "t", "span_id": "s", "request_id": "r",
                "trace_sampled": "true", "message": #"a "quoted" {line}"#, "duration_ms": "1.50", "error_type": "E",
                "error_message": "m",
            ]
        ),
        (#"{"level":"WARNING","timestamp":"yesterday"}"#, ["level": "warning"]),
        (#"{"a":{"level":"error"},"b":["level"],"level":"debug"}"#, ["level": "debug"]),
        (#"{"level":"made-up","trace_id":5}"#, ["level": "unknown", "trace_id": "5"]),
        (#"{"level":"error","trace_id":"cut"#, ["level": "error"]),
        (#"{"level":"notice","status":null,"state":"","size":[1],"peer":{}} trailing"#, ["level": "notice"]),
        (#"{"error_type":"502","error":{"type":"E"}}"#, ["level": "unknown", "error_type": "502"]),
        (#"{"error":{"type":"E"},"error_type":"502"}"#, ["level": "unknown", "error_type": "502"]),
        (#"{"error":"text","tailspan.fault.id":"f"}"#, ["level": "unknown", "tailspan_fault_id": "f"]),
        ("{}", ["level": "unknown"]), ("{", ["level": "unknown"]), ("", ["level": "unknown"]),
        (
            "2026-11-20T16:00:00.123456Z ERROR gateway  it failed: x=1  trace_id=t span_id=s trace_sampled=true request_id=r path=\"/a b\" error_type=502 error.type=E error.message=\"a \\\"b\\\"\"",
            [
                "time": "1795190400123456000", "level": "error", "trace_id": "t", "span_id": "s",
                "trace_sampled": "true", "request_id": "r", "message": "it failed: x=1", "error_type": "502",
                "error_message": "a \"b\"",
            ]
        ),
        (
            "2026-11-20T16:00:00Z INFO  gateway  started",
            ["time": "1795190400000000000", "level": "info", "message": "started"]
        ),
        (
            "2026-11-20T16:00:00Z INFO  gateway  a  state=x  b  state=y size=\"1  2\"",
            [
                "time": "1795190400000000000", "level": "info", "message": "a  state=x  b", "state": "y",
                "size": "1  2",
            ]
        ),
        (
            "2026-11-20T16:00:00Z INFO  gateway  a  state=\"x",
            ["time": "1795190400000000000", "level": "info", "message": "a  state=\"x"]
        ),
        (
            "2026-11-20T16:00:00Z INFO  gateway    state=x",
            ["time": "1795190400000000000", "level": "info", "state": "x"]
        ),
        ("2026-11-20T16:00:00Z some other program  foo", ["level": "unknown"]),
        ("level=warn trace_id=t msg=\"no time\"", ["level": "warn", "trace_id": "t"]),
        ("timestamp=2026-11-20T16:00:00Z level=info", ["time": "1795190400000000000", "level": "info"]),
        ("panic: something broke", ["level": "unknown"]), ("ERROR at the front", ["level": "unknown"]),
    ])
    func theFieldsThatALineIsFiledByAreFound(line: String, expected: [String: String]) {
        #expect(fields(line) == expected)
    }

    /// No field of the previous line may appear in the next one.
    @Test func aLineInheritsNothingFromTheLineBefore() {
        var fields = LineFields()
        var names: [Int] = []
        for line in [#"{"level":"info","state":"x","error_type":"a"}"#, #"{"error":{"type":"b"}}"#] {
            var line = line
            names = []
            line.withUTF8 { bytes in
                fields.read(bytes)
                fields.forEachValue { name, _ in names.append(name) }
            }
        }
        #expect(names == [MetadataNames.errorType])
        #expect(fields.level == nil)
    }

    /// Every name has a short form in the store, and the order leaves the right place for `truncated`.
    @Test func theMetadataNamesAreSortedAndComplete() {
        #expect(MetadataNames.sorted == MetadataNames.sorted.sorted())
        #expect(!MetadataNames.codes.contains(nil))
        let names = MetadataNames.sorted
        let before = names[...MetadataNames.lastBeforeTruncated]
        #expect(before.allSatisfy { $0 < LokiMetadata.truncated })
        #expect(names[before.endIndex...].allSatisfy { $0 > LokiMetadata.truncated })
        for (index, name) in names.enumerated() where !name.contains("tailspan") {
            #expect(Array(name.utf8).withUnsafeBufferPointer { MetadataNames.index(of: $0) } == index)
        }
    }
}
