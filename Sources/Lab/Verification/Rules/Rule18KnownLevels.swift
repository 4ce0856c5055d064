import Logging

package struct KnownLevelsRule: LinkRule {
    package let number = 18
    package let name = "levels are known"
    package let explanation = """
        The level of each line is one of seven. It becomes a label of the log store, where every new value makes a stream \
        of its own: a level that is made up for each request fills the index. Broken by a value in the place of a level, \
        or by a library with words of its own.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for line in evidence.evidence.lines {
            findings.looked()
            guard !line.hasKnownLevel else { continue }
            findings.violate(
                "level '\(line.level ?? "")' is none of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))",
                service: line.service, traceID: line.traceID, spanID: line.spanID, line: line.line)
        }
    }
}
