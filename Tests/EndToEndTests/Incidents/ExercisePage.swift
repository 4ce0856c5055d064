import Testing

@testable import FileSystem

/// The pages of an exercise, that of its answers among them, as far as they are held against a run.
struct ExercisePage: Sendable {
    /// The repository's top folder.
    static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    private static let folder = root + "/docs/workshop"

    let path: String
    let text: String

    /// Those that tell of an incident: none, or two.
    static func pages(of incident: String) throws -> [ExercisePage] {
        let names = Files.names(in: folder).filter { $0.hasPrefix("0") && $0.hasSuffix(".md") }.sorted()
        try #require(names.count == 8)
        for name in names {
            let text = try #require(Files.text("\(folder)/\(name)"))
            guard text.contains("tailspan incident run \(incident) ") else { continue }
            return try [name, "answers/" + name].map {
                ExercisePage(path: $0, text: try #require(Files.text("\(folder)/\($0)")))
            }
        }
        return []
    }

    /// The queries in its blocks, with their languages.
    var queries: [(language: String, text: String)] {
        var queries: [(language: String, text: String)] = []
        var open: String?
        for line in text.split(separator: "\n") {
            let line = line.drop { $0 == " " }
            if line.hasPrefix("```") {
                open = ["logql", "traceql"].first { line == "```" + $0 }
            } else if let open {
                queries.append((open, String(line)))
            }
        }
        return queries
    }
}
