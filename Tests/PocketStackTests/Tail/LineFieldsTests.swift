import Testing

@testable import PocketStack

@Suite struct LineFieldsTests {
    private func fields(_ line: String) -> [String: String] {
        var line = line
        return line.withUTF8 { bytes in
            let fields = LineFields(bytes)
            var result = ["level": LineFields.levels[fields.levelIndex(in: bytes)]]
            if let time = fields.time { result["time"] = String(time) }
            for (name, range) in [("trace", fields.traceID), ("span", fields.spanID), ("request", fields.requestID)] {
                if let range { result[name] = String(decoding: bytes[range], as: UTF8.self) }
            }
            return result
        }
    }

    @Test(arguments: [
        (
            #"{"timestamp":"2026-11-20T16:00:00.123456Z","level":"info","service":"gateway","message":"a \"quoted\" {line}","trace_id":"t","span_id":"s","trace_sampled":true,"request_id":"r","error":{"trace_id":"inner"}}"#,
            ["time": "1795190400123456000", "level": "info", "trace": "t", "span": "s", "request": "r"]
        ),
        (#"{"level":"WARNING","timestamp":"yesterday"}"#, ["level": "warning"]),
        (#"{"a":{"level":"error"},"b":["level"],"level":"debug"}"#, ["level": "debug"]),
        (#"{"level":"made-up","trace_id":5}"#, ["level": "unknown"]),
        (#"{"level":"error","trace_id":"cut"#, ["level": "error"]),
        (#"{"level":"notice"} trailing"#, ["level": "notice"]),
        ("{}", ["level": "unknown"]), ("{", ["level": "unknown"]), ("", ["level": "unknown"]),
        (
            "2026-11-20T16:00:00.123456Z ERROR gateway  it failed: x=1  trace_id=t span_id=s trace_sampled=true request_id=r path=\"/a b\"",
            ["time": "1795190400123456000", "level": "error", "trace": "t", "span": "s", "request": "r"]
        ),
        ("2026-11-20T16:00:00Z INFO  gateway  started", ["time": "1795190400000000000", "level": "info"]),
        ("level=warn trace_id=t msg=\"no time\"", ["level": "warn", "trace": "t"]),
        ("timestamp=2026-11-20T16:00:00Z level=info", ["time": "1795190400000000000", "level": "info"]),
        ("panic: something broke", ["level": "unknown"]), ("ERROR at the front", ["level": "unknown"]),
    ])
    func findsWhatItFilesLinesBy(line: String, expected: [String: String]) { #expect(fields(line) == expected) }
}
