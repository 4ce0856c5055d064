import Encoding
import FaultControl
import HTTP
import Incidents

/// What the incidents' pages show and do. Nothing that gives an incident away is in any answer before its questions are
/// answered: no lesson, no timeline, no rule, no former name.
struct IncidentPages: Sendable {
    let played: PlayedIncidents

    private static let speeds = 0.1...100.0
    /// An answer and what it cites are kept, so they are bounded.
    private static let mostKept = 1000

    /// Only by its name: another name that it answers to may say what goes wrong.
    func incident(_ name: String) throws -> Incident {
        let library = played.surroundings.library
        guard try library.names().contains(name) else {
            throw HTTPError(.notFound, type: "unknown-incident", message: "there is no incident '\(name)'")
        }
        return try library.incident(name)
    }

    // MARK: Looking

    func list() async -> Response {
        let library = played.surroundings.library
        let states = await played.surroundings.fleet.states()
        let contents = played.store.value
        // A folder that cannot be read has no incidents.
        let names = (try? library.names()) ?? []
        return .json { (json: inout JSONWriter) in
            json.object {
                $0.name("incidents")
                $0.array {
                    for name in names {
                        let session = contents.sessions[name]
                        guard let incident = try? library.incident(name) else {
                            Self.writeUnreadable(name, to: &$0)
                            continue
                        }
                        let why = played.obstacle(to: incident, states)
                        $0.object {
                            $0.member("name", incident.name)
                            $0.member("title", incident.title)
                            $0.member("story", Self.beginning(of: incident.story))
                            $0.member("seconds", incident.load.duration.seconds)
                            $0.member("questions", incident.questions.count)
                            $0.member("playable", why == nil)
                            $0.optional("why", why)
                            $0.member("played", session?.played != nil)
                            $0.member("answered", session.map { $0.isAnswered(incident.questions) } ?? false)
                            Self.writeScore(session ?? IncidentSession(), incident, to: &$0)
                        }
                    }
                }
                $0.name("playing")
                writePlaying(to: &$0)
                $0.name("trouble")
                if let trouble = played.trouble {
                    $0.object {
                        $0.member("name", trouble.name)
                        $0.member("reason", trouble.reason)
                    }
                } else {
                    $0.null()
                }
            }
        }
    }

    /// What is wrong with the file may quote what goes wrong in the incident.
    private static func writeUnreadable(_ name: String, to json: inout JSONWriter) {
        json.object {
            $0.member("name", name)
            $0.member("title", name)
            $0.member("story", "")
            $0.member("seconds", 0)
            $0.member("questions", 0)
            $0.member("playable", false)
            $0.member("why", "its file cannot be read: tailspan incident show \(name) says why")
            $0.member("played", false)
        }
    }

    private func writePlaying(to json: inout JSONWriter) {
        guard let running = played.running else { return json.null() }
        json.object {
            $0.member("name", running.incident.name)
            $0.member("elapsed", (running.progress?.time ?? .zero).seconds)
            $0.member("total", running.incident.load.duration.seconds)
            $0.member("failures", running.progress?.failures ?? 0)
            $0.member("quieting", running.progress?.isQuieting ?? false)
        }
    }

    /// The first sentences of a story, up to a line or two.
    static func beginning(of story: String) -> String {
        let words = story.split(whereSeparator: \.isWhitespace)
        var text = ""
        for word in words {
            text += (text.isEmpty ? "" : " ") + word
            let isEnd = [".", "!", "?", ".”", ".\""].contains { word.hasSuffix($0) }
            if isEnd, text.count >= 60 { break }
        }
        return text
    }

    func show(_ name: String) throws -> Response {
        let incident = try incident(name)
        let session = played.store.value.sessions[name] ?? IncidentSession()
        return .json { (json: inout JSONWriter) in
            json.object {
                $0.member("name", incident.name)
                $0.member("title", incident.title)
                $0.member("story", incident.story)
                $0.member("seconds", incident.load.duration.seconds)
                $0.member("hints", incident.hints.count)
                $0.name("questions")
                $0.array {
                    for question in incident.questions {
                        $0.object {
                            $0.member("id", question.id)
                            $0.member("text", question.text)
                            $0.texts("choices", question.choices)
                        }
                    }
                }
                $0.name("played")
                session.writePlayed(to: &$0)
                $0.name("answers")
                $0.object {
                    for question in incident.questions where session.isGivenUp || session.tries[question.id] != nil {
                        $0.name(question.id)
                        $0.object { Self.write(question, session, incident, to: &$0) }
                    }
                }
                $0.texts("shownHints", incident.hints.prefix(session.hints))
                Self.writeScore(session, incident, to: &$0)
            }
        }
    }

    // MARK: Playing

    func play(_ name: String, _ request: Request) async throws -> Response {
        let speed = try ControlBody(request, knows: ["speed"]).number("speed", in: Self.speeds, default: 1)
        try await played.play(try incident(name), speed: speed)
        return .json(status: .accepted) { (json: inout JSONWriter) in
            json.object {
                $0.name("playing")
                writePlaying(to: &$0)
            }
        }
    }

    func stop() async throws -> Response {
        guard await played.stop() else {
            throw HTTPError(.notFound, type: "nothing-playing", message: "no incident is playing")
        }
        return await list()
    }

    // MARK: Answering

    func hint(_ name: String) throws -> Response {
        let incident = try incident(name)
        let number = try played.store.change { contents in
            var session = contents.sessions[name] ?? IncidentSession()
            guard session.hints < incident.hints.count else {
                throw HTTPError(.conflict, type: "no-hint-left", message: "there is no further hint")
            }
            session.hints += 1
            contents.sessions[name] = session
            return session.hints
        }
        return .json { (json: inout JSONWriter) in
            json.object {
                $0.member("number", number)
                $0.member("text", incident.hints[number - 1])
                $0.member("left", incident.hints.count - number)
            }
        }
    }

    /// Shows the solutions of all questions that are open, and settles them without points.
    func giveUp(_ name: String) async throws -> Response {
        let incident = try incident(name)
        try played.store.change { contents in
            var session = contents.sessions[name] ?? IncidentSession()
            guard session.played != nil else {
                throw HTTPError(
                    .conflict, type: "not-played",
                    message: "'\(incident.title)' was not played: there is nothing to give up")
            }
            guard !session.isAnswered(incident.questions) else {
                throw HTTPError(.conflict, type: "no-try-left", message: "no question is open")
            }
            session.isGivenUp = true
            contents.sessions[name] = session
        }
        await played.speakIfNothingIsConcealed()
        return try show(name)
    }

    func answer(_ name: String, _ request: Request) async throws -> Response {
        let incident = try incident(name)
        let body = try ControlBody(request, knows: ["id", "answer", "cite"])
        let id = try body.requiredText("id")
        let answer = try body.text("answer", limit: Self.mostKept) ?? ""
        guard let question = incident.questions.first(where: { $0.id == id }) else {
            throw HTTPError(.notFound, type: "unknown-question", message: "'\(incident.title)' has no question '\(id)'")
        }
        if let complaint = question.complaint(about: answer) {
            throw HTTPError(.unprocessableContent, type: "not-gradable", message: complaint)
        }
        let attempt = IncidentSession.Try(
            answer: question.meaning(of: answer), isRight: question.accepts(answer),
            cite: try body.text("cite", limit: Self.mostKept))
        let session = try played.store.change { contents in
            var session = contents.sessions[name] ?? IncidentSession()
            guard session.triesLeft(id) > 0 else {
                throw HTTPError(.conflict, type: "no-try-left", message: "this question is settled")
            }
            session.tries[id, default: []].append(attempt)
            contents.sessions[name] = session
            return session
        }
        await played.speakIfNothingIsConcealed()
        return .json { (json: inout JSONWriter) in
            json.object {
                Self.write(question, session, incident, to: &$0)
                Self.writeScore(session, incident, to: &$0)
            }
        }
    }

    /// The members of a question that was answered: why the right answer is right only once it is settled.
    private static func write(
        _ question: Question, _ session: IncidentSession, _ incident: Incident, to json: inout JSONWriter
    ) {
        let last = session.tries[question.id]?.last
        let left = session.triesLeft(question.id)
        json.optional("answer", last?.answer)
        json.optional("cite", last?.cite)
        json.member("right", session.isRight(question.id))
        json.member("triesLeft", left)
        json.member("points", session.points(question.id))
        if left <= 0 {
            json.member("explanation", question.explanation)
            if !session.isRight(question.id) {
                json.optional("solution", question.accepted.first { !$0.isExpression }?.description)
            }
        } else {
            let grading = Grading(incident.questions, answers: last.map { [question.id: $0.answer] } ?? [:])
            let mark = grading.marks.first { $0.question.id == question.id }
            json.optional("hint", mark.flatMap { grading.hint(for: $0, of: incident) })
        }
    }

    private static func writeScore(_ session: IncidentSession, _ incident: Incident, to json: inout JSONWriter) {
        json.name("score")
        json.object {
            $0.member("right", incident.questions.count { session.isRight($0.id) })
            $0.member("of", incident.questions.count)
            $0.member("points", session.points(incident.questions))
        }
    }
}
