/// What a student is asked, and what counts as right.
package struct Question: Sendable {
    package var id: String
    package var text: String
    /// To choose from; empty for a free answer.
    package var choices: [String]
    package var accepted: [Accepted]
    /// Why the right answer is right.
    package var explanation: String
    /// Where to look, for who has answered wrongly; tells nothing away.
    package var hint: String?

    /// An answer that cannot be compared with.
    package struct Misfit: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    /// One right answer: a text, compared without regard to case, quotes and spaces, or `/a regular expression/`, which
    /// must fit the whole of it.
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

        /// Whether it fits many texts, and is itself none of them.
        package var isExpression: Bool { if case .expression = form { true } else { false } }

        /// As it stands in the file.
        package let description: String

        package func accepts(_ answer: String) -> Bool {
            let answer = Question.normalised(answer)
            switch form {
            case .text(let text): return answer == text
            case .expression(let pattern):
                // It was read once already.
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

    /// Lower case, single spaces, without quotes or a full stop around it.
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

    /// What an answer means: a choice's letter stands for the choice.
    package func meaning(of answer: String) -> String {
        let letter = Self.normalised(answer)
        return choices.indices.first { Self.letter($0) == letter }.map { choices[$0] } ?? answer
    }

    /// Why an answer cannot be graded: it says nothing, or is none of the choices; `nil` if it can.
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

/// What became of a student's answers.
package struct Grading: Sendable {
    package struct Mark: Sendable {
        package var question: Question
        /// `nil` for a question that was left out.
        package var answer: String?
        package var isRight: Bool
    }

    package let marks: [Mark]

    /// - Parameter answers: by the question's id.
    package init(_ questions: [Question], answers: [String: String]) {
        marks = questions.map { question in
            let answer = answers[question.id]
            return Mark(
                question: question, answer: answer.map(question.meaning), isRight: answer.map(question.accepts) ?? false
            )
        }
    }

    /// Where to look, for an answer that is not right: the question's own hint, or the incident's of the same number.
    package func hint(for mark: Mark, of incident: Incident) -> String? {
        guard !mark.isRight, mark.answer != nil else { return nil }
        if let hint = mark.question.hint { return hint }
        let number = marks.firstIndex { $0.question.id == mark.question.id } ?? 0
        return incident.hints.isEmpty ? nil : incident.hints[min(number, incident.hints.count - 1)]
    }

    package var rightCount: Int { marks.count { $0.isRight } }
    package var isPassed: Bool { rightCount == marks.count }
}
