import Encoding
import HTTP
import Testing

@Suite("A line and its neighbours") struct ReadingAroundTests {
    private func messages(_ answer: JSONValue) -> [String] {
        answer["lines"]?.each("message").compactMap(\.string) ?? []
    }

    /// Ten lines of two services by turns, `0` to `9`, a second apart.
    private static let lines = (0..<10).map {
        ReadingFixture.Line(seconds: Double($0), service: $0 % 2 == 0 ? "gateway" : "tasks", line: "\($0)")
    }

    /// The time and the key of the line with a text.
    private func place(of text: String, _ console: ReadingFixture) async throws -> [String: String] {
        let lines = try await console.read("lines", ["limit": "5000"])["lines"]?.array ?? []
        let line = try #require(lines.first { $0["line"]?.string == text })
        return ["time": try #require(line["time"]?.string), "key": try #require(line["key"]?.string)]
    }

    @Test func theNeighboursAreInOrderOfTime() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.lines)
            let place = try await place(of: "4", console)
            #expect(messages(try await console.read("around", place)) == (0...9).map(String.init))
            let few = try await console.read("around", place.merging(["before": "2", "after": "1"]) { $1 })
            #expect(messages(few) == ["2", "3", "4", "5"])
            let none = try await console.read("around", place.merging(["before": "0", "after": "0"]) { $1 })
            #expect(messages(none) == ["4"])
        }
    }

    @Test func theNeighboursMayBeThoseOfTheService() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.lines)
            let place = try await place(of: "4", console)
            let answer = try await console.read(
                "around", place.merging(["service": "gateway", "before": "1", "after": "1"]) { $1 })
            #expect(messages(answer) == ["2", "4", "6"])
        }
    }

    @Test func linesOfTheSameTimeStayInOrderOfArrival() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push((0..<7).map { .init(line: "\($0)") })
            let place = try await place(of: "3", console)
            let answer = try await console.read("around", place.merging(["before": "2", "after": "2"]) { $1 })
            #expect(messages(answer) == ["1", "2", "3", "4", "5"])
        }
    }

    @Test func withoutAKeyTheNeighboursAreThoseOfTheTime() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(Self.lines)
            let time = ReadingFixture.start + 4 * ReadingFixture.second + 1
            let answer = try await console.read("around", ["time": String(time), "before": "1", "after": "1"])
            #expect(messages(answer) == ["4", "5"])
        }
    }

    @Test func aLineThatIsGoneIsNotFound() async throws {
        try await ReadingFixture.run { (console) async throws in
            for isEmpty in [true, false] {
                if !isEmpty { try await console.push(Self.lines) }
                let answer = try await console.get(
                    "/console/api/around", ["time": String(ReadingFixture.start), "key": "1-1-0123456789abcdef"])
                #expect(answer.status == .notFound)
                #expect(answer.json["type"] == "urn:tailspan:problem:no-such-line")
            }
            #expect(try await console.get("/console/api/around").status == .badRequest)
            #expect(try await console.get("/console/api/around", ["time": "5", "before": "501"]).status == .badRequest)
        }
    }
}

@Suite("The fields of the newest lines") struct ReadingFieldsTests {
    private func field(_ name: String, _ answer: JSONValue) -> JSONValue? {
        answer["fields"]?.array?.first { $0["name"]?.string == name }
    }

    @Test func aFieldHasItsValuesItsShareAndItsBounds() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(
                (0..<40).map { number in
                    let more = number < 10 ? #","amount":\#(Double(number) / 100 + 0.07)"# : ""
                    return .init(
                        seconds: Double(number), line: #"{"message":"m","guild_id":"g-\#(number % 30)"\#(more)}"#)
                })
            let answer = try await console.read("fields")
            #expect(answer["sample"] == 40)
            let guild = try #require(field("guild_id", answer))
            #expect(guild["values"] == 30 && guild["lines"] == 1 && guild["label"] == false)
            #expect(guild["least"]?.isNull == true && guild["most"]?.isNull == true)
            // The most frequent first.
            #expect(guild["examples"]?.strings.count == 20 && guild["examples"]?.strings.first == "g-0")
            #expect(
                guild["examples"]?.strings.contains("g-10") == true
                    && guild["examples"]?.strings.contains("g-29") == false)
            let amount = try #require(field("amount", answer))
            #expect(amount["least"] == "0.07" && amount["most"] == "0.16" && amount["lines"] == 0.25)
            #expect(field("service", answer)?["label"] == true)
        }
    }

    @Test func onlyTheNewestLinesOfTheRangeAreLookedAt() async throws {
        try await ReadingFixture.run { (console) async throws in
            try await console.push(
                (0..<2100).map { .init(seconds: Double($0) / 1000, line: #"{"\#($0 < 100 ? "old" : "new")":"x"}"#) })
            let answer = try await console.read("fields")
            #expect(answer["sample"] == 2000 && field("new", answer) != nil && field("old", answer) == nil)
            let early = try await console.read(
                "fields", ["to": String(ReadingFixture.start + ReadingFixture.second / 20)])
            #expect(early["sample"] == 50 && field("old", early) != nil && field("new", early) == nil)
        }
    }

    @Test func anEmptyStoreHasNoFields() async throws {
        try await ReadingFixture.run { (console) async throws in
            #expect(try await console.read("fields") == ["fields": [], "sample": 0])
        }
    }
}
