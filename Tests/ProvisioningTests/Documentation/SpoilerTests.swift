import FaultRules
import Foundation
import Incidents
import Testing
import Vocabulary

@testable import FileSystem

/// Students see the pages without the folder of answers, the list of incidents and the description of each. None of it
/// gives an answer away.
@Suite("Documentation: what students see") struct SpoilerTests {
    private static let library = IncidentLibrary(folder: Repository.root.appending(path: "incidents").path)

    /// Texts by where they are seen.
    private static func seen() async throws -> [(place: String, text: String)] {
        var result = try DocumentationPage.workshop().map { (place: $0.path, text: $0.text) }
        for command in [["list"], ["list", "--json"]] {
            result.append((command.joined(separator: " "), try await run(command)))
        }
        for name in try library.names() { result.append(("show \(name)", try await run(["show", name]))) }
        return result
    }

    private static func run(_ words: [String]) async throws -> String {
        let program = try #require(Files.linkTarget("/proc/self/exe"))
        let path = "/" + program.split(separator: "/").dropLast().joined(separator: "/") + "/tailspan"
        return try Tool.run(path, ["incident"] + words + ["--incidents", library.folder]).output
    }

    /// What nothing that students see may hold, of any incident.
    private static func secrets(of incident: Incident) -> [String] {
        var secrets = incident.aliases + [incident.lesson] + incident.questions.map(\.explanation)
        secrets += incident.symptoms.map(\.title)
        for entry in incident.timeline {
            switch entry.event {
            case .rule(let rule): secrets += [rule.description, rule.id]
            case .deploy(_, let version): secrets.append("\"\(version)\"")
            }
        }
        return secrets.filter { $0.count > 4 }
    }

    /// The right answers to an incident's questions that are worth looking for: not those that are asked for in so many words,
    /// as a choice is, nor a number of one digit or a word as short as "no".
    private static func answers(to incident: Incident) -> [String] {
        let told = ([incident.story, incident.title] + incident.questions.map(\.text)).joined(separator: " ")
            .lowercased()
        return incident.questions.flatMap(\.accepted).filter { !$0.isExpression }.map(\.description)
            .filter { $0.count > 2 && !told.contains($0.lowercased()) }
            .filter {
                ServiceRole(rawValue: $0) == nil && !["yes", "none", "zero", "three", "nothing", "ahead"].contains($0)
            }
    }

    @Test("No text holds a rule, a cause, a lesson or an explanation") func noTextRevealsACause() async throws {
        let seen = try await Self.seen()
        #expect(seen.count > 24)
        for incident in try Self.library.names().map({ try Self.library.incident($0) }) {
            let secrets = Self.secrets(of: incident)
            #expect(secrets.count > 8)
            for secret in secrets {
                for (place, text) in seen {
                    #expect(!text.contains(secret), "\(place) holds '\(secret)' of \(incident.name)")
                }
            }
        }
    }

    @Test("No exercise page holds an answer to its questions") func noExercisePageHoldsAnAnswer() throws {
        var count = 0
        for page in try DocumentationPage.workshop() where page.path.contains("/0") {
            let name = try #require(page.text.firstMatch(of: /tailspan incident show ([a-z-]+)/)?.1)
            let incident = try Self.library.incident(String(name))
            let text = page.text.lowercased()
            for answer in Self.answers(to: incident) {
                count += 1
                let pattern =
                    "(?<![\\w.-])" + NSRegularExpression.escapedPattern(for: answer.lowercased()) + "(?![\\w-])"
                #expect(text.range(of: pattern, options: .regularExpression) == nil, "\(page.path) holds '\(answer)'")
            }
        }
        #expect(count >= 19, "only \(count) answers were looked for")
    }

    /// A page that queries a single service gives away which one is the culprit.
    @Test("No query or command names the service in question and leaves out another")
    func noQuerySinglesOutTheServiceInQuestion() throws {
        var count = 0
        for page in try DocumentationPage.workshop() where page.path.contains("/0") {
            let name = try #require(page.text.firstMatch(of: /tailspan incident show ([a-z-]+)/)?.1)
            let incident = try Self.library.incident(String(name))
            let typed = page.fences.flatMap(\.lines).joined(separator: "\n")
            let asked = ServiceRole.allCases.filter { role in
                ["--service \(role)", "\"\(role)\"", ":\(role.defaultPort)/"].contains { typed.contains($0) }
            }
            for question in incident.questions {
                let right = ServiceRole.allCases.filter { role in
                    question.choices.contains(role.rawValue) && question.accepts(role.rawValue)
                }
                // The story of some names it as the suspect.
                guard let right = right.first, !incident.story.contains("of \(right)") else { continue }
                count += 1
                #expect(
                    !asked.contains(right) || asked.count == ServiceRole.allCases.count, "\(page.path) names \(right)")
            }
        }
        #expect(count >= 5)
    }

    @Test("Answers have one folder with a page for each exercise, and it is not handed out")
    func answersHaveTheirOwnFolderAndAreNotHandedOut() throws {
        let pages = try DocumentationPage.workshop().filter { $0.path.contains("/0") }
        let answers = try DocumentationPage.answers().filter { $0.path.contains("/0") }
        func names(_ pages: [DocumentationPage]) -> [String] {
            pages.compactMap { $0.path.split(separator: "/").last.map(String.init) }
        }
        #expect(names(pages) == names(answers))
        #expect(pages.count == 8)
        for page in pages { #expect(!page.text.contains("<details>") && page.text.contains("](answers/")) }
        let facilitator = try DocumentationPage("docs/workshop/facilitator.md")
        #expect(facilitator.text.contains("rm -r /tmp/students/workshop/answers"))
    }

    @Test("The tunnel forwards exactly the ports that the pages ask for")
    func theTunnelForwardsExactlyTheDocumentedPorts() throws {
        let facilitator = try DocumentationPage("docs/workshop/facilitator.md")
        let line = try #require(facilitator.commandLines.first { $0.hasPrefix("ssh ") })
        let forwarded = line.matches(of: /-L (\d+):127\.0\.0\.1:(\d+)/).map { (Int($0.1), Int($0.2)) }
        #expect(forwarded.allSatisfy { $0.0 == $0.1 })
        // What `tailspan logs` and `trace` ask, and what the pages name.
        var wanted: Set<Int> = [StackPort.loki, StackPort.tempo]
        for page in try DocumentationPage.workshop() + DocumentationPage.answers()
        where page.path != facilitator.path {
            for match in page.text.matches(of: /(?:127\.0\.0\.1|localhost):(\d+)/) {
                wanted.insert(try #require(Int(match.1)))
            }
        }
        #expect(Set(forwarded.compactMap(\.0)) == wanted)
        #expect(wanted.isSuperset(of: ServiceRole.allCases.map(\.defaultPort)))
    }
}
