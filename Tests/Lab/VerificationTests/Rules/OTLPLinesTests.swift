import Encoding
import Testing

@testable import Verification

/// The text of a line sent over OTLP is the message alone; the fields are structured metadata.
@Suite("Lines that arrived over OTLP") struct OTLPLinesTests {
    /// The evidence as a store has it whose lines came over OTLP.
    private func evidence() -> Evidence {
        var evidence = SyntheticEvidence.good()
        evidence.lines = evidence.lines.map(Self.overOTLP)
        // Expressions that read the ids in a line's text have nothing to read.
        evidence.provisioned = .unknown("not looked at")
        return evidence
    }

    private static func overOTLP(_ line: LogRecord) -> LogRecord {
        var labels = line.labels
        for member in line.fields.members where member.name != "message" && member.name != "timestamp" {
            labels[member.name] = member.value.plainText
        }
        labels["message"] = nil
        labels["severity_text"] = line.level?.uppercased()
        labels["severity_number"] = "9"
        labels["observed_timestamp"] = "\(line.timestampNS + 5)"
        return LogRecord(timestampNS: line.timestampNS, labels: labels, line: line.message)
    }

    private func violated(_ evidence: Evidence) -> Set<Int> {
        Set(LinkRules.check(evidence).filter { !$0.findings.violations.isEmpty }.map(\.rule.number))
    }

    @Test func otlpLinesAreJudgedWithTheirMetadata() {
        let evidence = evidence()
        #expect(evidence.lines.allSatisfy { $0.format == .otlp })
        let texts = evidence.lines.map(\.line)
        #expect(Set(texts).count < texts.count, "texts alone do not tell one line from another")
        #expect(violated(evidence).isEmpty)
    }

    @Test func aDuplicateOTLPLineIsFoundByTextAndMetadata() throws {
        var evidence = evidence()
        var line = try #require(evidence.lines.first { $0.traceID != nil })
        // A store that took it twice saw it at two times.
        line.timestampNS += 1
        line.labels["observed_timestamp"] = "1"
        evidence.lines.append(line)
        #expect(violated(evidence) == [11])
    }

    @Test func aTruncatedOTLPLineViolatesItsRule() throws {
        var evidence = evidence()
        let index = try #require(evidence.lines.firstIndex { $0.traceID != nil })
        let line = evidence.lines[index]
        evidence.lines[index] = LogRecord(
            timestampNS: line.timestampNS, labels: line.labels, line: "{\"message\":\"requ")
        #expect(violated(evidence) == [16])
        evidence.lines[index] = LogRecord(timestampNS: line.timestampNS, labels: line.labels, line: "")
        #expect(violated(evidence) == [16])
    }

    @Test func aLineWithoutOTLPMetadataIsAnOrdinaryLine() throws {
        var evidence = SyntheticEvidence.good()
        evidence.lines.append(
            LogRecord(
                timestampNS: evidence.lines[0].timestampNS, labels: ["service": "tasks"], line: "request completed"))
        evidence.provisioned = .unknown("not looked at")
        #expect(violated(evidence) == [16])
    }
}
