import Encoding
import FaultKinds
import FaultRules
import Foundation
import Incidents
import Testing
import Verification

@testable import tailspan

/// Numbers in pages that need no run; the end-to-end tests check the numbers of a run.
@Suite("Documentation: claims") struct ClaimsTests {
    private static let library = IncidentLibrary(folder: Repository.root.appending(path: "incidents").path)

    @Test("The README counts the kinds of faults and the rules, and names every exit code of verify")
    func theReadmeCountsFaultsRulesAndExitCodes() throws {
        let text = try DocumentationPage("README.md").text
        let rules = try #require(text.firstMatch(of: /Its (\d+) rules/)?.1)
        #expect(Int(rules) == LinkRules.all.count)
        let kinds = try #require(text.firstMatch(of: /in one of (\d+) ways/)?.1)
        #expect(Int(kinds) == FaultKind.allCases.count)
        let table = try DocumentationPage("docs/RUNNING.md").text
        let row = try #require(table.split(separator: "\n").first { $0.contains("`tailspan verify --requests") })
        let codes = [ExitCodes.passed, ExitCodes.violated, VerifyCommand.unverified, VerifyCommand.incomplete]
        let sentence = try #require(text.split(separator: "\n\n").first { $0.hasPrefix("It ends with 0") })
        for code in codes {
            #expect(row.contains(" \(code)"), "\(code)")
            #expect(sentence.contains(" \(code) "), "\(code)")
        }
        #expect(Set(codes) == [0, 1, 2, 3])
    }

    private enum ExitCodes {
        static let passed = VerifyCommand.exitCode(.passed)
        static let violated = VerifyCommand.exitCode(.violated)
    }

    @Test("Every incident lasts as long as the course says") func everyIncidentLastsAsLongAsTheCourseSays() throws {
        let text = try DocumentationPage("docs/workshop/README.md").text
        let said = try #require(text.firstMatch(of: /plays it, in (\d+) to (\d+) seconds/))
        let (least, most) = (try #require(Int(said.1)), try #require(Int(said.2)))
        var seen: Set<Int> = []
        for page in try DocumentationPage.workshop() where page.path.contains("/0") {
            let name = try #require(page.text.firstMatch(of: /tailspan incident run ([a-z-]+)/)?.1)
            seen.insert(Int(try Self.library.incident(String(name)).load.duration / .seconds(1)))
        }
        #expect(seen.min() == least)
        #expect(seen.max() == most)
        let bad = try Self.library.incident("worked-yesterday")
        #expect(
            try DocumentationPage("docs/workshop/04-it-worked-yesterday.md").text
                .contains("It takes \(Int(bad.load.duration / .seconds(1))) seconds"))
    }

    @Test("The times and delays in an answer match the incident's file")
    func theTimesInAnAnswerMatchTheIncident() throws {
        func entry(_ name: String) throws -> (TimelineEntry, FaultRule) {
            let entries = try Self.library.incident(name).timeline
            for entry in entries { if case .rule(let rule) = entry.event { return (entry, rule) } }
            throw IncidentError("\(name) has no rule")
        }
        func page(_ number: Int) throws -> String {
            try #require(try DocumentationPage.answers().first { $0.path.contains("/0\(number)-") }).text
        }
        let (brownout, _) = try entry("unsettled-tasks")
        let length = try #require(brownout.length)
        let said =
            "begin \(Int(brownout.at / .seconds(1))) seconds after the start, and end \(Int(length / .seconds(1))) seconds later"
        #expect(try page(1).contains(said))
        let (stalled, _) = try entry("accepted-then-nothing")
        #expect(stalled.length != nil)
        #expect(try page(5).contains("takes 400 ms and more"))
        #expect(try entry("accepted-then-nothing").1.description.contains("queue-stall=400ms"))
        #expect(try page(6).contains("takes 0.6 seconds"))
        #expect(try entry("standing-still").1.description.contains("lock=600ms"))
        #expect(try page(2).contains("near 400 ms"))
        #expect(try entry("taking-ages").1.description.contains("p50=400ms"))
    }

    @Test("The alerts in an answer are those that the incident fires")
    func theAlertsInAnAnswerAreThoseOfTheIncident() throws {
        let titles = ["TailspanErrorRate": "*Error rate*", "TailspanCompensationBurst": "*Burst of compensations*"]
        let rules = try AlertFiles.grafanaRules().compactMap { $0["title"]?.string }
        for title in titles.values { #expect(rules.contains(title.filter { $0 != "*" })) }
        for page in try DocumentationPage.answers() where page.path.contains("/0") {
            let name = try #require(page.text.firstMatch(of: /tailspan incident answer ([a-z-]+)/)?.1)
            let fired = Set(try Self.library.incident(String(name)).alerts)
            for (alert, title) in titles {
                #expect(page.text.contains(title) == fired.contains(alert), "\(page.path): \(alert)")
            }
            #expect(
                fired.isEmpty == page.text.contains(/No alert fires|None of the shipped ones fires/), "\(page.path)")
        }
    }
}
