import Encoding
import Terminal
import Testing
import Verification

@testable import Rendering

/// Traces that no correct client sends.
@Suite("The waterfall of an unusual trace")
struct SpanTreeTests {
    private func trace(_ spans: [SpanRecord]) -> TraceData { TraceData(traceID: SampleTrace.id, spans: spans) }

    private func span(
        _ id: String, _ parent: String?, _ start: UInt64, _ end: UInt64, _ name: String = ""
    ) -> SpanRecord {
        SpanRecord(
            traceID: SampleTrace.id, spanID: id, parentSpanID: parent, service: "gateway",
            name: name.isEmpty ? "span \(id)" : name, kind: .server, startNS: start, endNS: end)
    }

    private func rows(_ spans: [SpanRecord], _ lines: [LogRecord] = [], width: Int? = 120) -> [String] {
        Waterfall(trace(spans), lines: lines).render(width: width).map(\.plain)
    }

    private func chain(_ length: Int) -> [SpanRecord] {
        (0..<length).map { number in
            let start = SampleTrace.start + UInt64(number)
            return span("\(number)", number == 0 ? nil : "\(number - 1)", start, start + 1000)
        }
    }

    @Test("A chain deeper than any stack is shown, as text and as JSON", arguments: [80, 120, nil] as [Int?])
    func aVeryDeepChainIsShown(width: Int?) throws {
        let length = 9000
        let spans = chain(length)
        let rows = Waterfall(trace(spans), lines: []).render(width: width)
        #expect(rows.count == length + 4)
        #expect(rows.last?.plain.contains("span 899") == true)
        #expect(rows.last?.plain.contains("+\(length - 1 - (width == nil ? 32 : width == 80 ? 7 : 17)) ") == true)
        // What a row holds does not grow with its depth.
        #expect(rows.allSatisfy { $0.plain.utf8.count < 600 })
        guard width == nil else { return }
        var json = JSONWriter()
        TraceOutput(reading: TraceReading(traceID: SampleTrace.id, trace: trace(spans))).write(to: &json)
        #expect(json.string.utf8.count > length * 100)
    }

    @Test("A cycle of any length is shown once, from its earliest span on")
    func aCycleOfAnyLengthIsShownOnce() {
        let length = 9000
        var spans = chain(length)
        spans[0].parentSpanID = "\(length - 1)"
        let tree = SpanTree(trace(spans.shuffled()), lines: [])
        #expect(tree.nodes.count == length)
        #expect(tree.roots == [0])
        #expect(tree.nodes[0].span.spanID == "0")
        #expect(tree.nodes[0].standing == .cycle)
        let rows = rows(spans)
        #expect(rows.count == length + 4)
        #expect(rows[4].contains("(its own ancestor)"))
    }

    @Test("Spans below a cycle and spans that are their own parents are shown")
    func spansBelowACycleAreShown() {
        let at = SampleTrace.start
        let spans = [
            span("a", "c", at + 1, at + 9), span("b", "a", at + 2, at + 9), span("c", "b", at + 3, at + 9),
            span("d", "b", at, at + 9), span("e", "d", at + 5, at + 9), span("f", "f", at + 4, at + 9),
            span("g", "f", at + 6, at + 9),
        ]
        let tree = SpanTree(trace(spans), lines: [])
        #expect(tree.roots.map { tree.nodes[$0].span.spanID } == ["a", "f"])
        let rows = rows(spans)
        for span in spans { #expect(rows.count { $0.contains(span.name) } == 1) }
    }

    @Test("Each of many children of one span has its row", .timeLimit(.minutes(2)))
    func eachOfManyChildrenHasItsRow() {
        // Work for each row in proportion to all rows would take minutes.
        let count = 6000
        let at = SampleTrace.start
        let spans =
            [span("0", nil, at, at + 1_000_000)]
            + (1...count).map { span("\($0)", "0", at + UInt64($0), at + 1_000_000) }
        let lines = (1...100).map { SampleTrace.line(UInt64($0), "0", "gateway", "info", "line") }
        #expect(Waterfall(trace(spans), lines: lines).render(width: 80).count == count + 105)
    }

    @Test("A span that was sent twice is shown once, and another span with its id is shown too")
    func aSpanSentTwiceIsShownOnce() {
        let at = SampleTrace.start
        let spans = [
            span("a", nil, at, at + 9), span("a", nil, at, at + 9), span("a", nil, at + 1, at + 5, "the server's"),
            span("b", "a", at + 2, at + 4),
        ]
        let rows = rows(spans)
        #expect(rows[1] == "1 service, 3 spans, 0 log lines, 1 sent twice, no errors")
        #expect(rows.count == 7)
        #expect(rows.contains { $0.contains("the server's") })
        #expect(rows.contains { $0.contains("└ span b") })
    }

    @Test("A span that ends before it starts or has no times is marked")
    func implausibleTimesAreMarked() throws {
        let at = SampleTrace.start
        let hour: UInt64 = 3_600_000_000_000
        let rows = rows([
            span("a", nil, at, at + 1_000_000), span("b", "a", at + 10, at + 10 - hour), span("c", "a", at + 20, 0),
            span("d", "a", 0, at + 500), span("e", "a", 0, 0),
        ])
        func row(_ name: String) throws -> String { try #require(rows.first { $0.contains("span \(name)") }) }
        #expect(try row("b").contains("-1h 00m  ends before it starts"))
        #expect(try row("c").contains("-  unfinished"))
        #expect(try row("d").contains("-  without a start"))
        #expect(try row("e").contains("-  without times"))
        #expect(rows[2].hasPrefix("1.00 ms from 2026-11-20T16:32:01.000"))
    }

    @Test(
        "Extreme timestamps are rendered",
        arguments: [0, 1, SampleTrace.start, UInt64(Int64.max), UInt64(Int64.max) + 1, .max - 1, .max] as [UInt64],
        [0, 1, SampleTrace.start, UInt64(Int64.max), UInt64(Int64.max) + 1, .max - 1, .max] as [UInt64])
    func extremeTimestampsAreRendered(start: UInt64, end: UInt64) {
        let spans = [span("a", nil, start, end), span("b", "a", SampleTrace.start, SampleTrace.start + 1)]
        let year: UInt64 = 365 * 86_400_000_000_000
        let far = span("c", "a", SampleTrace.start + year, SampleTrace.start + year)
        let line = LogRecord(timestampNS: end, labels: ["span_id": "a", "service": "gateway"], line: "a line")
        let early = LogRecord(timestampNS: start, labels: ["span_id": "b", "service": "gateway"], line: "a line")
        for width in [nil, 20, 80] {
            for unicode in [true, false] {
                let rows = Waterfall(trace(spans + [far]), lines: [line, early]).render(width: width, unicode: unicode)
                #expect(rows.count == 9)
            }
        }
        var json = JSONWriter()
        TraceOutput(reading: TraceReading(traceID: SampleTrace.id, trace: trace(spans), lines: [line])).write(to: &json)
        #expect(json.string.contains(#""end_unix_nano":\#(end)"#))
    }

    @Test("Lines stand in their span in the order of their precise times")
    func linesAreOrderedByTheirPreciseTime() {
        let start = SampleTrace.start + 5_400_600
        func line(_ fraction: String, _ message: String) -> LogRecord {
            LogRecord(
                timestampNS: SampleTrace.start, labels: [:],
                line:
                    #"{"timestamp":"2026-11-20T16:32:01.\#(fraction)Z","service":"gateway","message":"\#(message)","span_id":"a"}"#
            )
        }
        let spans = [span("a", nil, start, start + 9_000_000), span("b", "a", start + 100_000, start + 200_000)]
        func moments(_ fractions: String...) -> [UInt64] {
            SpanTree(trace(spans), lines: fractions.map { line($0, $0) }).nodes[0].children.compactMap {
                if case .line(_, let moment) = $0 { moment } else { nil }
            }
        }
        // Cut off after the millisecond, or after the microsecond: it was written when the span began, at the earliest.
        #expect(moments("005") == [start])
        #expect(moments("005400") == [start])
        // Not so, if it says more exactly that it was before, or if the clock was elsewhere.
        #expect(moments("005399") == [start - 1600])
        #expect(moments("005100") == [start - 300_600])
        #expect(moments("003") == [start - 2_400_600])
        #expect(moments("005400500") == [start - 100])
        let order = rows(spans, [line("005499", "first"), line("005501", "third")])
        let places = ["first", "span b", "third"].map { text in order.firstIndex { $0.contains(text) } ?? -1 }
        #expect(places == [5, 6, 7])
    }

    @Test("Piped columns are aligned, however deep the trace and however long the names")
    func pipedColumnsAreAligned() {
        let at = SampleTrace.start
        var spans = chain(500)
        spans.append(span("long", "0", at, at + 500, String(repeating: "x", count: 300)))
        let rows = rows(spans, width: nil)
        #expect(rows.count == 501 + 4 + 1, "the long name has a row of its own")
        let widths = Set(rows.dropFirst(4).filter { !$0.contains("xxx") }.map(DisplayWidth.of))
        #expect(widths.count == 1, "\(widths)")
        #expect(rows.contains { $0.contains(String(repeating: "x", count: 300)) })
    }

    @Test("No status is shown twice", arguments: ["503", "503 Service Unavailable", "HTTP 503"])
    func noStatusIsShownTwice(message: String) throws {
        let failed = SampleTrace.span(
            "a", nil, "gateway", "root", 0, 10, error: message, [.init("http.response.status_code", "503")])
        let row = try #require(rows([failed]).last)
        #expect(row.ranges(of: "503").count == 1)
        let other = SampleTrace.span(
            "a", nil, "gateway", "root", 0, 10, error: "timed out after 5030 ms",
            [.init("http.response.status_code", "503")])
        #expect(try #require(rows([other]).last).hasSuffix("timed out after 5030 ms 503"))
    }

    @Test("No name of a service, a level or a field controls the terminal or widens its column")
    func noNameReachesTheTerminalAsAControlSequence() {
        let bad = "\u{1B}[31m\u{9B}2J\u{202E}x"
        var odd = SampleTrace.span("a", nil, bad, bad, 0, 10, error: bad, [.init("db.system.name", bad)])
        odd.startNS += 1
        let line = LogRecord(
            timestampNS: SampleTrace.start, labels: ["service": bad, "level": bad, "span_id": "a"],
            line: #"{"message":"m","\u001b[2J\u009b":"\u202e"}"#)
        let stray = LogRecord(timestampNS: SampleTrace.start, labels: ["service": bad, "level": bad], line: bad)
        for width in [nil, 60, 90, 150] {
            let sink = MemorySink()
            Terminal(sink: sink).lines(Waterfall(trace([odd]), lines: [line, stray]).render(width: width))
            let text = sink.text.split(separator: "\n").joined()
            #expect(!text.unicodeScalars.contains { TerminalText.isControl($0) })
        }
    }
}
