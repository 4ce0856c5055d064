import CommandLine
import Encoding
import Glibc
import Incidents

struct IncidentAnswerCommand: MainThreadCommand {
    static let configuration = CommandConfiguration(
        "answer", abstract: "Grades answers to an incident's questions",
        discussion: """
            Without answers it asks, if it runs on a terminal. Capitals, quotes and spaces make no difference; where there \
            are choices, their letter will do. Exit codes: 0 all are right, 1 not all are.
            """,
        examples: [
            .init("tailspan incident answer payment-brownout", "Asks one question after the other."),
            .init("tailspan incident answer payment-brownout service=payments share=b", "For scripts."),
        ])

    @Positional("NAME", help: "Which incident.") var name: String
    @Positional("QUESTION=ANSWER", help: "An answer to the question of that name.") var given: [String] = []
    @ArgumentGroup var files: IncidentFileOptions
    @Flag("explain", help: "Tells the right answers, and why, also where yours is not right.") var explain
    @Flag("json", help: "Writes JSON.") var json
    @Flag("no-color", help: "Shows no colours.") var noColor

    func run(_ tools: Tools) throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        let incident = try files.library.incident(name)
        guard !incident.questions.isEmpty else {
            tools.fail("\(name) asks nothing")
            return ExitCode.failure
        }
        var answers: [String: String] = [:]
        if given.isEmpty, !json, isatty(STDIN_FILENO) == 1 {
            answers = ask(incident.questions, tools.out)
        } else {
            do throws(UsageError) { answers = try Self.read(given, incident.questions) } catch {
                tools.fail("\(error)")
                return ExitCode.usage
            }
        }
        let grading = Grading(incident.questions, answers: answers)
        if json { writeJSON(grading, incident, tools.out) } else { show(grading, incident, tools.out) }
        return grading.isPassed ? ExitCode.success : ExitCode.failure
    }

    /// `QUESTION=ANSWER` pairs.
    static func read(_ pairs: [String], _ questions: [Question]) throws(UsageError) -> [String: String] {
        let ids = questions.map(\.id)
        var answers: [String: String] = [:]
        for pair in pairs {
            guard let equals = pair.firstIndex(of: "=") else {
                throw UsageError(
                    "'\(pair)': expected QUESTION=ANSWER with a question of \(ids.joined(separator: ", "))")
            }
            let id = String(pair[..<equals])
            guard ids.contains(id) else {
                let suggestion = Suggestion.closest(to: id, among: ids)
                throw UsageError(
                    "no question '\(id)'"
                        + (suggestion == nil ? ": expected one of \(ids.joined(separator: ", "))" : ""),
                    suggestion: suggestion)
            }
            guard answers.updateValue(String(pair[pair.index(after: equals)...]), forKey: id) == nil else {
                throw UsageError("'\(id)' is answered twice")
            }
        }
        return answers
    }

    /// Asks on the terminal; an empty line leaves a question out, the end of input all that are left.
    private func ask(_ questions: [Question], _ out: Terminal) -> [String: String] {
        var answers: [String: String] = [:]
        for (index, question) in questions.enumerated() {
            out.line()
            out.lines(
                Paragraph.lines(
                    question.text, width: min(out.width, 100), first: "\(index + 1)/\(questions.count) ", rest: "    "))
            for (index, choice) in question.choices.enumerated() {
                out.line(StyledText("    \(Question.letter(index)) \(choice)"))
            }
            out.write("> ")
            guard let line = readLine() else { break }
            if !line.allSatisfy(\.isWhitespace) { answers[question.id] = line }
        }
        out.line()
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
            out.line(
                StyledText("hints: tailspan incident show \(name) --hints; --explain tells the answers' reasons", .dim))
        }
    }

    /// Who is right reads why. Who is wrong reads where to look, and the rest only on request: the answer stays theirs
    /// to find.
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
                json.member("incident", name)
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
