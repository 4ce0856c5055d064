import Foundation

/// A page of documentation, and what stands in it.
struct DocumentationPage: Sendable {
    let path: String
    let text: String

    /// The README and everything below `docs`.
    static func all() throws -> [DocumentationPage] {
        try (["README.md"] + Repository.files(under: "docs", endingIn: ".md")).map(Self.init)
    }

    /// Where answers are kept: what students are not given.
    static let answersFolder = "docs/workshop/answers"

    /// What students are given.
    static func workshop() throws -> [DocumentationPage] {
        try Repository.files(under: "docs/workshop", endingIn: ".md").filter { !$0.hasPrefix(answersFolder + "/") }
            .map(Self.init)
    }

    /// What they are not.
    static func answers() throws -> [DocumentationPage] {
        try Repository.files(under: answersFolder, endingIn: ".md").map(Self.init)
    }

    init(_ path: String) throws {
        self.path = path
        text = try Repository.text(path)
    }

    /// A block between two lines of backquotes.
    struct Fence: Sendable {
        /// What stands behind the opening backquotes, such as `sh`.
        var language: String
        var lines: [String]
    }

    /// All blocks, without the indentation that a list gives them.
    var fences: [Fence] {
        var result: [Fence] = []
        var open: (indentation: Int, fence: Fence)?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let trimmed = line.drop { $0 == " " }
            if let current = open {
                if trimmed == "```" {
                    result.append(current.fence)
                    open = nil
                } else {
                    open?.fence.lines.append(
                        String(line.dropFirst(min(current.indentation, line.count - trimmed.count))))
                }
            } else if trimmed.hasPrefix("```") {
                open = (line.count - trimmed.count, Fence(language: String(trimmed.dropFirst(3)), lines: []))
            }
        }
        return result
    }

    /// The page without its blocks, and without their backquotes.
    var prose: String {
        var isInside = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            let isMark = line.drop { $0 == " " }.hasPrefix("```")
            if isMark { isInside.toggle() }
            return !isMark && !isInside
        }.joined(separator: "\n")
    }

    /// What stands between single backquotes; what a table escapes is as it was meant.
    var inlineCode: [String] {
        prose.matches(of: /`([^`\n]+)`/).map { String($0.1).replacing("\\|", with: "|") }
    }

    /// The lines of blocks that somebody would type, those that end in a backslash joined with what follows.
    var commandLines: [String] {
        fences.filter { ["", "sh", "bash", "console"].contains($0.language) }.flatMap { fence in
            fence.lines.joined(separator: "\n").replacing("\\\n", with: " ").split(separator: "\n").map(String.init)
        }
    }

    /// Where its links and images lead.
    var linkTargets: [String] { prose.matches(of: /\]\(([^()\s]+)\)/).map { String($0.1) } }

    /// The names under which its headings can be linked, as GitHub makes them.
    var anchors: Set<String> {
        Set(
            prose.split(separator: "\n").filter { $0.hasPrefix("#") }.map { heading in
                heading.drop { $0 == "#" || $0 == " " }.lowercased()
                    .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
                    .replacing(" ", with: "-")
            })
    }
}
