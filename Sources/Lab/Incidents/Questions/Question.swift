/// A question for students, and the answers that are correct.
package struct Question: Sendable {
    package var id: String
    package var text: String
    /// The choices; empty for a free answer.
    package var choices: [String]
    package var accepted: [Accepted]
    /// Why the correct answer is correct.
    package var explanation: String
    /// Where to look after a wrong answer; reveals nothing.
    package var hint: String?

    /// An expected answer that cannot be used for comparison.
    package struct Misfit: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    /// One correct answer: a text, compared without regard to case, quotes and spaces, or `/a regular expression/`,
    /// which must match the whole answer.
    package struct Accepted: Sendable, Equatable, CustomStringConvertible {
        private enum Form: Sendable, Equatable {
            case text(String)
            case expression(String)
        }

        private let form: Form

        package init(_ text: String) throws(Misfit) {
            description = text
            guard text.count > 2, text.hasPrefix("/"), text.hasSuffix("/") else {
                form = .text(Question.normalised(text))
                return
            }
            let pattern = String(text.dropFirst().dropLast())
            do { _ = try Regex(pattern) } catch {
                throw Misfit(description: "'\(text)' is no regular expression: \(error)")
            }
            form = .expression(pattern)
        }

        /// Whether it is a pattern rather than a literal answer.
        package var isExpression: Bool { if case .expression = form { true } else { false } }

        /// As written in the file.
        package let description: String

        package func accepts(_ answer: String) -> Bool {
            let answer = Question.normalised(answer)
            switch form {
            case .text(let text): return answer == text
            case .expression(let pattern):
                // The initializer has already compiled this pattern once.
                guard let regex = try? Regex(pattern).ignoresCase() else { return false }
                return answer.wholeMatch(of: regex) != nil
            }
        }
    }

    package init(
        id: String, text: String, choices: [String], accepted: [Accepted], explanation: String, hint: String? = nil
    ) {
        self.id = id
        self.text = text
        self.choices = choices
        self.accepted = accepted
        self.explanation = explanation
        self.hint = hint
    }

    /// Lower case, single spaces, without surrounding quotes or full stop.
    package static func normalised(_ text: String) -> String {
        var words = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")[...]
        while let first = words.first, "\"'`“”‘’".contains(first) { words.removeFirst() }
        while let last = words.last, "\"'`“”‘’.!".contains(last) { words.removeLast() }
        return String(words)
    }

    /// The letter of a choice: `a` for the first.
    package static func letter(_ index: Int) -> String {
        String(UnicodeScalar(UInt8(ascii: "a") + UInt8(truncatingIfNeeded: index)))
    }

    /// The meaning of an answer: a choice's letter stands for the choice.
    package func meaning(of answer: String) -> String {
        let letter = Self.normalised(answer)
        return choices.indices.first { Self.letter($0) == letter }.map { choices[$0] } ?? answer
    }

    /// Why an answer cannot be graded: it is empty, or not one of the choices; `nil` if it can.
    package func complaint(about answer: String) -> String? {
        let said = Self.normalised(answer)
        guard !choices.isEmpty else { return said.isEmpty ? "expected an answer" : nil }
        let last = Self.letter(choices.count - 1)
        if choices.contains(where: { Self.normalised($0) == Self.normalised(meaning(of: answer)) }) || accepts(answer) {
            return nil
        }
        let what = said.isEmpty ? "" : "'\(said)' is none of the choices: "
        return what + "expected a letter from a to \(last), or the text of a choice"
    }

    package func accepts(_ answer: String) -> Bool {
        let answer = meaning(of: answer)
        return accepted.contains { $0.accepts(answer) }
    }
}

/// The graded answers of a student.
package struct Grading: Sendable {
    package struct Mark: Sendable {
        package var question: Question
        /// `nil` if the question was skipped.
        package var answer: String?
        package var isRight: Bool
    }

    package let marks: [Mark]

    /// - Parameter answers: by question id.
    package init(_ questions: [Question], answers: [String: String]) {
        marks = questions.map { question in
            let answer = answers[question.id]
            return Mark(
                question: question, answer: answer.map(question.meaning), isRight: answer.map(question.accepts) ?? false
            )
        }
    }

    /// The hint for an incorrect answer: the question's own, or the incident's hint with the same number.
    package func hint(for mark: Mark, of incident: Incident) -> String? {
        guard !mark.isRight, mark.answer != nil else { return nil }
        if let hint = mark.question.hint { return hint }
        let number = marks.firstIndex { $0.question.id == mark.question.id } ?? 0
        return incident.hints.isEmpty ? nil : incident.hints[min(number, incident.hints.count - 1)]
    }

    package var rightCount: Int { marks.count { $0.isRight } }
    package var isPassed: Bool { rightCount == marks.count }
}
