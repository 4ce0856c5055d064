import FaultRules
import Incidents
import Testing

@Suite("The shipped incidents")
struct ShippedIncidentsTests {
    static let library = IncidentLibrary(
        folder: "/" + #filePath.split(separator: "/").dropLast(5).joined(separator: "/") + "/incidents")

    static let names = (try? library.names()) ?? []

    @Test("At least one incident is shipped")
    func atLeastOneIncidentIsShipped() { #expect(Self.names.contains("unsettled-tasks")) }

    @Test(
        "Each incident has questions, hints and a symptom that a healthy system does not show",
        arguments: names)
    func eachIncidentHasQuestionsHintsAndAFailingSymptom(name: String) throws {
        let incident = try Self.library.incident(name)
        #expect(!incident.hints.isEmpty)
        #expect(incident.questions.count >= 3)
        #expect(incident.symptoms.contains { !$0.expect.holds(for: 0) })
        #expect(incident.load.duration <= .seconds(120))
    }

    @Test("Right answers are accepted, and exactly one choice is right", arguments: names)
    func onlyRightAnswersAreAccepted(name: String) throws {
        for question in try Self.library.incident(name).questions {
            for accepted in question.accepted where !accepted.description.hasPrefix("/") {
                #expect(question.accepts(accepted.description), "\(question.id)")
            }
            let right = question.choices.indices.filter { question.accepts(Question.letter($0)) }
            #expect(question.choices.isEmpty || right.count == 1, "\(question.id)")
            #expect(!question.accepts("I do not know"), "\(question.id)")
        }
    }

    @Test(
        "Names, titles and stories mention no rule, no kind of fault and no former name",
        arguments: names)
    func namesTitlesAndStoriesGiveNothingAway(name: String) throws {
        let incident = try Self.library.incident(name)
        for text in [incident.name, incident.title, incident.story] {
            for rule in incident.requestRules() + incident.serviceRules {
                // Words of everyday use, such as error, are no secret.
                #expect(!text.contains(rule.id) && !text.contains("\(rule.kind.rawValue)="))
                #expect(rule.kind.rawValue == "error" || !incident.name.contains(rule.kind.rawValue))
            }
            for alias in incident.aliases { #expect(!text.contains(alias)) }
        }
    }

    @Test("An incident answers to its former names, and all names are distinct")
    func anIncidentAnswersToItsFormerNames() throws {
        #expect(try Self.library.incident("payment-brownout").name == "unsettled-tasks")
        let incidents = try Self.names.map { try Self.library.incident($0) }
        let all = incidents.flatMap { [$0.name] + $0.aliases }
        #expect(Set(all).count == all.count)
        #expect(all.count == 2 * Self.names.count)
    }

    @Test("A misspelt name gets a suggestion")
    func aMisspeltNameGetsASuggestion() {
        let error = #expect(throws: IncidentError.self) { try Self.library.incident("unsettled-taks") }
        #expect(error?.description.hasSuffix("did you mean 'unsettled-tasks'?") == true)
    }

    @Test("A missing folder is reported")
    func aMissingFolderIsReported() {
        let error = #expect(throws: IncidentError.self) { try IncidentLibrary(folder: "/nowhere").names() }
        #expect(error?.description.contains("/nowhere: No such file or directory") == true)
    }
}
