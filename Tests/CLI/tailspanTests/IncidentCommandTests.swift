import Encoding
import Glibc
import Terminal
import Testing

@testable import FileSystem
@testable import Supervision

@Suite("The incident commands")
struct IncidentCommandTests {
    static let incidents =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/incidents"

    private func run(_ arguments: String...) async throws -> ProgramTests.Outcome {
        try await ProgramTests.run(["incident"] + arguments + ["--incidents", Self.incidents])
    }

    @Test("The list is a table or JSON")
    func theListIsATableOrJSON() async throws {
        let table = try await run("list")
        #expect(table.exit == .code(0))
        #expect(table.output.contains(/unsettled-tasks +75s +600 +4  Some tasks are never settled/))
        let json = try JSONValue(parsing: try await run("list", "--json").output)
        let names = json.array?.compactMap { $0["name"]?.string } ?? []
        #expect(names.contains("unsettled-tasks"))
        #expect(names == names.sorted())
        #expect(json.array?.allSatisfy { $0["lesson"] == nil && $0["aliases"] == nil && $0["alerts"] == nil } == true)
        let told = try JSONValue(parsing: try await run("list", "--json", "--answers").output)
        #expect(told.array?.allSatisfy { $0["lesson"]?.string?.isEmpty == false } == true)
        let brownout = try #require(told.array?.first { $0["name"] == "unsettled-tasks" })
        #expect(brownout["aliases"] == ["payment-brownout"])
        #expect(brownout["alerts"] == ["TailspanErrorRate", "TailspanCompensationBurst"])
        #expect(!table.output.contains("payment-brownout"))
        #expect(try await run("list", "--answers").output.contains("unsettled-tasks, payment-brownout"))
    }

    @Test("A former name leads to the incident and its current name")
    func aFormerNameLeadsToTheIncident() async throws {
        let outcome = try await run("show", "payment-brownout")
        #expect(outcome.exit == .code(0))
        #expect(outcome.output.contains("tailspan incident run unsettled-tasks"))
    }

    private static func newFolder() -> String { "/tmp/tailspan-incidents-\(getpid())-\(UInt32.random(in: 0 ... .max))" }

    @Test("A malformed file is named and hides no other")
    func aMalformedFileIsNamedAndHidesNoOther() async throws {
        let folder = Self.newFolder()
        try Files.makeFolder(folder)
        try Files.write("title: x\nlod: 1\n", to: folder + "/broken.yaml")
        try Files.write(Files.text(Self.incidents + "/five-in-a-hundred.yaml") ?? "", to: folder + "/fine.yaml")
        let outcome = try await ProgramTests.run(["incident", "list", "--incidents", folder])
        #expect(outcome.exit == .code(1))
        #expect(outcome.errors == "error: broken.yaml:2:1: an incident has no key 'lod': did you mean 'load'?")
        #expect(outcome.output.contains("fine"))
        try Files.remove(folder)
    }

    @Test("A file with another extension than .yaml is named with what is expected", arguments: [".json5", ".yml"])
    func aFileWithAnotherExtensionIsNamed(ending: String) async throws {
        let folder = Self.newFolder()
        try Files.makeFolder(folder)
        try Files.write("title: x\n", to: folder + "/old" + ending)
        let message =
            "error: old\(ending): expected a YAML file called old.yaml; docs/incidents.md says what is in it"
        let list = try await ProgramTests.run(["incident", "list", "--incidents", folder])
        #expect(list.exit == .code(1))
        #expect(list.errors == message)
        for name in ["old", "old" + ending] {
            let show = try await ProgramTests.run(["incident", "show", name, "--incidents", folder])
            #expect(show.exit == .code(2))
            #expect(show.errors.contains("old.yaml"), "\(show.errors)")
        }
        try Files.remove(folder)
    }

    @Test(
        "A file in place of a name is answered with the name",
        arguments: ["unsettled-tasks.yaml", "unsettled-tasks.json5", "incidents/unsettled-tasks.yaml"])
    func aFileInPlaceOfANameIsAnsweredWithTheName(file: String) async throws {
        let outcome = try await run("show", file)
        #expect(outcome.exit == .code(2))
        #expect(
            outcome.errors.contains(
                "expected 'unsettled-tasks', the name of the file unsettled-tasks.yaml without its ending"))
    }

    @Test("The description gives nothing away unless it is asked to")
    func theDescriptionGivesNothingAwayUnlessAsked() async throws {
        let plain = try await run("show", "unsettled-tasks")
        #expect(plain.exit == .code(0))
        #expect(plain.output.contains("d payments"))
        for secret in [
            "20s", "50s", "█", "goes wrong", "Alerts", "brownout,", "rate=40%", "right:", "lesson:", "Symptoms",
            "Begin at the edge",
        ] {
            #expect(!plain.output.contains(secret), "\(secret)")
        }
        #expect(try await run("show", "unsettled-tasks", "--hints").output.contains("1. Begin at the edge"))
        let answers = try await run("show", "unsettled-tasks", "--answers").output
        #expect(answers.contains("payments.settle:error=503"))
        #expect(answers.contains("right: it was given back"))
        #expect(answers.contains("TailspanErrorRate, TailspanCompensationBurst"))
    }

    @Test(
        "An unknown name is a usage error", arguments: ["show", "run", "check", "answer"])
    func anUnknownNameIsAUsageError(command: String) async throws {
        let outcome = try await run(command, "unsettled-task")
        #expect(outcome.exit == .code(2))
        #expect(outcome.errors.contains("did you mean 'unsettled-tasks'?"))
    }

    private static let right = ["service=payments", "operation=Settle", "money=B", "share=two in five"]

    @Test("Answers are graded and explained, and the exit code says whether all are right")
    func answersAreGradedAndExplained() async throws {
        let all = try await ProgramTests.run(
            ["incident", "answer", "unsettled-tasks", "--incidents", Self.incidents] + Self.right)
        #expect(all.exit == .code(0))
        #expect(all.output.contains("4 of 4 are right"))
        #expect(all.output.contains("The deepest span in error"))
        let some = try await run("answer", "unsettled-tasks", "service=tasks", "money=b")
        #expect(some.exit == .code(1))
        #expect(some.output.contains("service: not right, 'tasks'"))
        #expect(some.output.contains("operation: not answered"))
        #expect(some.output.contains("look again: Begin at the edge"))
        #expect(!some.output.contains("The deepest span in error"), "what was not found is not told")
        let explained = try await run("answer", "unsettled-tasks", "service=tasks", "--explain").output
        #expect(explained.contains("right is 'payments'"))
        #expect(explained.contains("The deepest"))
    }

    @Test("Grades are written as JSON")
    func gradesAreWrittenAsJSON() async throws {
        let json = try JSONValue(parsing: try await run("answer", "unsettled-tasks", "service=d", "--json").output)
        #expect(json["passed"] == false)
        #expect(json["right"] == 1)
        #expect(json["answers"]?[0]?["answer"] == "payments")
        #expect(json["answers"]?[1]?["right"] == false)
    }

    @Test(
        "An answer to an unknown question is a usage error",
        arguments: [
            ("servce=payments", "no question 'servce'; did you mean service?"),
            ("service=z", "service=z: 'z' is none of the choices: expected a letter from a to d"),
            ("service=", "service=: expected a letter from a to d"),
            ("operation=", "operation=: expected an answer"),
            ("payments", "'payments': expected QUESTION=ANSWER with a question of service, operation, money, share"),
        ])
    func anAnswerToAnUnknownQuestionIsAUsageError(argument: String, message: String) async throws {
        let outcome = try await run("answer", "unsettled-tasks", argument)
        #expect(outcome.exit == .code(2))
        #expect(outcome.errors.contains(message))
    }

    @Test("Nothing is graded when no answers are given and none can be read")
    func nothingIsGradedWithoutAnswers() async throws {
        let asked = try await run("answer", "unsettled-tasks")
        #expect(asked.exit == .code(2))
        #expect(asked.errors.contains("the input ended at question 1 of 4, and nothing was graded"))
        let json = try await run("answer", "unsettled-tasks", "--json")
        #expect(json.exit == .code(2))
        #expect(json.errors.contains("expected answers: QUESTION=ANSWER"))
    }

    @Test("A text is wrapped at its spaces and keeps its line breaks")
    func aTextIsWrappedAndKeepsItsLineBreaks() {
        let lines = Paragraph.lines("one two three\n\nfour", width: 9, first: "- ", rest: "  ").map(\.plain)
        #expect(lines == ["- one two", "  three", "  ", "  four"])
    }
}
