import Encoding
import HTTP
import Testing

@Suite("Finding a trace") struct ReadingFindTests {
    private func find(_ text: String, _ console: ReadingFixture) async throws -> (kind: String, ids: [String]) {
        let answer = try await console.read("find", ["text": text])
        return (answer["kind"]?.string ?? "", answer["ids"]?.strings ?? [])
    }

    @Test func aTraceIsFoundByItsIDItsBeginningAndATraceparent() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([.init(trace: 1), .init(trace: 0x12_3456)])
            let id = ReadingFixture.traceID(0x12_3456)
            for text in [id, " \(id.prefix(16))\n", id.prefix(20).uppercased(), "00-\(id)-00f067aa0ba902b7-01"] {
                let found = try await find(text, console)
                #expect(found.kind == "trace" && found.ids == [id], "\(text)")
            }
            #expect(try await find("ABCD", console).ids == [ReadingFixture.traceID(1), id])
        }
    }

    @Test func atMostTwentyTracesAreOffered() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push((1...30).map { .init(trace: $0, id: $0) })
            #expect(try await find("abcd", console).ids.count == 20)
        }
    }

    @Test func aTaskIsFoundInTheLinesThatNameIt() async throws {
        try await ReadingFixture.run { (console) async throws in
            let task = "t-00000000000000ab"
            try await console.push([
                .init(line: #"{"task_id":"\#(task)"}"#, metadata: ["trace_id": ReadingFixture.traceID(1)]),
                .init(seconds: 1, metadata: ["task_id": task, "trace_id": ReadingFixture.traceID(2)]),
                .init(seconds: 2, metadata: ["task_id": task, "trace_id": ReadingFixture.traceID(2)]),
                // Mentioned only, and of no trace.
                .init(seconds: 3, line: #"{"message":"\#(task)"}"#, metadata: ["trace_id": ReadingFixture.traceID(3)]),
                .init(seconds: 4, metadata: ["task_id": task]),
                .init(seconds: 5, metadata: ["task_id": task + "c", "trace_id": ReadingFixture.traceID(4)]),
            ])
            let found = try await find(task, console)
            #expect(found.kind == "task" && found.ids == [ReadingFixture.traceID(2), ReadingFixture.traceID(1)])
        }
    }

    @Test func aTraceOfWhichThereAreOnlyLinesIsFoundByItsWholeID() async throws {
        try await ReadingFixture.run { (console) async throws in
            let id = ReadingFixture.traceID(5)
            try await console.push([.init(metadata: ["trace_id": id])])
            #expect(try await find(id, console).ids == [id])
            #expect(try await find("00-\(id)-00f067aa0ba902b7-00", console).kind == "trace")
            #expect(try await find(String(id.prefix(8)), console).kind == "none")
        }
    }

    @Test(arguments: ["nothing like that", "abc", "4bf92f3577b34da6", "00-zz", "t-1", "%"])
    func anythingElseIsNothing(text: String) async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push([.init(metadata: ["task_id": "t-9", "trace_id": ReadingFixture.traceID(1)])])
            #expect(try await find(text, console) == ("none", []))
        }
    }

    @Test func withoutATextThereIsNothingToFind() async throws {
        try await ReadingFixture.run { (console) async throws in
            #expect(try await console.get("/console/api/find").status == .badRequest)
        }
    }
}
