import HTTPFuzzing
import Testing

@Suite("Mutated messages")
struct MutatedMessagesTests {
    /// `make fuzz` does more of them, under an address sanitizer.
    @Test("Parser, server and client keep their rules for messages that nobody would think of")
    func parserServerAndClientKeepTheirRules() async throws {
        var run = FuzzRun()
        run.count = 5000
        let report = try await withSocketFolder { try await run.run(folder: $0) }
        #expect(report.findings.isEmpty, "\(report.findings.joined(separator: "\n"))")
        #expect(report.requests == 5000 && report.responses == 5000 && report.served == 250 && report.received == 250)
        // Neither all nothing nor all well.
        #expect(report.accepted > 200 && report.refused > 1000)
    }
}
