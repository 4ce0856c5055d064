import Incidents
import Testing

@Suite("Grading answers")
struct GradingTests {
    private func question(_ accept: String..., choices: String = "") throws -> Question {
        let accepted = accept.map { "'\($0)'" }.joined(separator: ",")
        let incident = try SampleIncident.read {
            $0.questions = "[{id: 'q', text: 'Q', \(choices) accept: [\(accepted)], explanation: 'E'}]"
        }
        return incident.questions[0]
    }

    @Test(
        "A text, whatever its capitals, spaces and quotes",
        arguments: [
            ("payments", true), ("  Payments. ", true), ("\"payments\"", true), ("payment", false), ("", false),
            ("payments and tasks", false),
        ])
    func text(answer: String, isRight: Bool) throws {
        #expect(try question("payments").accepts(answer) == isRight)
    }

    @Test(
        "An expression must fit the whole answer",
        arguments: [
            ("503", true), ("503 Service Unavailable", true), ("1503", false), ("HTTP 503", true), ("50", false),
        ])
    func expression(answer: String, isRight: Bool) throws {
        #expect(try question("/(http )?503( .*)?/", "none").accepts(answer) == isRight)
    }

    @Test(
        "What is no answer to a question with choices is complained of, not graded",
        arguments: [
            ("a", true), ("B", true), ("Two in five", true), ("z", false), ("c", false), ("a-b", false), ("ab", false),
            ("", false), ("  ", false), ("1", false), ("two in", false),
        ])
    func complaint(answer: String, isAnswer: Bool) throws {
        let question = try question("two in five", choices: "choices: ['one in ten', 'two in five'],")
        let complaint = question.complaint(about: answer)
        #expect((complaint == nil) == isAnswer, "\(complaint ?? "")")
        if let complaint { #expect(complaint.hasSuffix("expected a letter from a to b, or the text of a choice")) }
        #expect(try self.question("payments").complaint(about: answer) == nil || answer.allSatisfy(\.isWhitespace))
    }

    @Test(
        "A choice by its letter or its text",
        arguments: [("b", true), ("B", true), ("two in five", true), ("a", false)])
    func choice(answer: String, isRight: Bool) throws {
        let question = try question("two in five", choices: "choices: ['one in ten', 'two in five'],")
        #expect(question.accepts(answer) == isRight)
    }

    @Test("An expression that is none is refused when the file is read")
    func brokenExpression() {
        let error = #expect(throws: IncidentError.self) { try question("/(/") }
        #expect(error?.description.contains("'/(/' is no regular expression") == true)
    }

    @Test("What is left out counts as wrong")
    func grading() throws {
        let incident = try SampleIncident.read {
            $0.questions = """
                [{id: 'one', text: '?', accept: ['1'], explanation: 'E'}, {id: 'two', text: '?', accept: ['2'], explanation: 'E'}]
                """
        }
        let half = Grading(incident.questions, answers: ["one": "1"])
        #expect(!half.isPassed)
        #expect(half.rightCount == 1)
        #expect(half.marks.map(\.answer) == ["1", nil])
        #expect(Grading(incident.questions, answers: ["one": "1", "two": "2"]).isPassed)
        #expect(Grading(incident.questions, answers: ["one": "2", "two": "2"]).marks.map(\.isRight) == [false, true])
    }
}
