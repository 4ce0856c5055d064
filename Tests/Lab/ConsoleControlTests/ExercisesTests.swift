import Encoding
import FileSystem
import HTTP
import Testing

@Suite("Exercises through the console")
struct ExercisesTests {
    @Test("The exercises are listed in order, with their titles and how long they take")
    func exercisesAreListed() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let list = try #require(try await bench.get("/exercises")["exercises"]?.array)
            #expect(list.count == 8)
            #expect(list[0]["name"] == "01-some-tasks-are-never-settled" && list[0]["minutes"] == 15)
            #expect(list[0]["title"] == "1 Some tasks are never settled" && list[0]["incident"] == "unsettled-tasks")
            let incidents = list.compactMap { $0["incident"]?.string }
            #expect(incidents.count == 8)
            for name in incidents { #expect(try await bench.send(.get, "/incidents/" + name).status == .ok) }
            #expect(list.map { $0["name"]?.string ?? "" } == list.map { $0["name"]?.string ?? "" }.sorted())
            #expect(list.allSatisfy { ($0["minutes"]?.integer ?? 0) > 0 })
        }
    }

    @Test("An exercise is served as Markdown, its answers are not")
    func anExerciseIsServedWithoutItsAnswers() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let list = try #require(try await bench.get("/exercises")["exercises"]?.array)
            for name in list.compactMap({ $0["name"]?.string }) {
                let page = try await bench.get("/exercises/" + name)
                let markdown = try #require(page["markdown"]?.string)
                #expect(markdown == Files.text("\(ControlBench.root)/docs/workshop/\(name).md"))
                let answers = try #require(Files.text("\(ControlBench.root)/docs/workshop/answers/\(name).md"))
                for line in answers.split(separator: "\n") where line.count > 60 {
                    #expect(!markdown.contains(line), "\(name): \(line)")
                }
            }
        }
    }

    @Test(
        "Nothing else in the folder or outside of it can be asked for",
        arguments: [
            "README", "facilitator", "answers", "answers%2F01-some-tasks-are-never-settled",
            "..%2F..%2FREADME", "%2Fetc%2Fpasswd", "01-some-tasks-are-never-settled.md", "09-nothing",
        ])
    func nothingElseIsServed(_ name: String) async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let answer = try await bench.send(.get, "/exercises/" + name)
            #expect(answer.status == .notFound && answer.problem == "unknown-exercise")
        }
    }

    @Test("Without a folder there is none")
    func withoutAFolderThereIsNone() async throws {
        try await ControlBench.run(workshop: "/nowhere") { (bench: ControlBench) async throws in
            #expect(try await bench.get("/exercises") == ["exercises": []])
        }
    }
}
