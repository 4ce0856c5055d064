import Incidents
import Testing

@Suite("The grading of answers")
struct GradingTests {
    private func question(_ accept: String..., choices: String = "") throws -> Question {
        let accepted = accept.map { "'\($0)'" }.joined(separator: ",")
        let incident = try SampleIncident.read {
            $0.questions = "[{id: 'q', text: 'Q', \(choices) accept: [\(accepted)], explanation: 'E'}]"
        }
        return incident.questions[0]
    }

    @Test(
        "A text answer is compared without capitals, spaces and quotes",
        arguments: [
            ("payments", true), ("  Payments. ", true), ("\"payments\"", true), ("payment", false), ("", false),
            ("payments and tasks", false),
        ])
    func aTextAnswerIgnoresCaseSpacesAndQuotes(answer: String, isRight: Bool) throws {
        #expect(try question("payments").accepts(answer) == isRight)
    }

    @Test(
        "An expression must match the whole answer",
        arguments: [
            ("503", true), ("503 Service Unavailable", true), ("1503", false), ("HTTP 503", true), ("50", false),
        ])
    func anExpressionMustMatchTheWholeAnswer(answer: String, isRight: Bool) throws {
        #expect(try question("/(http )?503( .*)?/", "none").accepts(answer) == isRight)
    }

    @Test(
        "An invalid choice is reported and not graded",
        arguments: [
            ("a", true), ("B", true), ("Two in five", true), ("z", false), ("c", false), ("a-b", false), ("ab", false),
            ("", false), ("  ", false), ("1", false), ("two in", false),
        ])
    func anInvalidChoiceIsReportedAndNotGraded(answer: String, isAnswer: Bool) throws {
        let question = try question("two in five", choices: "choices: ['one in ten', 'two in five'],")
        let complaint = question.complaint(about: answer)
        #expect((complaint == nil) == isAnswer, "\(complaint ?? "")")
        if let complaint { #expect(complaint.hasSuffix("expected a letter from a to b, or the text of a choice")) }
        #expect(try self.question("payments").complaint(about: answer) == nil || answer.allSatisfy(\.isWhitespace))
    }

    @Test(
        "A choice is given by its letter or its text",
        arguments: [("b", true), ("B", true), ("two in five", true), ("a", false)])
    func aChoiceIsGivenByItsLetterOrItsText(answer: String, isRight: Bool) throws {
        let question = try question("two in five", choices: "choices: ['one in ten', 'two in five'],")
        #expect(question.accepts(answer) == isRight)
    }

    @Test("An invalid expression is refused when the file is read")
    func anInvalidExpressionIsRefusedWhenTheFileIsRead() {
        let error = #expect(throws: IncidentError.self) { try question("/(/") }
        #expect(error?.description.contains("'/(/' is no regular expression") == true)
    }

    @Test("A missing answer counts as wrong")
    func aMissingAnswerCountsAsWrong() throws {
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
