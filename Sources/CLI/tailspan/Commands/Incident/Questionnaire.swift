import Arguments
import Incidents
import Terminal

/// Asks questions one after the other, and repeats each until the answer can be graded.
struct Questionnaire {
    private let questions: [Question]
    private let out: Terminal
    private let read: () -> String?

    /// The answer that skips a question.
    private static let omission = "-"

    /// - Parameter read: returns the next line, `nil` at the end of the input.
    init(_ questions: [Question], out: Terminal, read: @escaping () -> String?) {
        self.questions = questions
        self.out = out
        self.read = read
    }

    /// The answers by question id, without skipped questions.
    /// - Throws: `UsageError` if the input ends before the last question.
    func answers() throws(UsageError) -> [String: String] {
        var answers: [String: String] = [:]
        for (index, question) in questions.enumerated() {
            out.line()
            out.lines(
                Paragraph.lines(
                    question.text, width: min(out.width, 100), first: "\(index + 1)/\(questions.count) ", rest: "    "))
            for (index, choice) in question.choices.enumerated() {
                out.line(StyledText("    \(Question.letter(index)) \(choice)"))
            }
            answers[question.id] = try answer(to: question, number: index + 1)
        }
        out.line()
        return answers
    }

    private func answer(to question: Question, number: Int) throws(UsageError) -> String? {
        while true {
            out.write("> ")
            guard let line = read() else {
                out.line()
                throw UsageError(
                    "the input ended at question \(number) of \(questions.count), and nothing was graded: expected a line for "
                        + "each, or QUESTION=ANSWER on the command line")
            }
            if Question.normalised(line) == Self.omission { return nil }
            guard let complaint = question.complaint(about: line) else { return line }
            out.lines(
                Paragraph.lines(
                    "\(complaint), or \(Self.omission) to leave it out", width: min(out.width, 100), first: "    ",
                    rest: "    "))
        }
    }
}
