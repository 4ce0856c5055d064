import Encoding

/// The report as JUnit XML, for continuous integration: one test case per rule.
package enum JUnitReport {
    package static func text(_ report: VerificationReport) -> String {
        let results = report.results
        let failures = results.count { !$0.findings.violations.isEmpty }
        let skipped = results.count { $0.isSkipped }
        let seconds = Double(Int64(report.duration / .milliseconds(1))) / 1000
        // An incomplete run fails the build, even if all rules hold so far.
        let errors = report.verdict == .incomplete ? 1 : 0
        let totals =
            "tests=\"\(results.count + errors)\" failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"\(skipped)\""
        var xml = """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="tailspan verify" \(totals) time="\(seconds)">
              <testsuite name="log-to-trace links" \(totals) time="\(seconds)" \
            timestamp="\(RFC3339.string(nanosecondsSinceEpoch: report.startedAt).prefix(19))">
                <properties>
                  <property name="seed" value="\(report.seed)"/>
                  <property name="summary" value="\(escaped(report.summary))"/>
                </properties>

            """
        if errors > 0 {
            xml +=
                "    <testcase classname=\"tailspan.verify\" name=\"all has arrived\" time=\"0\">\n      "
                + "<error message=\"\(escaped(report.summary))\"/>\n    </testcase>\n"
        }
        for result in results { xml += testCase(result) }
        xml += "  </testsuite>\n</testsuites>\n"
        return xml
    }

    private static func testCase(_ result: RuleResult) -> String {
        let name = escaped("\(result.rule.number) \(result.rule.name)")
        let head = "    <testcase classname=\"tailspan.verify\" name=\"\(name)\" time=\"0\""
        let findings = result.findings
        if !findings.violations.isEmpty {
            let message =
                "\(VerificationReport.count(findings.violations.count, "violation")), \(findings.checked) checked"
            let details = findings.violations.map(\.text).joined(separator: "\n")
            return head + ">\n      <failure type=\"rule \(result.rule.number)\" message=\"\(escaped(message))\">"
                + escaped(details) + "</failure>\n\(said(findings))    </testcase>\n"
        }
        if let reason = findings.notChecked {
            return head + ">\n      <skipped message=\"\(escaped(reason))\"/>\n\(said(findings))    </testcase>\n"
        }
        return findings.notes.isEmpty ? head + "/>\n" : head + ">\n\(said(findings))    </testcase>\n"
    }

    /// Notes: worth knowing, but not faults.
    private static func said(_ findings: Findings) -> String {
        guard !findings.notes.isEmpty else { return "" }
        return "      <system-out>\(escaped(findings.notes.joined(separator: "\n")))</system-out>\n"
    }

    /// For attributes and content. Characters that XML 1.0 cannot represent become U+FFFD.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&apos;"
            case "\t", "\n", "\r": result += "&#\(scalar.value);"
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension RuleResult {
    /// Whether the rule could not be applied.
    package var isSkipped: Bool { findings.violations.isEmpty && findings.notChecked != nil }
}

extension Violation {
    /// `payments: there is no … (trace …, span …)`, then the line.
    package var text: String {
        var places: [String] = []
        if let traceID { places.append("trace \(traceID)") }
        if let spanID { places.append("span \(spanID)") }
        let place = places.isEmpty ? "" : " (\(places.joined(separator: ", ")))"
        return (service.map { $0 + ": " } ?? "") + message + place + (line.map { "\n    " + $0 } ?? "")
    }
}
