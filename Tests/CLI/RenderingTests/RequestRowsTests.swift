import Terminal
import Testing
import Verification
import Vocabulary

@testable import Rendering

@Suite("The rows of requests")
struct RequestRowsTests {
    private static let trace = "0bc16f3f0bc16f3f0bc16f3f0bc16f3f"

    private func rows(_ lines: [(part: String, json: String)]) -> [String] {
        var rows = RequestRows()
        return lines.compactMap { part, json in
            let record = LogRecord(timestampNS: 0, labels: [LogField.service: part], line: json)
            return rows.row(record, of: part, .usual)?.plain
        }
    }

    private func line(_ service: String, _ level: String, _ message: String, _ more: String) -> (String, String) {
        (
            service,
            #"{"timestamp":"2026-11-20T16:32:01.001002Z","level":"\#(level)","service":"\#(service)","#
                + #""message":"\#(message)","trace_id":"\#(Self.trace)",\#(more)}"#
        )
    }

    private func completed(_ service: String, _ level: String, _ status: Int, _ more: String = "") -> (String, String) {
        line(
            service, level, "request completed",
            #""component":"http.server","operation":"POST /v1/tasks","status":\#(status),"duration_ms":12.3"# + more)
    }

    @Test("The lines of a request are folded into one row with its status, duration, trace and task")
    func theLinesOfARequestAreFoldedIntoOneRow() {
        let rows = rows([
            line("tasks", "info", "task stored", #""task_id":"t-1""#), completed("payments", "info", 201),
            completed("tasks", "info", 201), completed("gateway", "info", 201),
        ])
        #expect(rows == ["16:32:01.001  POST /v1/tasks    201   12.3 ms  0bc16f3f  t-1"])
        #expect(rows.allSatisfy { $0.count < 80 })
    }

    private static func error(_ message: String) -> String { #","error":{"type":"HTTPError","message":"\#(message)"}"# }

    @Test("A refused request has one row with the reason, and so has one that succeeded after a retry")
    func aRefusedRequestHasOneRowWithTheReason() {
        let refused = rows([
            line("tasks", "warning", "upstream call failed", #""status":402"#), completed("tasks", "warning", 402),
            completed("gateway", "warning", 402, Self.error("402 Payment Required: no money")),
        ])
        #expect(refused == ["16:32:01.001  POST /v1/tasks    402   12.3 ms  0bc16f3f  no money"])
        let mended = rows([
            line("tasks", "warning", "upstream call failed", #""status":503"#), completed("gateway", "info", 201),
        ])
        #expect(mended == ["16:32:01.001  POST /v1/tasks    201   12.3 ms  0bc16f3f  1 warning"])
    }

    @Test("A failed request also shows its first error")
    func aFailedRequestAlsoShowsItsFirstError() {
        let rows = rows([
            line("tasks", "error", "upstream call failed", #""x":1"# + Self.error("could not connect: refused")),
            completed("tasks", "error", 502, Self.error("502 Bad Gateway: payments")),
            completed("gateway", "error", 502, Self.error("502 Bad Gateway: payments does not answer")),
        ])
        #expect(
            rows == [
                "16:32:01.001  tasks     ERROR  0bc16f3f  upstream call failed: could not connect: refused",
                "16:32:01.001  POST /v1/tasks    502   12.3 ms  0bc16f3f  payments does not answer",
            ])
    }

    @Test("Errors after a good answer, lines of no request and unreadable lines are shown")
    func linesOutsideARequestAreShown() {
        let rows = rows([
            completed("gateway", "info", 202), line("tasks", "error", "upstream call failed", #""x":1"#),
            line("tasks", "error", "upstream call failed", #""x":2"#),
            line("tasks", "warning", "task failed", #""x":1"# + Self.error("gone")),
            ("executor", "Fatal error"), line("executor", "info", "computed", #""n":1"#),
            ("tasks", #"{"level":"warning","service":"tasks","message":"queue is full"}"#),
        ])
        #expect(rows.count == 5)
        #expect(rows[1] == "16:32:01.001  tasks     ERROR  0bc16f3f  upstream call failed")
        #expect(rows[2] == "16:32:01.001  tasks     WARNING  0bc16f3f  task failed: gone")
        #expect(rows[3].hasSuffix("Fatal error"))
        #expect(rows[4].contains("WARNING  queue is full"))
    }

    @Test("Tasks of old traces are forgotten")
    func tasksOfOldTracesAreForgotten() {
        var rows = RequestRows()
        var last = ""
        for number in 0..<2000 {
            let json = #"{"level":"info","trace_id":"\#(number)","task_id":"t-\#(number)"}"#
            _ = rows.row(LogRecord(timestampNS: 0, labels: [:], line: json), of: "tasks", .usual)
        }
        for number in [0, 1999] {
            let json =
                #"{"level":"info","trace_id":"\#(number)","component":"http.server","operation":"GET /","status":200}"#
            last = rows.row(LogRecord(timestampNS: 0, labels: [:], line: json), of: "gateway", .usual)?.plain ?? ""
            #expect(last.hasSuffix("t-\(number)") == (number == 1999))
        }
    }
}
