import CommandLine
import Encoding
import Verification

/// What a check came to, for people and for programs.
package struct SymptomReport: Sendable {
    package let incident: String
    package let results: [SymptomResult]

    package init(incident: String, results: [SymptomResult]) {
        self.incident = incident
        self.results = results
    }

    package var isPassed: Bool { results.allSatisfy(\.isSeen) }
    package var couldBeMeasured: Bool { results.allSatisfy(\.couldBeMeasured) }
    private var seenCount: Int { results.count { $0.isSeen } }

    package var summary: String {
        isPassed
            ? "all \(results.count) symptoms are seen"
            : "\(results.count - seenCount) of \(results.count) symptoms are not seen"
    }

    package func lines() -> [StyledText] {
        var table = Table(["SYMPTOM", .right("MEASURED"), "EXPECTED", "", ""])
        for result in results {
            table.append([
                StyledText(result.symptom.id), StyledText(result.measuredText), StyledText("\(result.symptom.expect)"),
                result.isSeen ? StyledText("ok", .color(.green)) : StyledText("failed", .color(.red).bold),
                StyledText(result.symptom.title, .dim),
            ])
        }
        let troubles = results.compactMap { result -> StyledText? in
            guard case .failure(let trouble) = result.measured else { return nil }
            return StyledText("\(result.symptom.id): \(trouble)", .color(.red))
        }
        return table.lines() + troubles + [
            "", StyledText(summary, .color(isPassed ? .green : .red).bold),
        ]
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("incident", incident)
            json.member("passed", isPassed)
            json.name("symptoms")
            json.array { json in
                for result in results {
                    json.object { json in
                        json.member("id", result.symptom.id)
                        json.member("title", result.symptom.title)
                        let (language, query) = result.symptom.query.text
                        json.member(language, query)
                        json.member("expect", "\(result.symptom.expect)")
                        switch result.measured {
                        case .success(let value): json.member("measured", value)
                        case .failure(let trouble): json.member("trouble", trouble.description)
                        }
                        json.member("seen", result.isSeen)
                    }
                }
            }
        }
    }

    /// JUnit XML: one test case a symptom.
    package var junit: String {
        let failures = results.count { !$0.isSeen && $0.couldBeMeasured }
        let errors = results.count { !$0.couldBeMeasured }
        let totals = "tests=\"\(results.count)\" failures=\"\(failures)\" errors=\"\(errors)\""
        var xml = """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="tailspan incident check" \(totals)>
              <testsuite name="\(JUnitReport.escaped(incident))" \(totals)>

            """
        for result in results {
            let name = JUnitReport.escaped("\(result.symptom.id): \(result.symptom.title)")
            let head = "    <testcase classname=\"tailspan.incident.\(JUnitReport.escaped(incident))\" name=\"\(name)\""
            let query = JUnitReport.escaped(result.symptom.query.text.query)
            switch result.measured {
            case .success where result.isSeen: xml += head + "/>\n"
            case .success:
                let message = "measured \(result.measuredText), expected \(result.symptom.expect)"
                xml +=
                    head + ">\n      <failure message=\"\(JUnitReport.escaped(message))\">\(query)</failure>\n"
                    + "    </testcase>\n"
            case .failure(let trouble):
                xml +=
                    head + ">\n      <error message=\"\(JUnitReport.escaped(trouble.description))\">\(query)</error>\n"
                    + "    </testcase>\n"
            }
        }
        return xml + "  </testsuite>\n</testsuites>\n"
    }
}

extension SymptomResult {
    /// At most three digits after the point.
    var measuredText: String {
        guard case .success(let value) = measured else { return "?" }
        let rounded = (value * 1000).rounded() / 1000
        return rounded.argument
    }
}
