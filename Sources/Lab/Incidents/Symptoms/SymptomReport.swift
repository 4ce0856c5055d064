import Encoding
import Verification

/// The result of a check, for people and for programs.
package struct SymptomReport: Sendable {
    package let incident: String
    package let results: [SymptomResult]
    /// Whether symptoms are shown by number only: their names reveal what went wrong.
    package let isHidden: Bool

    package init(incident: String, results: [SymptomResult], isHidden: Bool = false) {
        self.incident = incident
        self.results = results
        self.isHidden = isHidden
    }

    /// The name of the symptom at `index`, or its number if names are hidden.
    package func id(_ index: Int) -> String { isHidden ? "\(index + 1)" : results[index].symptom.id }
    package func title(_ index: Int) -> String { isHidden ? "" : results[index].symptom.title }

    package var isPassed: Bool { results.allSatisfy(\.isSeen) }
    package var couldBeMeasured: Bool { results.allSatisfy(\.couldBeMeasured) }
    private var seenCount: Int { results.count { $0.isSeen } }

    package var summary: String {
        isPassed
            ? "all \(results.count) symptoms are seen"
            : "\(results.count - seenCount) of \(results.count) symptoms are not seen"
    }

    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("incident", incident)
            json.member("passed", isPassed)
            json.name("symptoms")
            json.array { json in
                for (index, result) in results.enumerated() {
                    json.object { json in
                        json.member("id", id(index))
                        if !isHidden {
                            json.member("title", result.symptom.title)
                            let (language, query) = result.symptom.query.text
                            json.member(language, query)
                        }
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

    /// JUnit XML: one test case per symptom.
    package var junit: String {
        let failures = results.count { !$0.isSeen && $0.couldBeMeasured }
        let errors = results.count { !$0.couldBeMeasured }
        let totals = "tests=\"\(results.count)\" failures=\"\(failures)\" errors=\"\(errors)\""
        var xml = """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="tailspan incident check" \(totals)>
              <testsuite name="\(JUnitReport.escaped(incident))" \(totals)>

            """
        for (index, result) in results.enumerated() {
            let name = JUnitReport.escaped(isHidden ? id(index) : "\(id(index)): \(title(index))")
            let head = "    <testcase classname=\"tailspan.incident.\(JUnitReport.escaped(incident))\" name=\"\(name)\""
            let query = isHidden ? "" : JUnitReport.escaped(result.symptom.query.text.query)
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
    /// At most three decimal places.
    package var measuredText: String {
        guard case .success(let value) = measured else { return "?" }
        let rounded = (value * 1000).rounded() / 1000
        return rounded.shortText
    }
}
