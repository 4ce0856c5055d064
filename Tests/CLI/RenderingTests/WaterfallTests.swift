import Terminal
import Testing
import Verification

@testable import Rendering

@Suite("The waterfall of a trace")
struct WaterfallTests {
    private func render(_ width: Int?, unicode: Bool = true) -> String {
        Waterfall(SampleTrace.trace, lines: SampleTrace.lines).render(width: width, unicode: unicode)
            .map(\.plain).joined(separator: "\n")
    }

    @Test("A wide terminal shows bars and lines")
    func aWideTerminalShowsBarsAndLines() {
        #expect(
            render(120) == #"""
                trace 4bf92f3577b34da6a3ce929d0e0e4736
                3 services, 6 spans, 4 log lines, 2 errors
                80.0 ms from 2026-11-20T16:32:01.000000Z

                gateway   POST /v1/tasks                 ██████████████████████████████████████████████   80.0 ms  402
                          │ INFO request received        ◆                                               +1.00 ms
                gateway   └ ✗ POST                         █████████████████████████████████████████▏     70.0 ms  402 Payment Required
                tasks       └ POST /v1/tasks                  ███████████████████████████████████▎        60.0 ms  guild=g-3
                tasks         ├ INSERT tasks                   █▌                                         1.00 ms  sqlite
                              │ INFO task stored                 ◆                                       +15.0 ms  task_id=t-1
                tasks         └ ✗ POST                              ███████████████████████▌              40.0 ms  402 Payment Required
                payments        └ POST /v1/reservations                ██████████████▊                    25.0 ms
                                  ERROR call failed                                        ◆             +60.0 ms  error="HTTPError: no…
                            WARNING request refused                                              ◆       +71.0 ms  status=402 duration_…
                """#)
    }

    @Test("A narrow terminal shows no bars")
    func aNarrowTerminalShowsNoBars() {
        #expect(
            render(60) == #"""
                trace 4bf92f3577b34da6a3ce929d0e0e4736
                3 services, 6 spans, 4 log lines, 2 errors
                80.0 ms from 2026-11-20T16:32:01.000000Z

                gateway   POST /v1/tasks                  80.0 ms  402
                          │ INFO request received        +1.00 ms
                gateway   └ ✗ POST                        70.0 ms  402 Paym…
                tasks       └ POST /v1/tasks              60.0 ms  guild=g-3
                tasks         ├ INSERT tasks              1.00 ms  sqlite
                              │ INFO task stored         +15.0 ms  task_id=…
                tasks         └ ✗ POST                    40.0 ms  402 Paym…
                payments        └ POST /v1/reservations   25.0 ms
                                  ERROR call failed      +60.0 ms  error="H…
                            WARNING request refused      +71.0 ms  status=4…
                """#)
    }

    @Test("Eighty columns keep the important text of a line instead of its mark")
    func eightyColumnsKeepTheImportantText() {
        #expect(
            render(80) == #"""
                trace 4bf92f3577b34da6a3ce929d0e0e4736
                3 services, 6 spans, 4 log lines, 2 errors
                80.0 ms from 2026-11-20T16:32:01.000000Z

                gateway   POST /v1/tasks                 ████████████   80.0 ms  402
                          │ INFO request received                                       +1.00 ms
                gateway   └ ✗ POST                       ███████████▎   70.0 ms  402 Payment Re…
                tasks       └ POST /v1/tasks              █████████▌    60.0 ms  guild=g-3
                tasks         ├ INSERT tasks              █             1.00 ms  sqlite
                              │ INFO task stored  task_id=t-1                           +15.0 ms
                tasks         └ ✗ POST                      ██████      40.0 ms  402 Payment Re…
                payments        └ POST /v1/reservations     ████▌       25.0 ms
                                  ERROR call failed  error="HTTPError: no money"        +60.0 ms
                            WARNING request refused  status=402 duration_ms=79.123      +71.0 ms
                """#)
    }

    @Test("A pipe gets whole rows")
    func aPipeGetsWholeRows() {
        #expect(
            render(nil, unicode: false) == #"""
                trace 4bf92f3577b34da6a3ce929d0e0e4736
                3 services, 6 spans, 4 log lines, 2 errors
                80.0 ms from 2026-11-20T16:32:01.000000Z

                gateway   POST /v1/tasks                 ========================================   80.0 ms  402
                          | INFO request received        *                                         +1.00 ms
                gateway   `-x POST                         ====================================     70.0 ms  402 Payment Required
                tasks       `-POST /v1/tasks                  ==============================        60.0 ms  guild=g-3
                tasks         |-INSERT tasks                   =                                    1.00 ms  sqlite
                              | INFO task stored                *                                  +15.0 ms  task_id=t-1
                tasks         `-x POST                             ====================             40.0 ms  402 Payment Required
                payments        `-POST /v1/reservations              =============                  25.0 ms
                                  ERROR call failed                                    *           +60.0 ms  error="HTTPError: no money"
                            WARNING request refused                                         *      +71.0 ms  status=402 duration_ms=79.123
                """#)
    }

    @Test("No row is wider than the terminal", arguments: 10...200)
    func noRowIsWiderThanTheTerminal(width: Int) {
        let rows = Waterfall(SampleTrace.trace, lines: SampleTrace.lines).render(width: width)
        #expect(rows.allSatisfy { $0.width <= width })
    }

    @Test("Failed spans and their bars are red, and services keep their colours")
    func failedSpansAreRedAndServicesKeepTheirColours() throws {
        let rows = Waterfall(SampleTrace.trace, lines: []).render(width: 120)
        let failed = try #require(rows.first { $0.plain.contains("402 Payment Required") })
        #expect(failed.parts.contains { $0.text.contains("█") && $0.style == .color(.red) })
        let fine = try #require(rows.first { $0.plain.contains("reservations") })
        let style = LogLineStyle.usual.service("payments")
        #expect(fine.parts.contains { $0.text.contains("█") && $0.style == style })
        #expect(fine.parts.first.map { $0.text == "payments" && $0.style == style } == true)
    }

    @Test("A line stands under its span, before anything later")
    func aLineStandsUnderItsSpanInOrderOfTime() {
        let rows = Waterfall(SampleTrace.trace, lines: SampleTrace.lines).render(width: 120).map(\.plain)
        let places = [
            "POST /v1/tasks", "INSERT tasks", "task stored", "reservations", "call failed", "request refused",
        ]
        .map { text in rows.firstIndex { $0.contains(text) } ?? -1 }
        #expect(places == places.sorted())
        #expect(!places.contains(-1))
    }

    @Test("A span without its parent is shown, and marked when it is not the only root")
    func aSpanWithoutItsParentIsMarked() {
        let trace = TraceData(
            traceID: "1",
            spans: [
                SampleTrace.span("a", nil, "gateway", "root", 0, 10),
                SampleTrace.span("b", "lost", "tasks", "orphan", 2, 4),
            ])
        let rows = Waterfall(trace, lines: []).render(width: 100).map(\.plain)
        #expect(rows.contains { $0.hasPrefix("tasks     orphan (parent missing)") })
        #expect(rows.contains { $0.hasPrefix("gateway   root ") })
    }

    @Test("Spans in a parent cycle are shown once")
    func spansInACycleAreShownOnce() {
        let trace = TraceData(
            traceID: "1",
            spans: [
                SampleTrace.span("a", "b", "x", "one", 0, 10), SampleTrace.span("b", "a", "x", "two", 2, 4),
                SampleTrace.span("c", "c", "x", "three", 2, 4),
            ])
        let text = Waterfall(trace, lines: []).render(width: 100).map(\.plain).joined(separator: "\n")
        for name in ["one", "two", "three"] { #expect(text.split(separator: name).count == 2) }
    }

    @Test("Lines without a span of the trace are listed apart")
    func linesWithoutASpanAreListedApart() {
        let lines = [
            SampleTrace.line(3, "unknown", "tasks", "error", "lost line"),
            SampleTrace.line(2, nil, "tasks", "info", "no span"),
        ]
        let rows = Waterfall(SampleTrace.trace, lines: lines).render(width: 100).map(\.plain)
        let title = rows.firstIndex(of: "log lines of this trace without a span of it")
        #expect(title == rows.count - 3)
        #expect(rows[rows.count - 2].contains("no span"))
        #expect(rows[rows.count - 1].contains("lost line"))
    }

    @Test("A single span without duration is shown")
    func aSingleSpanWithoutDurationIsShown() {
        let trace = TraceData(traceID: "1", spans: [SampleTrace.span("a", nil, "gateway", "root", 0, 0)])
        let rows = Waterfall(trace, lines: []).render(width: 100).map(\.plain)
        #expect(rows[1] == "1 service, 1 span, 0 log lines, no errors")
        #expect(rows[2] == "0 ns from 2026-11-20T16:32:01.000000Z")
        #expect(rows.count == 5)
    }

    @Test("A trace without spans shows its lines")
    func aTraceWithoutSpansShowsItsLines() {
        let rows = Waterfall(TraceData(traceID: "1", spans: []), lines: SampleTrace.lines).render(width: 100).map(
            \.plain)
        #expect(rows.count { $0.contains("gateway") } == 2)
    }

    @Test("No name or message reaches the terminal as a control sequence")
    func noTextReachesTheTerminalAsAControlSequence() {
        let trace = TraceData(traceID: "1", spans: [SampleTrace.span("a", nil, "gateway", "x\u{1B}[2Jy", 0, 1)])
        let line = LogRecord(
            timestampNS: 0, labels: ["span_id": "a", "service": "gateway"], line: "bad\u{1B}]0;title\u{7}")
        let text = Waterfall(trace, lines: [line]).render(width: 100).map(\.plain).joined()
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 })
    }
}
