import Arguments
import Encoding
import Incidents
import Terminal

struct IncidentAnswerCommand: MainThreadCommand {
    static let configuration = CommandConfiguration(
        "answer", abstract: "Grades answers to an incident's questions",
        discussion: """
            Without answers it asks, and reads a line for each. Capitals, quotes and spaces make no difference; where there \
            are choices, their letter will do. Exit codes: 0 all are right, 1 not all are, 2 what was given cannot be \
            graded.
            """,
        examples: [
            .init("tailspan incident answer unsettled-tasks", "Asks one question after the other."),
            .init("tailspan incident answer unsettled-tasks service=payments share=b", "For scripts."),
        ])

    @Positional("NAME", help: "Which incident.") var name: String
    @Positional("QUESTION=ANSWER", help: "An answer to the question of that name.") var given: [String] = []
    @ArgumentGroup var files: IncidentFileOptions
    @Flag("explain", help: "Tells the right answers, and why, also where yours is not right.") var explain
    @Flag("json", help: "Writes JSON.") var json
    @Flag("no-color", help: "Shows no colours.") var noColor

    func validate() throws(UsageError) { try files.expectReadable(name) }

    func run(_ tools: Tools) throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        let incident = try files.library.incident(name)
        guard !incident.questions.isEmpty else {
            tools.fail("\(name) asks nothing")
            return ExitCode.failure
        }
        let answers: [String: String]
        do throws(UsageError) {
            answers =
                if given.isEmpty, !json {
                    try Questionnaire(incident.questions, out: tools.out) { readLine() }.answers()
                } else {
                    try Self.read(given, incident.questions)
                }
        } catch {
            tools.fail("\(error)")
            return ExitCode.usage
        }
        let grading = Grading(incident.questions, answers: answers)
        if json { writeJSON(grading, incident, tools.out) } else { show(grading, incident, tools.out) }
        return grading.isPassed ? ExitCode.success : ExitCode.failure
    }

    /// `QUESTION=ANSWER` pairs.
    static func read(_ pairs: [String], _ questions: [Question]) throws(UsageError) -> [String: String] {
        let ids = questions.map(\.id)
        guard !pairs.isEmpty else {
            throw UsageError("expected answers: QUESTION=ANSWER with a question of \(ids.joined(separator: ", "))")
        }
        var answers: [String: String] = [:]
        for pair in pairs {
            guard let equals = pair.firstIndex(of: "=") else {
                throw UsageError(
                    "'\(pair)': expected QUESTION=ANSWER with a question of \(ids.joined(separator: ", "))")
            }
            let id = String(pair[..<equals])
            guard let question = questions.first(where: { $0.id == id }) else {
                let suggestion = Suggestion.closest(to: id, among: ids)
                throw UsageError(
                    "no question '\(id)'"
                        + (suggestion == nil ? ": expected one of \(ids.joined(separator: ", "))" : ""),
                    suggestion: suggestion)
            }
            let answer = String(pair[pair.index(after: equals)...])
            if let complaint = question.complaint(about: answer) { throw UsageError("\(id)=\(answer): \(complaint)") }
            guard answers.updateValue(answer, forKey: id) == nil else {
                throw UsageError("'\(id)' is answered twice")
            }
        }
        return answers
    }

    private func show(_ grading: Grading, _ incident: Incident, _ out: Terminal) {
        for mark in grading.marks {
            let verdict =
                mark.isRight
                ? StyledText("right", .color(.green))
                : StyledText(mark.answer == nil ? "not answered" : "not right", .color(.red))
            out.line(
                StyledText(mark.question.id, .bold) + ": " + verdict
                    + (mark.answer.map { StyledText(", '\($0)'") } ?? ""))
            for text in comments(on: mark, hint: grading.hint(for: mark, of: incident)) {
                out.lines(Paragraph.lines(text, width: min(out.width, 100), first: "    ", rest: "    "))
            }
        }
        out.line()
        let summary = "\(grading.rightCount) of \(grading.marks.count) are right"
        out.line(StyledText(summary, .color(grading.isPassed ? .green : .red).bold))
        if !grading.isPassed, !explain {
            out.line(StyledText("hints: tailspan incident show \(incident.name) --hints", .dim))
            out.line(StyledText("--explain tells the answers, and why", .dim))
        }
    }

    /// A correct answer gets the explanation. A wrong one gets a hint, and the explanation only on request: students
    /// should find the answer themselves.
    private func comments(on mark: Grading.Mark, hint: String?) -> [String] {
        if mark.isRight { return [mark.question.explanation] }
        var comments: [String] = []
        if explain {
            let right = mark.question.accepted.first { !$0.isExpression }
            if let right { comments.append("right is '\(right)'") }
            comments.append(mark.question.explanation)
        } else if let hint {
            comments.append("look again: " + hint)
        }
        return comments
    }

    private func writeJSON(_ grading: Grading, _ incident: Incident, _ out: Terminal) {
        out.json { json in
            json.object { json in
                json.member("incident", incident.name)
                json.member("passed", grading.isPassed)
                json.member("right", grading.rightCount)
                json.member("asked", grading.marks.count)
                json.name("answers")
                json.array { json in
                    for mark in grading.marks {
                        json.object {
                            $0.member("question", mark.question.id)
                            if let answer = mark.answer { $0.member("answer", answer) }
                            $0.member("right", mark.isRight)
                            if mark.isRight || explain { $0.member("explanation", mark.question.explanation) }
                            if let hint = grading.hint(for: mark, of: incident) { $0.member("hint", hint) }
                        }
                    }
                }
            }
        }
    }
}
