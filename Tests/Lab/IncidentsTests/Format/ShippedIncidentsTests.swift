import FaultRules
import Incidents
import Testing

@Suite("The incidents that are shipped")
struct ShippedIncidentsTests {
    static let library = IncidentLibrary(
        folder: "/" + #filePath.split(separator: "/").dropLast(5).joined(separator: "/") + "/incidents")

    static let names = (try? library.names()) ?? []

    @Test("There are some")
    func some() { #expect(Self.names.contains("unsettled-tasks")) }

    @Test(
        "Each can be read, asks something, gives hints, and has a symptom that a healthy system does not show",
        arguments: names)
    func readable(name: String) throws {
        let incident = try Self.library.incident(name)
        #expect(!incident.hints.isEmpty)
        #expect(incident.questions.count >= 3)
        #expect(incident.symptoms.contains { !$0.expect.holds(for: 0) })
        #expect(incident.load.duration <= .seconds(120))
    }

    @Test("A right answer is accepted, and no choice but the right one is", arguments: names)
    func answers(name: String) throws {
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
        "Neither name, title nor story names a rule, a kind of fault, or a name that the incident had before",
        arguments: names)
    func noSpoilers(name: String) throws {
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

    @Test("An incident answers to the names that it had before, and no two have one name")
    func aliases() throws {
        #expect(try Self.library.incident("payment-brownout").name == "unsettled-tasks")
        let incidents = try Self.names.map { try Self.library.incident($0) }
        let all = incidents.flatMap { [$0.name] + $0.aliases }
        #expect(Set(all).count == all.count)
        #expect(all.count == 2 * Self.names.count)
    }

    @Test("A name that is slightly wrong")
    func wrongName() {
        let error = #expect(throws: IncidentError.self) { try Self.library.incident("unsettled-taks") }
        #expect(error?.description.hasSuffix("did you mean 'unsettled-tasks'?") == true)
    }

    @Test("A folder that is not there")
    func noFolder() {
        let error = #expect(throws: IncidentError.self) { try IncidentLibrary(folder: "/nowhere").names() }
        #expect(error?.description.contains("/nowhere: No such file or directory") == true)
    }
}
