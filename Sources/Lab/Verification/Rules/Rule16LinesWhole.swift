package struct LinesWholeRule: LinkRule {
    package let number = 16
    package let name = "lines are whole"
    package let explanation = """
        Each stored line is one that a service writes: one JSON object, the text format, or, over OTLP, a message with \
        its fields as structured metadata; from its beginning to its end. What a line says of a request stands beside it \
        as structured metadata, where panels and alerts read it. Broken by a library that prints past the logger, by a \
        stack trace of many lines, by a line that is longer than the log store takes and was cut, or by a shipper that \
        leaves a field out.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        for line in evidence.evidence.lines {
            findings.looked()
            let missing = line.fieldsWithoutMetadata
            if !missing.isEmpty {
                findings.violate(
                    "the structured metadata lack or change \(missing.joined(separator: ", "))", service: line.service,
                    traceID: line.traceID, spanID: line.spanID, line: line.line)
            }
            let isEmpty = line.format == .otlp && line.line.isEmpty
            guard line.format == .plain || line.isCutOff || isEmpty else { continue }
            let message =
                line.isCutOff
                ? "the line breaks off after \(line.line.utf8.count) bytes"
                : isEmpty ? "the record has no message" : "the line is neither JSON nor the text format"
            findings.violate(
                message, service: line.service, traceID: line.traceID, spanID: line.spanID,
                line: String(line.line.prefix(500)))
        }
    }
}
