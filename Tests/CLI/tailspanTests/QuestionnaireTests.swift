import Arguments
import Incidents
import Synchronization
import Terminal
import Testing

@testable import tailspan

@Suite("The questionnaire of an incident")
struct QuestionnaireTests {
    private static let questions: [Question] = {
        // Both texts are plain, so neither can be a misfit.
        guard let payments = try? Question.Accepted("payments"), let three = try? Question.Accepted("3") else {
            return []
        }
        return [
            Question(
                id: "service", text: "Which service?", choices: ["tasks", "payments"], accepted: [payments],
                explanation: "E"),
            Question(id: "attempts", text: "How often?", choices: [], accepted: [three], explanation: "E"),
        ]
    }()

    private final class Screen: OutputSink {
        private let text = Mutex("")
        func write(_ text: String) { self.text.withLock { $0 += text } }
        var columns: Int? { 80 }
        var all: String { text.withLock { $0 } }
    }

    private func ask(_ lines: String...) throws -> (answers: [String: String], screen: String) {
        let screen = Screen()
        var rest = lines[...]
        let questionnaire = Questionnaire(Self.questions, out: Terminal(sink: screen)) { rest.popFirst() }
        return (try questionnaire.answers(), screen.all)
    }

    @Test("Letters and texts are taken as they are typed")
    func answersAreTakenAsTyped() throws {
        let (answers, screen) = try ask("b", "three times")
        #expect(answers == ["service": "b", "attempts": "three times"])
        #expect(screen.contains("1/2 Which service?"))
        #expect(screen.contains("    b payments"))
    }

    @Test("An invalid answer is asked for again", arguments: ["z", "a-b", "", "   ", "ab", "2", "execu"])
    func anInvalidAnswerIsAskedForAgain(wrong: String) throws {
        let (answers, screen) = try ask(wrong, wrong, "a", "3")
        #expect(answers == ["service": "a", "attempts": "3"])
        let asked = screen.split(separator: "\n").count { $0.contains("expected a letter from a to b") }
        #expect(asked == 2, "\(screen)")
    }

    @Test("A dash leaves a question out, and an empty line does not")
    func aDashLeavesAQuestionOut() throws {
        let (answers, screen) = try ask("-", "", "3")
        #expect(answers == ["attempts": "3"])
        #expect(screen.contains("expected an answer, or - to leave it out"))
    }

    @Test("The end of the input grades nothing", arguments: [[], ["z"], ["b"], ["b", ""]])
    func theEndOfTheInputGradesNothing(lines: [String]) {
        let screen = Screen()
        var rest = lines[...]
        let error = #expect(throws: UsageError.self) {
            try Questionnaire(Self.questions, out: Terminal(sink: screen)) { rest.popFirst() }.answers()
        }
        let number = lines.first == "b" ? 2 : 1
        #expect(error?.message.hasPrefix("the input ended at question \(number) of 2, and nothing was graded") == true)
    }
}
