import Encoding
import Incidents
import Testing

@testable import ConsoleControl

@Suite("The score of an incident")
struct IncidentSessionTests {
    private static func question(_ id: String) throws -> Question {
        Question(id: id, text: "?", choices: [], accepted: [try Question.Accepted("yes")], explanation: "because")
    }

    private static func session(hints: Int, _ tries: [String: [Bool]]) -> IncidentSession {
        var session = IncidentSession()
        session.hints = hints
        session.tries = tries.mapValues { $0.map { IncidentSession.Try(answer: $0 ? "yes" : "no", isRight: $0) } }
        return session
    }

    @Test(
        "A right answer is worth 3 at the first try, 1 at the second; each hint costs 1, and nothing goes below 0",
        arguments: [
            (0, ["a": [true], "b": [true]], 6), (0, ["a": [true], "b": [false, true]], 4),
            (0, ["a": [false, false], "b": [true]], 3), (2, ["a": [true], "b": [false, true]], 2),
            (3, ["a": [false, true]], 0), (1, [:], 0), (0, [:], 0),
        ])
    func pointsAreCounted(_ hints: Int, _ tries: [String: [Bool]], _ points: Int) throws {
        let questions = try [Self.question("a"), Self.question("b")]
        #expect(Self.session(hints: hints, tries).points(questions) == points)
    }

    @Test("A question is settled by the right answer, or by the second wrong one")
    func aQuestionIsSettled() throws {
        let questions = try [Self.question("a"), Self.question("b")]
        let session = Self.session(hints: 0, ["a": [true]])
        #expect(session.triesLeft("a") == 0 && session.triesLeft("b") == 2 && !session.isAnswered(questions))
        #expect(Self.session(hints: 0, ["a": [true], "b": [false]]).triesLeft("b") == 1)
        #expect(!Self.session(hints: 0, ["a": [true], "b": [false]]).isAnswered(questions))
        #expect(Self.session(hints: 0, ["a": [true], "b": [false, false]]).isAnswered(questions))
        #expect(Self.session(hints: 0, ["a": [false, true], "b": [true]]).isAnswered(questions))
    }

    @Test("What is written is read again")
    func whatIsWrittenIsReadAgain() throws {
        var session = Self.session(hints: 2, ["a": [false, true], "b": [false]])
        session.isGivenUp = true
        session.tries["a"]?[1].cite = "0af7651916cd43dd8448eb211c80319c"
        session.played = IncidentSession.Played(run: 3, start: 1_795_192_321_000_000_001, end: .max, failures: 31)
        var json = JSONWriter()
        session.write(to: &json)
        #expect(IncidentSession(try JSONValue(parsing: json.bytes)) == session)
        #expect(IncidentSession(.string("nothing")) == nil)
        #expect(IncidentSession(["hints": -1])?.hints == 0)
    }
}
