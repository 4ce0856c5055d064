import Testing
import Verification
import Vocabulary

@Suite("The record of a log line") struct LogRecordTests {
    @Test func aJSONLineIsRead() {
        let line = #"""
            {"timestamp":"2026-11-20T16:32:01.123456Z","level":"warning","service":"tasks","message":"a \"b\"","trace_id":"ab","span_id":"cd","trace_sampled":true,"request_id":"r-1","amount":5,"error":{"type":"E","message":"m"},"none":null}
            """#
        let record = LogRecord(timestampNS: 9, labels: ["service": "other", "job": "x"], line: line)
        #expect(record.format == .json)
        #expect(record.ownTimestampNS == 1_795_192_321_123_456_000)
        #expect(record.level == "warning")
        #expect(record.service == "tasks")
        #expect(record.message == #"a "b""#)
        #expect(record.traceID == "ab")
        #expect(record.spanID == "cd")
        #expect(record.sampled == true)
        #expect(record.requestID == "r-1")
        #expect(record.field("amount") == "5")
        #expect(record.field("error") == #"{"type":"E","message":"m"}"#)
        #expect(record.field("none") == nil)
        #expect(record.field("job") == "x")
        #expect(!record.isErrorLevel)
    }

    @Test func aTextLineIsRead() {
        let line =
            #"2026-11-20T16:32:01.123456Z INFO  gateway  two  spaces a=b  trace_id=ab span_id=cd trace_sampled=false error.message="x \"y\" = z" empty="#
        let record = LogRecord(timestampNS: 9, labels: [:], line: line)
        #expect(record.format == .text)
        #expect(record.ownTimestampNS == 1_795_192_321_123_456_000)
        #expect(record.level == "info")
        #expect(record.service == "gateway")
        #expect(record.message == "two  spaces a=b")
        #expect(record.traceID == "ab")
        #expect(record.sampled == false)
        #expect(record.field("error.message") == #"x "y" = z"#)
        #expect(record.field("empty") == "")
    }

    @Test func aTextLineWithoutFieldsIsRead() {
        let record = LogRecord(
            timestampNS: 9, labels: [:], line: "2026-11-20T16:32:01.123456Z CRITICAL payments  gone for good")
        #expect(record.level == "critical")
        #expect(record.service == "payments")
        #expect(record.message == "gone for good")
        #expect(record.isErrorLevel)
    }

    @Test(arguments: [
        "", "plain", "{not json", "2026-11-20T16:32:01.123456Z", "2026-11-20T16:32:01.123456Z hello there you",
    ])
    func missingFieldsComeFromTheLabels(_ line: String) {
        let labels = [
            "service_name": "svc", "detected_level": "Error", "trace_id": "ab", "span_id": "", "request_id": "r",
        ]
        let record = LogRecord(timestampNS: 9, labels: labels, line: line)
        #expect(record.format == .plain)
        #expect(record.message == line)
        #expect(record.service == "svc")
        #expect(record.level == "error")
        #expect(record.traceID == "ab")
        #expect(record.spanID == nil)
        #expect(record.requestID == "r")
        #expect(record.ownTimestampNS == nil)
    }

    private func missing(_ line: String, _ labels: [String: String]) -> [String] {
        LogRecord(timestampNS: 9, labels: labels, line: line).fieldsWithoutMetadata
    }

    @Test func fieldsThatTheStoreLacksAreNamed() {
        let json =
            #"{"timestamp":"2026-11-20T16:00:00Z","level":"error","service":"tasks","message":"no","trace_id":"t","status":503,"duration_ms":1.50,"tailspan.fault.id":"f","note":"n","error":{"type":"E","message":"m"}}"#
        let text =
            #"2026-11-20T16:00:00Z ERROR tasks  no  trace_id=t status=503 duration_ms=1.5 tailspan.fault.id=f note=n error.type=E error.message=m"#
        let all = [
            "message": "no", "status": "503", "duration_ms": "1.5", "tailspan_fault_id": "f", "error_type": "E",
            "error_message": "m",
        ]
        for line in [json, text] {
            #expect(missing(line, all).isEmpty)
            #expect(
                missing(line, [:]) == [
                    "message", "status", "duration_ms", "error_type", "error_message", "tailspan.fault.id",
                ])
            #expect(missing(line, all.merging(["status": "500"]) { $1 }) == ["status"])
        }
        // The line's own kind of error goes before the error's type.
        #expect(missing(#"{"error_type":"502","error":{"type":"E"}}"#, ["error_type": "502"]).isEmpty)
        #expect(missing(#"{"error_type":"502","error":{"type":"E"}}"#, ["error_type": "E"]) == ["error_type"])
        #expect(missing("no line of ours", [:]).isEmpty)
    }

    @Test func truncatedFieldsAreNotReportedAsMissing() {
        let long = String(repeating: "ü", count: 5000)
        let line = #"{"message":"\#(long)"}"#
        #expect(missing(line, ["message": String(long.prefix(LokiShape.maximumTextLength))]).isEmpty)
        #expect(missing(line, ["message": String(long.prefix(10))]) == ["message"])
    }
}
