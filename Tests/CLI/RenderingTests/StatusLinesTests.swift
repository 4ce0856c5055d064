import Terminal
import Testing

@testable import Rendering
@testable import Supervision

@Suite("The status lines at the bottom")
struct StatusLinesTests {
    private static let names = ["gateway", "tasks", "executor", "payments", "pocket"]

    private func lines(
        _ change: (inout [(name: String, state: PartState)], inout [String: PartReading]) -> Void = { _, _ in },
        columns: Int = 80, unicode: Bool = true
    ) -> [String] {
        var states = Self.names.map { (name: $0, state: PartState.ready) }
        var readings: [String: PartReading] = [:]
        for name in Self.names.dropLast() {
            readings[name] = PartReading(health: .answers, figures: .made(12.4, failed: 0.002, p95: .milliseconds(812)))
        }
        readings["pocket"] = PartReading(health: .answers)
        change(&states, &readings)
        let terminal = Terminal(
            sink: MemorySink(columns: columns), isInteractive: true, showsUnicode: unicode)
        return StatusLines(states: states, readings: readings).lines(on: terminal).map(\.plain)
    }

    @Test("The rate, errors and p95 of each part fit 80 columns in every state", arguments: [60, 80, 120, 200])
    func theStatusLinesFitEightyColumns(columns: Int) {
        let all = lines(
            { states, readings in
                states[0].state = .exited(.signal(11))
                states[1].state = .exited(.code(-1))
                states[2].state = .draining
                readings["payments"]?.health = .silent
            }, columns: columns)
        #expect(all.count == 2)
        #expect(all.allSatisfy { $0.count < columns }, "\(all)")
        #expect(lines(columns: columns).allSatisfy { $0.count < columns }, "\(lines(columns: columns))")
    }

    @Test("Typical figures are not cut at 80 columns")
    func typicalFiguresAreNotCutAtEightyColumns() {
        let lines = lines()
        #expect(lines[0] == "● gateway       ● tasks         ● executor      ● payments      ● pocket")
        #expect(lines[1] == "12/s 1% 812ms   12/s 1% 812ms   12/s 1% 812ms   12/s 1% 812ms   ready")
        #expect(self.lines(columns: 200)[1].hasPrefix("12/s 1% err p95 812ms "))
    }

    @Test(
        "The longest possible figures are not cut either",
        arguments: zip(
            [PartFigures.made(1234, failed: 1, p95: .seconds(99)), .made(52_340, failed: 0.994, p95: .seconds(3600))],
            ["1.2k 100% 99.0s", "52k 100% 3600s"]))
    func theLongestFiguresAreNotCut(figures: PartFigures, text: String) {
        let lines = lines { _, readings in
            for name in Self.names { readings[name]?.figures = figures }
        }
        #expect(lines[1].ranges(of: text).count == 5, "\(lines[1])")
        #expect(!lines[1].contains("…"))
    }

    @Test("A part that is silent, not ready or dead is described in words, without colours or signs")
    func aProblemIsStatedInWords() {
        let lines = lines(
            { states, readings in
                readings["tasks"]?.health = .unready
                readings["executor"]?.health = .silent
                states[3].state = .exited(.signal(9))
                states[4].state = .exited(.code(0))
            }, unicode: false)
        #expect(lines[0] == "gateway         tasks           executor        payments        pocket")
        #expect(lines[1] == "12/s 1% 812ms   not ready       not answering   died, signal 9  stopped")
    }
}

extension PartFigures {
    /// Figures as they are shown; nothing was measured.
    static func made(_ rate: Double, failed: Double?, p95: Duration?) -> PartFigures {
        var before = PartCounters()
        before.requests = 0
        var now = PartCounters()
        now.requests = 1
        var figures = PartFigures(now, since: before, in: .seconds(1))!
        (figures.rate, figures.failed, figures.p95) = (rate, failed, p95)
        return figures
    }
}
