import Incidents
import Testing

@Suite("The reduced ledger")
struct ReducedLedgerTests {
    private func line(
        _ trace: String?, _ rule: String, service: String = "tasks", time: Int = 0, number: Int = 1,
        operation: String? = "create-task", value: String = "1s"
    ) -> String {
        let traceID = trace.map { "\"trace_id\":\"\($0)\",\"request_id\":\"r\(number)\"," } ?? ""
        let name = operation.map { "\"operation\":\"\($0)\"," } ?? ""
        return """
            {"number":\(number),"time":"2026-11-20T10:00:0\(time)Z",\(traceID)"service":"\(service)",\(name)"rule":"\(rule)",\
            "kind":"latency","value":"\(value)"}
            """
    }

    private func reduce(_ lines: [String], _ traces: Set<String> = ["a", "b"]) -> ReducedLedger {
        ReducedLedger(lines.compactMap { LedgerLine($0) }, traces: traces)
    }

    @Test("The fingerprint ignores order, numbers, request ids, repetitions and times")
    func theFingerprintIgnoresOrderTimesAndRepetitions() {
        let one = reduce([
            line("b", "slow", number: 1), line("a", "slow", time: 3, number: 2), line("a", "slow", time: 1, number: 3),
            line(nil, "unready", operation: nil),
        ])
        let other = reduce([
            line(nil, "unready", time: 8, operation: nil), line("a", "slow", time: 2, number: 7),
            line("b", "slow", time: 9, number: 9), line("b", "slow", time: 7, number: 10),
        ])
        #expect(one.comparedText == other.comparedText)
        #expect(one.fingerprint == other.fingerprint)
        #expect(one.text != other.text)
        #expect(one.lines.map(\.traceID) == [nil, "a", "b"])
        #expect(one.lines[1].time == "2026-11-20T10:00:01Z", "the earliest")
    }

    @Test("The fingerprint depends on what was drawn, where and by which rule", arguments: 0..<5)
    func theFingerprintDependsOnValuePlaceAndRule(index: Int) {
        let changed = [
            line("b", "slow"), line("a", "other"), line("a", "slow", service: "payments"),
            line("a", "slow", operation: "list-tasks"), line("a", "slow", value: "2s"),
        ][index]
        #expect(reduce([line("a", "slow")]).fingerprint != reduce([changed]).fingerprint)
        #expect(reduce([line("a", "slow"), changed]).lines.count == 2)
    }

    @Test("The time is the last field, so that a line without it is a prefix")
    func theTimeIsTheLastFieldOfALine() throws {
        let ledger = reduce([line("a", "slow")])
        let compared =
            #"{"trace_id":"a","service":"tasks","operation":"create-task","rule":"slow","kind":"latency","value":"1s"}"#
        #expect(ledger.comparedText == compared + "\n")
        #expect(ledger.text == compared.dropLast() + #","time":"2026-11-20T10:00:00Z"}"# + "\n")
    }

    @Test("Requests of others are counted and left out")
    func foreignRequestsAreCountedAndLeftOut() {
        let ledger = reduce([line("a", "slow"), line("z", "slow"), line(nil, "unready", operation: nil)])
        #expect(ledger.foreign == 1)
        #expect(ledger.countsByRule.map { "\($0.rule) \($0.count)" } == ["slow 1", "unready 1"])
    }

    @Test("A truncated line of a killed process is ignored", arguments: [#"{"number":1,"ti"#, "", "{}", "[1]"])
    func aTruncatedLineIsIgnored(text: String) { #expect(LedgerLine(text) == nil) }
}
