import Encoding
import RegularExpressions
import Vocabulary

package struct DerivedFieldsRule: LinkRule {
    package let number = 13
    package let name = "derived fields find ids"
    package let explanation = """
        The derived fields of Grafana's Loki data source find each line's trace id, and nothing else: one of them at \
        least, and those that search the line in every line that names its trace. Broken by an expression that fits \
        another format, by a label that goes by another name (a field that fits no line's labels is dead), or by two \
        fields of one name: Grafana uses the first.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        guard case .known(let links) = evidence.evidence.provisioned else {
            return findings.skip(links: evidence.evidence.provisioned)
        }
        guard !links.dataSources.isEmpty else { return findings.skip("\(links.origin) has no data source") }
        for source in links.dataSources where source.isLogStore {
            guard let matchers = matchers(of: source, links, evidence, &findings) else { continue }
            check(evidence, source, matchers, &findings)
        }
        if !links.dataSources.contains(where: \.isLogStore) {
            findings.looked()
            findings.violate("\(links.origin) has no data source of the type loki")
        }
    }

    /// The fields about trace ids; `nil` if one of them cannot be applied.
    private func matchers(
        of source: DataSource, _ links: ProvisionedLinks, _ evidence: IndexedEvidence, _ findings: inout Findings
    ) -> [DerivedFieldMatcher]? {
        var matchers: [DerivedFieldMatcher] = []
        for field in source.derivedFields where links.mayBeAboutTraces(field) {
            findings.looked()
            if matchers.contains(where: { $0.field.name == field.name }) {
                findings.violate(
                    "\(source.name) has two derived fields \(field.name): Grafana uses the matcher of the first only")
                return nil
            }
            do {
                matchers.append(try DerivedFieldMatcher(field))
            } catch let error where DerivedFieldMatcher.isBeyondUs(field.expression) {
                findings.skip("derived field \(field.name) of \(source.name) is for browsers only: \(error)")
                return nil
            } catch {
                findings.violate("derived field \(field.name) of \(source.name) cannot be applied: \(error)")
                return nil
            }
        }
        return matchers.filter { links.leadsToTraces($0.field) || $0.findsIDs(in: evidence) }
    }

    /// A field that matches no label of any line is useless, unless another field takes its place.
    private func checkLabels(
        _ evidence: IndexedEvidence, _ source: DataSource, _ matchers: [DerivedFieldMatcher],
        _ findings: inout Findings
    ) {
        let lines = evidence.linkedLines
        guard let example = lines.first?.line else { return }
        for matcher in matchers where matcher.field.matcher == .label {
            findings.looked()
            guard lines.allSatisfy({ matcher.value(in: $0.line) == nil }) else { continue }
            findings.violate(
                "derived field \(matcher.field.name) of \(source.name) fits no label of any line: none is called "
                    + "'\(matcher.field.expression)'",
                service: example.service, traceID: example.traceID, spanID: example.spanID, line: example.line)
        }
    }

    private func check(
        _ evidence: IndexedEvidence, _ source: DataSource, _ matchers: [DerivedFieldMatcher],
        _ findings: inout Findings
    ) {
        checkLabels(evidence, source, matchers, &findings)
        let searches = matchers.isEmpty || matchers.contains { $0.field.matcher == .regex }
        for (line, standing) in zip(evidence.evidence.lines, evidence.standings) {
            func violate(_ message: String) {
                findings.violate(
                    message, service: line.service, traceID: line.traceID, spanID: line.spanID, line: line.line)
            }
            let found = matchers.map { ($0, $0.value(in: line)) }
            for case (let matcher, let value?) in found where value != line.traceID {
                violate(
                    "derived field \(matcher.field.name) of \(source.name) finds '\(value)', which is not the line's trace id"
                )
            }
            // Another rule reports lines without a valid id.
            guard standing.namesATraceOfOurs else { continue }
            // Likewise for lines whose label lacks the id, if the line is not searched.
            guard searches || line.labels[LogField.traceID] != nil else { continue }
            findings.looked()
            if found.allSatisfy({ $0.1 == nil }) {
                violate("no derived field of \(source.name) finds the line's trace id")
                continue
            }
            let searching = found.filter { $0.0.field.matcher == .regex }
            if !searching.isEmpty, line.fields[LogField.traceID] != nil, searching.allSatisfy({ $0.1 == nil }) {
                let names = searching.map(\.0.field.name).joined(separator: ", ")
                violate(
                    "without the label no derived field of \(source.name) finds the trace id in the line: not \(names)")
            }
        }
    }
}

/// A compiled derived field.
///
/// Grafana evaluates the expressions in the browser, as JavaScript. Here they run in linear time; the results are the
/// same for syntax that both support.
struct DerivedFieldMatcher {
    let field: DerivedField
    private let groups: RegexExtractor
    private let names: RegexMatcher

    init(_ field: DerivedField) throws(RegularExpressionError) {
        self.field = field
        groups = RegexExtractor(try RegexExtraction(field.expression), anchored: false)
        names = RegexMatcher(try RegularExpression(field.expression), anchored: false)
    }

    /// Whether it finds the trace id of any line, whatever it links to.
    func findsIDs(in evidence: IndexedEvidence) -> Bool {
        evidence.linkedLines.contains { value(in: $0.line) == $0.line.traceID }
    }

    /// Whether JavaScript may support an expression that is not supported here.
    static func isBeyondUs(_ expression: String) -> Bool {
        ["(?=", "(?!", "(?<=", "(?<!", "\\1", "\\k<", "\\u", "\\c"].contains { expression.contains($0) }
    }

    /// The value that Grafana extracts from a line; `nil` if none.
    func value(in line: LogRecord) -> String? {
        switch field.matcher {
        case .label: return line.labels.keys.sorted().first { names.matches($0) }.flatMap { line.labels[$0] }
        case .regex:
            guard let match = groups.groups(in: line.line), match.count > 1, let group = match[1] else {
                return nil
            }
            return group.isEmpty ? nil : group
        }
    }
}

extension ProvisionedLinks {
    /// Whether a derived field leads to traces or, as far as is known, should.
    func leadsToTraces(_ field: DerivedField) -> Bool {
        guard let uid = field.datasourceUID else { return field.dashboard != nil }
        return dataSources.find(uid)?.isTraceStore ?? true
    }

    /// A field that leaves Grafana is not checked; one that leads to a store of another type may be about traces.
    func mayBeAboutTraces(_ field: DerivedField) -> Bool { field.datasourceUID != nil || field.dashboard != nil }
}

extension DerivedField {
    /// The dashboard that it passes its value to, if any.
    var dashboard: GrafanaAddress? {
        guard datasourceUID == nil, url.contains("${__value.raw"), let address = GrafanaAddress(url),
            case .dashboard = address.target
        else { return nil }
        return address
    }
}

extension Findings {
    /// For rules about Grafana when nothing is known about it.
    mutating func skip(links: Provisioned) {
        if case .unknown(let reason) = links { skip(reason) }
    }
}

extension LineStanding {
    /// Whether the line has the trace id of a request in a searchable form.
    var namesATraceOfOurs: Bool {
        switch self {
        case .traceMissing, .unknownSpan, .otherService, .linked: true
        default: false
        }
    }
}
