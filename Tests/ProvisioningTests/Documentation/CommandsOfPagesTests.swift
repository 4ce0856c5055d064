import Arguments
import FaultKinds
import FaultRules
import Foundation
import Incidents
import Testing

@testable import tailspan

/// The commands in the pages are valid for the program's own parser, the incidents' questions and the grammar of fault
/// rules.
@Suite("Documentation: commands") struct CommandsOfPagesTests {
    private static let library = IncidentLibrary(folder: Repository.root.appending(path: "incidents").path)

    /// What stands for a value that only the reader has.
    private static let placeholders = [
        "TRACE_ID": "0af7651916cd43dd8448eb211c80319c", "ID": "0af7651916cd43dd8448eb211c80319c",
        "REQUEST_ID": "91c2efe9fdf5dbf6", "STATUS": "404", "VALUE": "any", "NAME": "unsettled-tasks", "N": "1",
        "SEED": "1", "FILE": "file",
        "FOLDER": "folder", "TIME": "1s", "RULE": "payments:error", "…": "any",
    ]

    /// The words behind `tailspan`, or behind the path of the built program; `nil` for another program.
    private static func words(_ command: [String]) -> [String]? {
        guard let program = command.first, ["tailspan", ".build/release/tailspan", "$"].contains(program) else {
            return nil
        }
        return command.dropFirst().filter { $0 != "tailspan" }.map { placeholders[$0] ?? $0 }
    }

    /// All that a page's blocks have somebody type, but for outlines of a command's options, which stand in brackets.
    static func typed(on page: DocumentationPage) -> [[String]] {
        page.commandLines.filter { !$0.contains(" [") }.flatMap(ShellWords.commands).compactMap(words)
    }

    @Test("Every command line in a block is valid") func everyCommandLineInABlockIsValid() throws {
        var count = 0
        for page in try DocumentationPage.all() {
            for words in Self.typed(on: page) {
                count += 1
                if case .run = Tailspan.program.parse(words) { continue }
                if case .misuse(let message) = Tailspan.program.parse(words) {
                    Issue.record("\(page.path): tailspan \(words.joined(separator: " ")): \(message)")
                }
            }
        }
        #expect(count > 70, "only \(count) commands were found")
    }

    @Test("Every command named in a sentence, a table or an outline exists, with its options")
    func everyNamedCommandExists() throws {
        var count = 0
        for page in try DocumentationPage.all() {
            let outlines = page.commandLines.filter { $0.contains(" [") && !$0.contains("://") }.map { line in
                String(line.prefix { $0 != "#" })
            }
            for code in page.inlineCode + outlines where code.hasPrefix("tailspan ") {
                for words in Self.alternatives(of: code) {
                    count += 1
                    // Help is shown only after everything before it was understood.
                    if case .misuse(let message) = Tailspan.program.parse(words + ["--help"]) {
                        Issue.record("\(page.path): \(code): \(message)")
                    }
                }
            }
        }
        #expect(count > 60, "only \(count) commands were found")
    }

    /// `incident list|show` are two commands; `[--speed 20]` is an option, and `--stack pocket|external` has a value.
    private static func alternatives(of code: String) -> [[String]] {
        let plain = code.replacing(/[\[\]]/, with: "")
        let command = plain.split(separator: /\s&&|;/).first.map(String.init) ?? plain
        var results: [[String]] = [[]]
        for word in command.split(separator: " ").dropFirst() {
            let choices = word.hasPrefix("'") ? [String(word)] : word.split(separator: "|").map(String.init)
            results = results.flatMap { words in
                choices.map { words + [Self.placeholders[$0] ?? $0.replacing("'", with: "")] }
            }
        }
        return results
    }

    @Test("Every incident named to a command exists") func everyNamedIncidentExists() throws {
        let known = try Self.library.names()
        var named: Set<String> = []
        for page in try DocumentationPage.all() {
            let inline = page.inlineCode.filter { $0.hasPrefix("tailspan incident ") }
                .flatMap { Self.alternatives(of: $0) }
            for words in Self.typed(on: page) + inline where words.first == "incident" {
                guard words.count > 2, ["show", "run", "check", "answer"].contains(words[1]) else { continue }
                guard !words[2].hasPrefix("-") else { continue }
                #expect(known.contains(words[2]), "\(page.path): \(words[2])")
                named.insert(words[2])
            }
        }
        #expect(named.count >= 10)
    }

    @Test("Every documented answer is graded right, and every question has an answer")
    func everyDocumentedAnswerIsGradedRight() throws {
        var pages = 0
        for page in try DocumentationPage.answers() {
            for words in Self.typed(on: page) where words.starts(with: ["incident", "answer"]) && words.count > 3 {
                pages += 1
                let questions = try Self.library.incident(words[2]).questions
                let grading = Grading(
                    questions, answers: try IncidentAnswerCommand.read(Array(words.dropFirst(3)), questions))
                for mark in grading.marks {
                    #expect(mark.isRight, "\(page.path): \(mark.question.id)=\(mark.answer ?? "nothing")")
                }
                let said = "\(questions.count) of \(questions.count) are right"
                #expect(page.fences.contains { $0.lines == [said] }, "\(page.path): \(said)")
            }
        }
        #expect(pages == 8)
    }

    @Test("Every fault rule is valid") func everyFaultRuleIsValid() throws {
        var count = 0
        for page in try DocumentationPage.all() {
            for line in page.commandLines + page.inlineCode {
                for command in ShellWords.commands(in: line) {
                    for (index, word) in command.enumerated() where index > 0 {
                        let before = command[index - 1]
                        let isRule =
                            before == "--fault" || (["add", "explain"].contains(before) && command.contains("fault"))
                        guard isRule, word != "RULE", !word.contains("…"), !word.contains("|") else { continue }
                        count += 1
                        #expect(throws: Never.self, "\(page.path): \(word)") { try FaultRule(parsing: word) }
                    }
                }
                for (name, value) in ShellWords.assignments(in: line) where name == "FAULTS" && !value.contains("…") {
                    for rule in value.split(separator: ";") {
                        #expect(throws: Never.self, "\(page.path): \(rule)") { try FaultRule(parsing: String(rule)) }
                    }
                }
            }
        }
        #expect(count >= 4)
    }
}
