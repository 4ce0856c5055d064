import CommandLine
import FaultInjection
import Incidents
import Testing

@Suite("The incidents that are shipped")
struct ShippedIncidentsTests {
    static let library = IncidentLibrary(
        folder: "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/incidents")

    static let names = (try? library.names()) ?? []

    @Test("There are some")
    func some() { #expect(Self.names.contains("payment-brownout")) }

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

    @Test("The student's view of an incident does not name its rules", arguments: names)
    func noSpoilers(name: String) throws {
        let incident = try Self.library.incident(name)
        let drawn = TimelineChart(incident, revealsAll: false).lines().map(\.plain).joined()
        for rule in incident.requestRules() + incident.serviceRules {
            #expect(!drawn.contains(rule.id))
            // Words of everyday use, such as error, are no secret.
            #expect(!incident.story.contains(rule.id) && !incident.story.contains("\(rule.kind.rawValue)="))
        }
    }

    @Test("A name that is slightly wrong")
    func wrongName() {
        let error = #expect(throws: IncidentError.self) { try Self.library.incident("payment-brownuot") }
        #expect(error?.description.hasSuffix("did you mean 'payment-brownout'?") == true)
    }

    @Test("A folder that is not there")
    func noFolder() {
        let error = #expect(throws: IncidentError.self) { try IncidentLibrary(folder: "/nowhere").names() }
        #expect(error?.description.contains("/nowhere: No such file or directory") == true)
    }
}
