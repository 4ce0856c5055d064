import Encoding
import FaultKinds
import FaultRules
import FileSystem
import Glibc
import HTTP
import Incidents
import Testing
import Vocabulary

@testable import ConsoleControl

@Suite("Incidents through the console")
struct IncidentPagesTests {
    private static let library = IncidentLibrary(folder: ControlBench.root + "/incidents")
    private static let unsettled = "unsettled-tasks"

    /// All answers to GET but the catalogue of faults, which is the same whatever plays.
    private static func everything(_ bench: ControlBench) async throws -> String {
        var text = ""
        for route in bench.routes where route.hasPrefix("GET ") && !route.hasSuffix("/kinds") {
            let path = String(route.dropFirst("GET ".count + ConsoleControl.prefix.count))
            var paths = [path]
            if path == "/incidents/{name}" { paths = try library.names().map { "/incidents/" + $0 } }
            if path == "/exercises/{name}" {
                let list = try await bench.get("/exercises")["exercises"]?.array ?? []
                paths = list.map { "/exercises/" + ($0["name"]?.string ?? "") }
            }
            for path in paths where !path.hasPrefix("/verdict/") {
                let response = try await bench.send(.get, path)
                #expect(response.status == .ok, "\(path)")
                // Texts as people read them, without escapes.
                text += "\(try JSONValue(parsing: response.body))\n" + Self.texts(try JSONValue(parsing: response.body))
            }
        }
        return text
    }

    private static func texts(_ json: JSONValue) -> String {
        switch json {
        case .string(let text): text + "\n"
        case .array(let values): values.map(texts).joined()
        case .object(let object): object.members.map { texts($0.value) }.joined()
        default: ""
        }
    }

    /// What gives an incident away. Answers that can be chosen stand among the choices, so only free ones count.
    private static func spoilers(of incident: Incident) -> [String] {
        var spoilers = incident.aliases + [incident.lesson] + incident.hints
        for rule in incident.requestRules() + incident.serviceRules {
            spoilers.append(rule.description)
            // A single word may well stand in a story.
            if rule.id.contains("-") { spoilers.append(rule.id) }
        }
        for question in incident.questions { spoilers += [question.explanation] + (question.hint.map { [$0] } ?? []) }
        return spoilers
    }

    @Test("No answer to GET gives an incident away: no lesson, rule, hint, explanation or former name")
    func nothingGivesAnIncidentAway() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let text = try await Self.everything(bench)
            #expect(text.contains("It is a quiet evening."), "the stories are there")
            var count = 0
            for name in try Self.library.names() {
                let incident = try Self.library.incident(name)
                for spoiler in Self.spoilers(of: incident) {
                    count += 1
                    let isTold = text.contains(spoiler)
                    #expect(!isTold, "\(name): \(spoiler)")
                }
            }
            #expect(count > 150)
        }
    }

    @Test("Whoever answers right gets the explanation, and nothing about the other questions")
    func aRightAnswerIsExplained() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let incident = try Self.library.incident(Self.unsettled)
            let path = "/incidents/" + Self.unsettled
            let answer = try await bench.post(
                path + "/answers", #"{"id":"service","answer":" Payments ","cite":"abc"}"#)
            #expect(answer["right"] == true && answer["triesLeft"] == 0)
            #expect(answer["explanation"]?.string == incident.questions[0].explanation)
            #expect(answer["score"] == ["right": 1, "of": 4, "points": 3])
            let page = try await bench.get(path)
            #expect(page["answers"]?["service"]?["cite"] == "abc")
            #expect(page["answers"]?.object?.members.count == 1)
            let text = Self.texts(page)
            for question in incident.questions.dropFirst() { #expect(!text.contains(question.explanation)) }
            let again = try await bench.send(.post, path + "/answers", #"{"id":"service","answer":"gateway"}"#)
            #expect(again.status == .conflict && again.problem == "no-try-left")
        }
    }

    @Test("A wrong answer gets where to look, the second one what would have been right")
    func aWrongAnswerGetsAHint() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let incident = try Self.library.incident(Self.unsettled)
            let path = "/incidents/\(Self.unsettled)/answers"
            let first = try await bench.post(path, #"{"id":"operation","answer":"reserve"}"#)
            #expect(first["right"] == false && first["triesLeft"] == 1 && first["explanation"] == nil)
            #expect(first["hint"]?.string?.isEmpty == false && first["solution"] == nil)
            let second = try await bench.post(path, #"{"id":"operation","answer":"release"}"#)
            #expect(second["right"] == false && second["triesLeft"] == 0 && second["points"] == 0)
            #expect(second["explanation"]?.string == incident.questions[1].explanation)
            let solution = try #require(second["solution"]?.string)
            #expect(incident.questions[1].accepts(solution))
        }
    }

    @Test(
        "What cannot be graded costs no try", arguments: [("service", "nobody"), ("service", ""), ("operation", " ")])
    func whatCannotBeGradedCostsNoTry(_ id: String, _ answer: String) async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let path = "/incidents/" + Self.unsettled
            let body = JSONValue.object(["id": .string(id), "answer": .string(answer)]).description
            let refused = try await bench.send(.post, path + "/answers", body)
            #expect(refused.status == .unprocessableContent && refused.problem == "not-gradable")
            #expect(try await bench.get(path)["answers"] == [:])
        }
    }

    @Test("Hints come one at a time, cost a point each, and end")
    func hintsComeOneAtATime() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let hints = try Self.library.incident(Self.unsettled).hints
            let path = "/incidents/" + Self.unsettled
            _ = try await bench.post(path + "/answers", #"{"id":"service","answer":"payments"}"#)
            for (index, hint) in hints.enumerated() {
                let answer = try await bench.post(path + "/hint")
                #expect(
                    answer == [
                        "number": .number(index + 1), "text": .string(hint), "left": .number(hints.count - index - 1),
                    ])
                let page = try await bench.get(path)
                #expect(page["shownHints"]?.array?.map(\.string) == Array(hints.prefix(index + 1)))
                #expect(page["score"]?["points"]?.integer == Int64(max(0, 3 - index - 1)))
            }
            #expect(try await bench.send(.post, path + "/hint", "{}").problem == "no-hint-left")
        }
    }

    @Test("A restart keeps answers, hints and runs")
    func aRestartKeepsTheSession() async throws {
        try await Self.withFolder { folder in
            let path = "/incidents/" + Self.unsettled
            var before = JSONValue.null
            try await ControlBench.run(folder: folder) { (bench: ControlBench) async throws in
                _ = try await bench.post(path + "/hint")
                _ = try await bench.post(path + "/answers", #"{"id":"service","answer":"gateway"}"#)
                before = try await bench.get(path)
            }
            try await ControlBench.run(folder: folder) { (bench: ControlBench) async throws in
                #expect(try await bench.get(path) == before)
                #expect(before["answers"]?["service"]?["triesLeft"] == 1)
            }
        }
    }

    @Test("An incident that was played hides faults until its last question is settled")
    func faultsAreHiddenUntilAllIsAnswered() async throws {
        try await Self.withFolder { folder in
            try Files.write(Self.played(silenced: ["payments", "tasks"]), to: folder + "/console-incidents.json")
            try await ControlBench.run(folder: folder) { (bench: ControlBench) async throws in
                bench.injectors[.payments]?.hide(true)
                bench.injectors[.tasks]?.hide(true)
                bench.injectors[.executor]?.hide(true)
                let path = "/incidents/\(Self.unsettled)/answers"
                for (index, answer) in [("service", "payments"), ("operation", "settle"), ("money", "b")].enumerated() {
                    let state = try await bench.get("/faults")
                    #expect(state["hidden"] == true && state["incident"]?["name"] == "unsettled-tasks", "\(index)")
                    #expect(bench.injectors[.payments]?.isHidden == true)
                    _ = try await bench.post(path, #"{"id":"\#(answer.0)","answer":"\#(answer.1)"}"#)
                }
                _ = try await bench.post(path, #"{"id":"share","answer":"a"}"#)
                #expect(try await bench.get("/faults")["incident"]?["name"] == "unsettled-tasks")
                _ = try await bench.post(path, #"{"id":"share","answer":"c"}"#)
                #expect(try await bench.get("/faults")["incident"] == .null)
                #expect(bench.injectors[.payments]?.isHidden == false && bench.injectors[.tasks]?.isHidden == false)
                // It was started so, and stays so.
                #expect(bench.injectors[.executor]?.isHidden == true)
            }
        }
    }

    @Test("A run whose process ended before it leaves no rule behind")
    func aBrokenOffRunLeavesNoRule() async throws {
        try await Self.withFolder { folder in
            try Files.write(
                #"{"playing":"unsettled-tasks","silenced":["payments"],"sessions":{}}"#,
                to: folder + "/console-incidents.json")
            try await ControlBench.run(folder: folder) { (bench: ControlBench) async throws in
                let incident = try Self.library.incident(Self.unsettled)
                try bench.injectors[.payments]?.add(incident.requestRules())
                bench.injectors[.payments]?.hide(true)
                await bench.control.recover()
                #expect(bench.rules(of: .payments).isEmpty)
                #expect(bench.injectors[.payments]?.isHidden == false)
                #expect(try await bench.get("/incidents")["playing"] == .null)
            }
        }
    }

    @Test("An incident answers to its name alone, and one that needs services of its own cannot be played")
    func whatCannotBePlayedSaysWhy() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            #expect(try await bench.send(.get, "/incidents/payment-brownout").problem == "unknown-incident")
            #expect(try await bench.send(.get, "/incidents/..%2Fdocs").problem == "unknown-incident")
            let list = try #require(try await bench.get("/incidents")["incidents"]?.array)
            #expect(list.count == (try Self.library.names()).count)
            for item in list {
                let incident = try Self.library.incident(try #require(item["name"]?.string))
                let needsMore = incident.needsItsOwnServices != nil || !incident.restart.isEmpty
                #expect(item["playable"]?.bool == !needsMore && (item["why"] == .null) == !needsMore)
                #expect(item["questions"]?.integer == Int64(incident.questions.count))
                // What it needs of its own may be the answer.
                for variable in incident.environment.values.flatMap(\.keys) {
                    #expect(item["why"]?.string?.contains(variable) == false)
                }
            }
            let refused = try await bench.send(.post, "/incidents/worked-yesterday/play", "{}")
            #expect(refused.status == .conflict && refused.problem == "not-playable")
            #expect(try await bench.get("/incidents")["playing"] == .null)
            #expect(try await bench.send(.delete, "/incidents/playing").problem == "nothing-playing")
        }
    }

    @Test("A rule that stands in an incident's way is not named")
    func aRuleInTheWayIsNotNamed() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            try bench.injectors[.payments]?.add(try FaultRule(parsing: "payments:abort,id=brownout"))
            let refused = try await bench.send(.post, "/incidents/unsettled-tasks/play", "{}")
            #expect(refused.status == .conflict && refused.problem == "not-playable")
            #expect(!String(decoding: refused.body, as: UTF8.self).contains("brownout"))
            #expect(bench.rules(of: .payments) == ["payments:abort,id=brownout"])
            for role in ServiceRole.allCases { #expect(bench.injectors[role]?.isHidden == false) }
        }
    }

    @Test("Whoever gives up sees every solution, gets no further point, and faults are shown again")
    func givingUpSettlesEverything() async throws {
        try await Self.withFolder { folder in
            try Files.write(Self.played(silenced: ["payments"]), to: folder + "/console-incidents.json")
            try await ControlBench.run(folder: folder) { (bench: ControlBench) async throws in
                bench.injectors[.payments]?.hide(true)
                let path = "/incidents/" + Self.unsettled
                _ = try await bench.post(path + "/answers", #"{"id":"service","answer":"payments"}"#)
                let page = try await bench.post(path + "/solutions")
                let questions = try Self.library.incident(Self.unsettled).questions
                for question in questions {
                    let answer = try #require(page["answers"]?[question.id])
                    #expect(answer["explanation"]?.string == question.explanation)
                    #expect(answer["triesLeft"] == 0)
                    #expect((answer["answer"]?.isNull == true) == (question.id != "service"), "\(question.id)")
                }
                #expect(page["score"]?["points"] == 3 && page["score"]?["right"] == 1)
                #expect(bench.injectors[.payments]?.isHidden == false)
                #expect(try await bench.get("/faults")["hidden"] == false)
                for (route, body) in [("/solutions", "{}"), ("/answers", #"{"id":"money","answer":"b"}"#)] {
                    #expect(try await bench.send(.post, path + route, body).problem == "no-try-left", "\(route)")
                }
            }
        }
    }

    @Test("An incident that was not played cannot be given up")
    func nothingIsGivenUpUnplayed() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let path = "/incidents/" + Self.unsettled
            #expect(try await bench.send(.post, path + "/solutions", "{}").problem == "not-played")
            #expect(try await bench.get(path)["answers"] == [:])
        }
    }

    @Test("The beginning of a story is whole sentences")
    func theBeginningOfAStoryIsWholeSentences() {
        let story = """
            It is late. At 20:20 the channel
            lights up, and everybody asks the same question. More comes.
            """
        #expect(
            IncidentPages.beginning(of: story)
                == "It is late. At 20:20 the channel lights up, and everybody asks the same question.")
        #expect(IncidentPages.beginning(of: "One line without an end") == "One line without an end")
    }

    // MARK: Files

    private static func played(silenced: [String]) -> String {
        """
        {"playing":null,"silenced":\(silenced),"sessions":{"unsettled-tasks":{"hints":0,"tries":{},
        "played":{"run":1,"start":"1795192321000000000","end":"1795192396000000000","failures":31}}}}
        """
    }

    private static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = "/tmp/tailspan-sessions-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try Files.makeFolder(folder)
        let result: Result<Void, any Error>
        do { result = .success(try await body(folder)) } catch { result = .failure(error) }
        try Files.remove(folder)
        try result.get()
    }
}

extension JSONValue {
    fileprivate static func number(_ value: Int) -> JSONValue { JSONValue(integerLiteral: Int64(value)) }
}
