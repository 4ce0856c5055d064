import Encoding
import Foundation
import Terminal
import Testing

@testable import Rendering
@testable import Verification

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("The report of a verification") struct ReportTests {
    private func report(_ break: (inout Evidence) -> Void = { _ in }) -> VerificationReport {
        var evidence = SyntheticEvidence.good()
        `break`(&evidence)
        evidence = evidence.withAnswers()
        let indexed = IndexedEvidence(evidence)
        return VerificationReport(
            seed: 7, startedAt: 1_795_192_321_123_456_000, duration: .milliseconds(1500), evidence: indexed,
            results: LinkRules.check(indexed))
    }

    private func broken() -> VerificationReport {
        report { evidence in
            evidence.counts = [:]
            let id = evidence.requests[0].traceID
            evidence.lines.append(
                .made(
                    "tasks", evidence.lines[0].timestampNS, "info", "a <b> & \"c\" \u{1}\u{FFFE}é",
                    ["trace_id": id, "span_id": "00000000000000ff"]))
            evidence.requests[5].outcome = .other("answered 503 <oops>, expected 202")
        }
    }

    @Test func theTextReportIsReadable() {
        let good = report()
        let text = TextReport.lines(good).map(\.plain)
        #expect(text.count { $0.hasSuffix("  ok") } == LinkRules.all.count)
        #expect(text.last == good.summary + "  (seed 7)")
        #expect(good.summary.hasPrefix("18 requests, "))
        #expect(good.summary.hasSuffix(" lines: 100.0 % linked, 0 violations"))
    }

    @Test func aReportHasOneVerdict() throws {
        let good = report()
        var cut = good
        cut.isCutShort = true
        cut.openCount = 3
        #expect(good.verdict == .passed)
        #expect(cut.verdict == .incomplete)
        #expect(broken().verdict == .violated)
        var both = broken()
        both.isCutShort = true
        #expect(both.verdict == .incomplete, "what is violated so far may yet arrive")

        let text = TextReport.lines(cut).map(\.plain)
        #expect(!text.contains { $0.hasSuffix("  ok") || $0.contains("linked") || $0.contains("100.0") })
        #expect(text.contains { $0.contains("18 requests, 3 of them without a whole trace") })
        #expect(text.last == "try a longer --deadline, and another seed")
        let json = try JSONValue(parsing: JSONReport.text(cut))
        #expect(json["verdict"] == "incomplete")
        #expect(json["passed"] == false)
        #expect(json["incomplete_traces"] == 3)
        #expect(json["linked_percent"] == nil)
        #expect(try JSONValue(parsing: JSONReport.text(good))["verdict"] == "passed")
        let xml = JUnitReport.text(cut)
        #expect(xml.contains(#"failures="0" errors="1""#))
        #expect(xml.contains(#"name="all has arrived""#))
        #expect(try XMLDocument(xmlString: xml).rootElement() != nil)
        #expect(JUnitReport.text(good).contains(#"errors="0""#))
    }

    @Test func theTextListsTheViolations() {
        let report = broken()
        let text = TextReport.lines(report).map(\.plain)
        #expect(text.contains { $0.contains("line's span exists") && $0.hasSuffix("violated") })
        #expect(text.contains { $0.contains("span counts agree") && $0.hasSuffix("not checked") })
        #expect(text.contains("  not checked: 12: the services' metrics were not read"))
        #expect(text.contains("  tasks: the line's span is not in the trace"))
        #expect(text.contains("1 request ended otherwise than planned"))
        #expect(text.last?.contains(" 2 violations") == true)
        #expect(text.last?.contains("100.0 %") == false, "a share is rounded down")
    }

    @Test func theTextLimitsTheListedViolations() {
        let report = report { $0.traces = [:] }
        let text = TextReport.lines(report, detailLimit: 3).map(\.plain)
        #expect(text.count { $0.hasPrefix("  gateway: no span of request") } == 3)
        #expect(text.contains("  … and 15 more; --format json lists them all"))
    }

    @Test func theJSONReportHasEveryField() throws {
        let json = try JSONValue(parsing: JSONReport.text(broken()))
        #expect(json["passed"]?.bool == false)
        #expect(json["violations"]?.integer == 2)
        #expect(json["requests"]?["sync"]?.integer == 8)
        #expect(json["seed"]?.string == "7")
        #expect(json["duration_ms"]?.integer == 1500)
        #expect(json["started_at"]?.string == "2026-11-20T16:32:01.123456Z")
        let rules = try #require(json["rules"]?.array)
        #expect(rules.map { $0["number"]?.integer } == LinkRules.all.map { Int64($0.number) })
        #expect(rules[5]["violations"]?[0]?["line"]?.string?.contains("a <b>") == true)
        #expect(rules[11]["not_checked"]?.string == "the services' metrics were not read")
        #expect(json["surprises"]?[0]?["what"]?.string == "answered 503 <oops>, expected 202")
        #expect(try JSONValue(parsing: JSONReport.text(report()))["passed"]?.bool == true)
    }

    @Test func theJUnitReportIsWellFormed() throws {
        let report = broken()
        let document = try XMLDocument(data: Data(JUnitReport.text(report).utf8))
        let root = try #require(document.rootElement())
        #expect(root.attribute(forName: "tests")?.stringValue == "\(LinkRules.all.count)")
        #expect(root.attribute(forName: "failures")?.stringValue == "2")
        #expect(root.attribute(forName: "skipped")?.stringValue == "1")
        let cases = try document.nodes(forXPath: "/testsuites/testsuite/testcase")
        #expect(cases.count == LinkRules.all.count)
        let failure = try #require(
            try document.nodes(forXPath: "//testcase[@name=\"6 line's span exists\"]/failure").first)
        #expect(failure.stringValue?.contains("a <b> &") == true)
        #expect(try document.nodes(forXPath: "//testcase/skipped").count == 1)
        let good = try XMLDocument(data: Data(JUnitReport.text(self.report()).utf8))
        #expect(try good.nodes(forXPath: "//failure").isEmpty)
        #expect(try good.nodes(forXPath: "//testcase").count == LinkRules.all.count)
    }

    @Test func theReportListsRemarks() throws {
        var evidence = SyntheticEvidence.good()
        evidence = evidence.withAnswers { $0.reach["prometheus"] = .silent("<refused>") }
        let indexed = IndexedEvidence(evidence)
        let report = VerificationReport(
            seed: 7, startedAt: 1, duration: .seconds(1), evidence: indexed, results: LinkRules.check(indexed))
        #expect(report.isPassed)
        #expect(
            TextReport.lines(report).map(\.plain).contains { $0.hasPrefix("  by the way: 21: Prometheus does not") })
        let json = try JSONValue(parsing: JSONReport.text(report))
        #expect(json["rules"]?[20]?["notes"]?[0]?.string?.hasSuffix("stays empty: <refused>") == true)
        #expect(json["rules"]?[19]?["notes"] == nil)
        let xml = try XMLDocument(data: Data(JUnitReport.text(report).utf8))
        let said = try xml.nodes(forXPath: "//testcase[@name='21 data sources answer']/system-out")
        #expect(said.first?.stringValue?.hasSuffix("<refused>") == true)
    }

    @Test(arguments: [
        ("<a b=\"c\">&'", "&lt;a b=&quot;c&quot;&gt;&amp;&apos;"), ("a\nb\tc\r", "a&#10;b&#9;c&#13;"),
        ("\u{0}\u{8}\u{FFFF}", "\u{FFFD}\u{FFFD}\u{FFFD}"), ("é😀", "é😀"),
    ])
    func xmlSpecialCharactersAreEscaped(_ text: String, _ escaped: String) {
        #expect(JUnitReport.escaped(text) == escaped)
    }
}
