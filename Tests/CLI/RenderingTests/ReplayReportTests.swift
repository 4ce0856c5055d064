import FaultRules
import ServiceKit
import Terminal
import Testing
import Verification

@testable import Rendering
@testable import Replay

@Suite("The report of a replay")
struct ReplayReportTests {
    private func entry(_ rule: String, _ value: String) -> FaultLedger.Entry {
        FaultLedger.Entry(time: 0, service: "payments", rule: rule, kind: "latency", value: value)
    }

    private func side(
        _ status: Int? = 201, _ ledger: [FaultLedger.Entry] = [], _ trace: TraceData? = SampleTrace.trace
    ) -> ReplayComparison.Side {
        ReplayComparison.Side(
            traceID: SampleTrace.id, status: status, duration: .milliseconds(80), ledger: ledger, trace: trace)
    }

    @Test("The outcome is the same when answer and faults are, whatever the spans")
    func theOutcomeIsTheSameWithEqualAnswersAndFaults() {
        var fewer = SampleTrace.trace
        fewer.spans.removeLast()
        let faults = [entry("a", "5ms")]
        let comparison = ReplayComparison(before: side(201, faults), after: side(201, faults, fewer))
        #expect(comparison.isSame)
        #expect(
            comparison.spanCounts == [.init(span: "payments POST /v1/reservations", before: 1, after: 0)])
        #expect(!ReplayComparison.isWhole(fewer, as: SampleTrace.trace))
        #expect(ReplayComparison.isWhole(SampleTrace.trace, as: fewer))
    }

    @Test("Another status, another sample, or one fault more or less is another outcome")
    func anotherStatusOrFaultIsAnotherOutcome() {
        let before = side(201, [entry("a", "5ms")])
        func after(_ status: Int?, _ faults: [FaultLedger.Entry]) -> ReplayComparison {
            ReplayComparison(before: before, after: side(status, faults))
        }
        #expect(!after(503, [entry("a", "5ms")]).isSame && !after(nil, [entry("a", "5ms")]).isSame)
        #expect(after(201, []).missingFaults == ["a"] && !after(201, []).isSame)
        let more = after(201, [entry("a", "5ms"), entry("b", "")])
        #expect(more.newFaults == ["b"] && !more.isSame)
        let other = after(201, [entry("a", "6ms")])
        #expect(other.changedFaults == ["a"] && !other.isSame)
        // One side that knows no sample says nothing against the other.
        #expect(after(201, [entry("a", "")]).isSame)
    }

    @Test("Faults that no ledger knows any more are read from the spans")
    func faultsMissingFromTheLedgerComeFromTheSpans() {
        var trace = SampleTrace.trace
        trace.spans[5].attributes.append(.init("tailspan.fault.id", "a,b"))
        #expect(Set(side(201, [], trace).faults.keys) == ["a", "b"])
    }

    @Test("Only large differences in duration are reported")
    func onlyLargeDifferencesInDurationAreReported() {
        var slower = SampleTrace.trace
        slower.spans[5].endNS += 100_000_000
        slower.spans[3].endNS += 1_000_000
        let comparison = ReplayComparison(before: side(), after: side(201, [], slower))
        #expect(comparison.spanTimes.map(\.span) == ["payments POST /v1/reservations"])
        #expect(comparison.spanTimes.first?.after == .milliseconds(125))
    }

    private func report(width: Int?) throws -> [String] {
        let record = JournalRecord(
            traceID: SampleTrace.id, traceFlags: "03", requestID: "req-1", time: 0, method: "POST", path: "/v1/tasks",
            query: "mode=async", contentType: "application/json", baggage: nil, body: Array("{}".utf8), bodySize: 2,
            redacted: [],
            status: 201, isWritten: true, duration: .milliseconds(80), seed: 7, rules: [], injections: [])
        let plan = try ReplayPlan(record, services: [], now: 0) { 1 }
        let comparison = ReplayComparison(before: side(402), after: side(201, [entry("a", "5ms")], nil))
        return ReplayReport(comparison, plan, lines: nil).lines(width: width, unicode: true).map(\.plain)
    }

    @Test("The report stands side by side on a wide terminal only")
    func theReportStandsSideBySideOnAWideTerminalOnly() throws {
        let wide = try report(width: 150)
        let title = try #require(wide.first { $0.hasPrefix("then") })
        #expect(title.contains("│ now  \(SampleTrace.id)"))
        #expect(wide.contains { $0.hasPrefix("payments        └ POST /v1/") && $0.contains(" │ ") })
        #expect(wide.allSatisfy { DisplayWidth.of($0) <= 150 })
        for width in [100, nil] {
            let narrow = try report(width: width)
            let first = try #require(narrow.firstIndex { $0.hasPrefix("then  ") })
            let second = try #require(narrow.firstIndex { $0.hasPrefix("now  ") })
            #expect(first < second && !narrow.contains { $0.contains(" │ ") && $0.contains("POST") })
        }
    }

    @Test("The report lists the differences and ends with the outcome")
    func theReportListsDifferencesAndEndsWithTheOutcome() throws {
        let lines = try report(width: 120)
        #expect(lines.contains("answer    402      201      differs"))
        #expect(lines.contains("faults    none     a=5ms    differs"))
        #expect(lines.contains("no spans"))
        #expect(lines.last == "another outcome")
    }
}
