import Encoding
import FileSystem
import HTTP

/// The exercises of the workshop: the pages of its folder whose names begin with a number. Their answers lie in a
/// folder of their own, which is not served.
struct Exercises: Sendable {
    let folder: String

    /// One exercise.
    private struct Exercise {
        var name: String
        var markdown: String

        /// The first heading.
        var title: String {
            let heading = markdown.split(separator: "\n").first { $0.hasPrefix("# ") }
            return heading.map { String($0.dropFirst(2)) } ?? name
        }

        /// The incident that its commands play; `nil` if there is none.
        var incident: String? {
            let command = "tailspan incident run "
            guard let start = markdown.firstRange(of: command)?.upperBound else { return nil }
            return String(markdown[start...].prefix { $0.isLetter || $0.isNumber || $0 == "-" })
        }

        /// How long it takes: the number before the first `minutes.`
        var minutes: Int? {
            for line in markdown.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count > 1, words[1].hasPrefix("minutes") else { continue }
                return Int(words[0])
            }
            return nil
        }
    }

    func list() -> Response {
        let exercises = names.compactMap(exercise)
        return .json { (json: inout JSONWriter) in
            json.object {
                $0.name("exercises")
                $0.array {
                    for exercise in exercises {
                        $0.object {
                            $0.member("name", exercise.name)
                            $0.member("title", exercise.title)
                            $0.optional("minutes", exercise.minutes)
                            $0.optional("incident", exercise.incident)
                        }
                    }
                }
            }
        }
    }

    func show(_ name: String) throws(HTTPError) -> Response {
        // Only names that are listed: nothing else in the folder, or outside of it, can be asked for.
        guard names.contains(name), let exercise = exercise(name) else {
            throw HTTPError(.notFound, type: "unknown-exercise", message: "there is no exercise '\(name)'")
        }
        return .json { (json: inout JSONWriter) in
            json.object {
                $0.member("name", exercise.name)
                $0.member("title", exercise.title)
                $0.optional("minutes", exercise.minutes)
                $0.optional("incident", exercise.incident)
                $0.member("markdown", exercise.markdown)
            }
        }
    }

    private static let ending = ".md"

    private var names: [String] {
        Files.names(in: folder).filter { $0.first?.isNumber == true && $0.hasSuffix(Self.ending) }
            .map { String($0.dropLast(Self.ending.count)) }.sorted()
    }

    private func exercise(_ name: String) -> Exercise? {
        Files.text(folder + "/" + name + Self.ending).map { Exercise(name: name, markdown: $0) }
    }
}
