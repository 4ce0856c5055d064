import Encoding
import Incidents

/// How far one incident has come on this console: whether it was played, the answers given, the hints taken.
struct IncidentSession: Sendable, Equatable {
    /// The last run.
    struct Played: Sendable, Equatable {
        /// Which run of its seed it was, from 1.
        var run: Int
        /// Nanoseconds since the Unix epoch.
        var start: UInt64
        var end: UInt64
        /// The requests that ended differently than in a healthy system.
        var failures: Int
    }

    /// One answer to a question.
    struct Try: Sendable, Equatable {
        var answer: String
        var isRight: Bool
        /// A trace id or the key of a line, as evidence.
        var cite: String?
    }

    /// How often a question may be answered.
    static let mostTries = 2
    /// What a right answer is worth, by the number of wrong ones before it.
    private static let worth = [3, 1]

    var played: Played?
    /// How many of the incident's hints were shown.
    var hints = 0
    /// By question id, oldest first.
    var tries: [String: [Try]] = [:]
    /// Whether the solutions were asked for: then nothing is left to answer.
    var isGivenUp = false

    func triesLeft(_ id: String) -> Int {
        if isGivenUp { return 0 }
        let tries = tries[id] ?? []
        return tries.last?.isRight == true ? 0 : Self.mostTries - tries.count
    }

    func isRight(_ id: String) -> Bool { tries[id]?.last?.isRight == true }

    /// Whether no question is open any more.
    func isAnswered(_ questions: [Question]) -> Bool { questions.allSatisfy { triesLeft($0.id) <= 0 } }

    /// The points for one question, without those that hints cost.
    func points(_ id: String) -> Int {
        guard isRight(id), let count = tries[id]?.count, count <= Self.worth.count else { return 0 }
        return Self.worth[count - 1]
    }

    /// 3 points for each question answered right at the first try, 1 at the second, less 1 for each hint, never below 0.
    func points(_ questions: [Question]) -> Int { max(0, questions.reduce(0) { $0 + points($1.id) } - hints) }
}

extension IncidentSession {
    /// Reads what ``write(to:)`` wrote; `nil` for anything else.
    init?(_ json: JSONValue) {
        guard json.object != nil else { return nil }
        hints = max(0, Int(json["hints"]?.integer ?? 0))
        isGivenUp = json["given_up"]?.bool ?? false
        if let played = json["played"], let run = played["run"]?.integer,
            let start = played["start"]?.string.flatMap({ UInt64($0) }),
            let end = played["end"]?.string.flatMap({ UInt64($0) })
        {
            self.played = Played(
                run: Int(run), start: start, end: end, failures: Int(played["failures"]?.integer ?? 0))
        }
        for (id, list) in json["tries"]?.object?.members ?? [] {
            tries[id] = (list.array ?? []).compactMap { item in
                item["answer"]?.string.map {
                    Try(answer: $0, isRight: item["right"]?.bool ?? false, cite: item["cite"]?.string)
                }
            }
        }
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.member("hints", hints)
            $0.member("given_up", isGivenUp)
            $0.name("played")
            writePlayed(to: &$0)
            $0.name("tries")
            $0.object {
                for (id, list) in tries.sorted(by: { $0.key < $1.key }) {
                    $0.name(id)
                    $0.array {
                        for item in list {
                            $0.object {
                                $0.member("answer", item.answer)
                                $0.member("right", item.isRight)
                                if let cite = item.cite { $0.member("cite", cite) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// An object, or `null` if it was not played.
    func writePlayed(to json: inout JSONWriter) {
        guard let played else { return json.null() }
        json.object {
            $0.member("run", played.run)
            $0.member("start", String(played.start))
            $0.member("end", String(played.end))
            $0.member("failures", played.failures)
        }
    }
}
