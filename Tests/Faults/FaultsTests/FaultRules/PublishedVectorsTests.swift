import Encoding
import Foundation
import Testing
import TraceContext
import Vocabulary

@testable import FaultKinds
@testable import FaultRules

/// `docs/faults.md` as the tests read it.
enum FaultsPage {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let file = root.appending(path: "docs/faults.md")

    static func text() throws -> String { try String(contentsOf: file, encoding: .utf8) }

    /// The cells of all table rows with so many columns whose first cell is a number.
    static func vectors(columns: Int) throws -> [[String]] {
        try text().split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
            line.dropFirst().dropLast().split(separator: "|").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            }
        }
        .filter { $0.count == columns && UInt64($0[0]) != nil }
    }
}

/// The vectors that another implementation can be checked against.
@Suite("The decisions published in docs/faults.md")
struct PublishedVectorsTests {
    private func decision(_ cells: [String]) throws -> FaultDecision {
        let seed = try #require(UInt64(cells[0]))
        if let traceID = TraceID(cells[2]) { return FaultDecision(seed: seed, ruleID: cells[1], traceID: traceID) }
        return FaultDecision(seed: seed, ruleID: cells[1], requestID: cells[2])
    }

    @Test("Hashes, numbers and results match the published vectors")
    func decisionsMatchThePublishedVectors() throws {
        let vectors = try FaultsPage.vectors(columns: 7)
        #expect(vectors.count >= 10)
        for cells in vectors {
            let decision = try decision(cells)
            #expect(decision.hash == UInt64(cells[3], radix: 16), "\(cells)")
            #expect(decision.number(0) == Double(cells[4]), "\(cells)")
            let rate = try #require(RuleValue.share(cells[5]))
            #expect((decision.isHit(rate: rate) ? "hit" : "not hit") == cells[6], "\(cells)")
        }
        #expect(Set(vectors.map { $0[6] }) == ["hit", "not hit"])
    }

    @Test("Samples of every distribution match the published vectors")
    func samplesOfEveryDistributionMatch() throws {
        let vectors = try FaultsPage.vectors(columns: 5)
        var shapes: Set<String> = []
        for cells in vectors {
            let rule = try FaultRule(parsing: "payments:latency=\(cells[3]),id=\(cells[1]),seed=\(cells[0])")
            let hit = FaultHit(rule: rule, decision: try decision(cells))
            #expect(hit.delay.wholeMicroseconds == Int64(cells[4]), "\(cells)")
            shapes.insert(String(cells[3].prefix { $0 != "(" && $0 != "2" }))
        }
        #expect(shapes == ["", "uniform", "normal", "lognormal", "pareto"])
    }

    @Test("A Python implementation written from the page alone agrees")
    func aPythonImplementationAgrees() throws {
        let process = Process()
        // It needs no package, so any Python will do.
        let own = ProcessInfo.processInfo.environment["TAILSPAN_PYTHON"]
        process.executableURL = URL(fileURLWithPath: own ?? "/usr/bin/env")
        let script = FaultsPage.root.appending(path: "Tests/Support/python/fault_decisions.py").path
        process.arguments = (own == nil ? ["python3"] : []) + ["-B", script, FaultsPage.file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(said)")
        let count = try FaultsPage.vectors(columns: 7).count + FaultsPage.vectors(columns: 5).count
        #expect(said.hasSuffix("\(count) vectors, 0 wrong\n"), "\(said)")
    }

    @Test("The published table of kinds matches the code")
    func theTableOfKindsMatchesTheCode() throws {
        let expected =
            ["| Kind | Scope | Argument | Default | Services | What happens |", "|---|---|---|---|---|---|"]
            + FaultKind.allCases.map(Self.row)
        let text = try FaultsPage.text()
        let begin = try #require(text.range(of: "<!-- kinds: held equal to the code by a test -->\n"))
        let end = try #require(text.range(of: "\n<!-- end of kinds -->"))
        let table = text[begin.upperBound..<end.lowerBound].split(separator: "\n").map(String.init)
        // Row by row, so that a failure shows what to write where.
        for (row, expected) in zip(table, expected) { #expect(row == expected) }
        #expect(table.count == expected.count)
    }

    private static func row(_ kind: FaultKind) -> String {
        let roles = ServiceRole.allCases.filter(kind.services.contains)
        var services = roles.count == ServiceRole.allCases.count ? "all" : roles.map(\.rawValue).joined(separator: ", ")
        if let operation = kind.onlyOperation { services += " (`\(operation)`)" }
        let argument = kind.argument.placeholder.map { "`\($0)`" } ?? ""
        var standard = kind.argument == .none ? "" : "must be given"
        if let text = kind.argument.standardText { standard = kind.argument == .upstream ? text : "`\(text)`" }
        return
            "| `\(kind.rawValue)` | \(kind.scope.rawValue) | \(argument) | \(standard) | \(services) | \(kind.summary) |"
    }
}
