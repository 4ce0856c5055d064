import Encoding
import FaultKinds
import FaultRules
import HTTP
import ServiceTesting
import Synchronization
import Testing
import TraceContext
import Vocabulary

@testable import ConsoleControl

@Suite("Faults through the console")
struct FaultsTests {
    @Test("A rule is set in the services that it concerns, listed once, and removed")
    func aRuleIsSetListedAndRemoved() async throws {
        try await ControlBench.run(seed: 7) { (bench: ControlBench) async throws in
            let added = try await bench.send(.post, "/faults", #"{"rule":"*:latency=50ms,rate=30%,id=slow"}"#)
            #expect(added.status == .created)
            for role in ServiceRole.allCases { #expect(bench.rules(of: role).count == 1) }
            let state = try JSONValue(parsing: added.body)
            #expect(state["hidden"] == false && state["incident"] == .null && state["seed"] == "7")
            #expect(state["rules"]?.array?.count == 1)
            #expect(state["rules"]?[0]?["services"] == ["gateway", "tasks", "executor", "payments"])
            #expect(state["rules"]?[0]?["id"] == "slow" && state["rules"]?[0]?["inForce"] == true)
            // Only payments is concerned, though the gateway must know what it matches by.
            _ = try await bench.post("/faults", #"{"rule":"payments.reserve:throttle=1s,match=guild_id:g-7,id=one"}"#)
            #expect(bench.rules(of: .gateway).count == 2 && bench.rules(of: .executor).count == 1)
            let both = try await bench.get("/faults")
            #expect(both["rules"]?.array?.map { $0["id"]?.string } == ["slow", "one"])
            #expect(both["rules"]?[1]?["services"] == ["payments"])
            let rest = try await bench.send(.delete, "/faults/slow")
            #expect(try JSONValue(parsing: rest.body)["rules"]?.array?.map { $0["id"]?.string } == ["one"])
            #expect(try await bench.send(.delete, "/faults/slow").problem == "unknown-fault")
            let none = try await bench.send(.delete, "/faults")
            #expect(try JSONValue(parsing: none.body)["rules"] == [])
            for role in ServiceRole.allCases { #expect(bench.rules(of: role).isEmpty) }
        }
    }

    @Test("What a service that hides its faults was told is not listed")
    func hiddenRulesAreNotListed() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            bench.injectors[.payments]?.hide(true)
            try bench.injectors[.payments]?.add(try FaultRule(parsing: "payments:abort"))
            let state = try await bench.get("/faults")
            #expect(state["rules"] == [] && state["hidden"] == true && state["incident"] == .null)
        }
    }

    @Test("A rule that one service refuses stays set in none")
    func aRefusedRuleStaysSetNowhere() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            try bench.injectors[.payments]?.add(try FaultRule(parsing: "payments:abort,id=slow"))
            let refused = try await bench.send(.post, "/faults", #"{"rule":"*:latency=50ms,id=slow"}"#)
            #expect(refused.status == .badRequest && refused.problem == "invalid-fault")
            #expect(String(decoding: refused.body, as: UTF8.self).contains("payments: two fault rules with the id"))
            for role in [ServiceRole.gateway, .tasks, .executor] { #expect(bench.rules(of: role).isEmpty) }
            #expect(bench.rules(of: .payments) == ["payments:abort,id=slow"])
        }
    }

    @Test("A service that does not remove its rules keeps no other from it, and is named", arguments: ["", "/slow"])
    func oneServiceKeepsNoOtherFromRemoving(_ path: String) async throws {
        try await ControlBench.run(admin: { role, request in
            guard request.method == .delete, role == .gateway || role == .executor else { return nil }
            return Response(status: .serviceUnavailable)
        }) { (bench: ControlBench) async throws in
            #expect(try await bench.send(.post, "/faults", #"{"rule":"*:latency=50ms,id=slow"}"#).status == .created)
            let answer = try await bench.send(.delete, "/faults" + path)
            #expect(answer.status == .badGateway && answer.problem == "service-unavailable")
            let text = String(decoding: answer.body, as: UTF8.self)
            for role in ServiceRole.allCases {
                let isStuck = role == .gateway || role == .executor
                #expect(bench.rules(of: role).isEmpty != isStuck, "\(role)")
                #expect(text.contains(bench.url(of: role)) == isStuck, "\(role): \(text)")
            }
        }
    }

    @Test("All services are asked at once", arguments: ["/faults", "/incidents"])
    func servicesAreAskedAtOnce(_ path: String) async throws {
        let asked = Mutex<Set<ServiceRole>>([])
        let allAreAsked = AsyncStream<Never>.makeStream()
        try await ControlBench.run(admin: { role, _ in
            let count = asked.withLock { asked in
                asked.insert(role)
                return asked.count
            }
            if count == ServiceRole.allCases.count { allAreAsked.continuation.finish() }
            // One that is asked before the others would be given up.
            for await _ in allAreAsked.stream {}
            return nil
        }) { (bench: ControlBench) async throws in
            let answer = try await bench.get(path)
            if let silent = answer["silent"] { #expect(silent == []) }
            let list = answer["incidents"]?.array ?? []
            #expect(list.allSatisfy { $0["why"]?.string?.contains("does not answer") != true })
        }
    }

    @Test(
        "A text that is no rule is answered with what is wrong, and where",
        arguments: [
            ("payments.settle:latency=60x", 25), ("  payments.settle:latency=60x", 27), ("paymets:latency=1s", 1),
            ("payments.setle:latency=1s", 10), ("payments:latncy=1s", 10), ("payments: latncy=1s", 11),
            ("payments:latency=1s,rate=200%", 26), ("payments:latency=1s, rat=3%", 22),
            ("payments:latency=1s,rate=3%,rate=4%", 34), ("payments:latency", 10),
            ("payments:error=503:\"a,b\",rate=0%", 31), ("payments:latency=1s,match=nothing:1", 27),
        ])
    func aMalformedRuleIsPointedAt(_ text: String, _ column: Int) async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let body = JSONValue.object(["rule": .string(text)]).description
            let answer = try await bench.post("/faults/check", body)
            #expect(answer["valid"] == false)
            #expect(answer["column"]?.integer == Int64(column), "\(answer)")
            let problem = try #require(answer["problem"]?.string)
            #expect(!problem.hasPrefix("fault '"), "the text is on the screen already: \(problem)")
        }
    }

    @Test("A rule without a place to point at says so")
    func anEmptyRuleHasNoColumn() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let answer = try await bench.post("/faults/check", #"{"rule":""}"#)
            #expect(answer["valid"] == false && answer["column"] == .null)
        }
    }

    @Test("What a rule does is said in sentences")
    func aRuleIsExplained() throws {
        let rule = try FaultRule(parsing: "payments.settle:error=503,rate=40%,from=10s,for=20s,match=guild_id:g-7")
        #expect(
            Faults.explanation(rule) == """
                payments, in settle, answers with a status, problem+json, without handling the request (503). It hits 40% \
                of the requests; their trace ids decide which. Only if its guild_id is 'g-7'. Only if it begins 10s or \
                more and before 30s after the rule was set.
                """)
        #expect(
            Faults.explanation(try FaultRule(parsing: "executor:disk-full"))
                == "executor fails every write to the log file. It happens to the whole service: no request decides.")
    }

    // MARK: The preview

    /// Answers Tempo's search with these traces, newest first, and Loki's query with a line for each of `matched`.
    private static func stores(_ traces: [String], matched: [String] = []) -> ControlBench.Answer {
        { request in
            if request.path == "/api/search" {
                let found = traces.enumerated().map { index, id in
                    "{\"traceID\":\"\(id)\",\"startTimeUnixNano\":\"\(1_795_192_321_000_000_000 - index)\"}"
                }
                return json("{\"traces\":[\(found.joined(separator: ","))]}")
            }
            guard request.path == "/loki/api/v1/query_range" else { return nil }
            let streams = matched.map {
                "{\"stream\":{\"trace_id\":\"\($0)\"},\"values\":[[\"1795192321000000000\",\"{}\"]]}"
            }
            return json("{\"data\":{\"resultType\":\"streams\",\"result\":[\(streams.joined(separator: ","))]}}")
        }
    }

    private static func json(_ text: String) -> Response {
        Response(headers: ["content-type": "application/json"], body: Array(text.utf8))
    }

    /// Trace ids that have nothing in common.
    private static let traces = (1...200).map { index in
        TraceID(high: SplitMix64.mix(UInt64(index)), low: SplitMix64.mix(UInt64(index) << 32)).description
    }

    @Test("The preview is what the services would decide, by the seed in force", arguments: [0, 7, UInt64.max])
    func thePreviewIsWhatServicesWouldDecide(_ seed: UInt64) async throws {
        try await ControlBench.run(seed: seed, stores: Self.stores(Self.traces)) { (bench: ControlBench) async throws in
            for text in ["payments.reserve:latency=1s,rate=30%", "payments.reserve:latency=1s,rate=30%,seed=99"] {
                let answer = try await bench.post("/faults/check", #"{"rule":"\#(text)"}"#)
                let preview = try #require(answer["preview"]?.array)
                #expect(preview.count == 120 && preview.first?["time"] == "1795192321000000000")
                let decided = Self.traces.prefix(120).map { id in
                    FaultDecision(
                        seed: text.hasSuffix("99") ? 99 : seed, ruleID: "payments-reserve-latency",
                        traceID: TraceID(id)!
                    ).isHit(rate: 0.3)
                }
                #expect(preview.map { $0["hit"]?.bool } == decided)
                #expect((20...55).contains(decided.count(where: \.self)))
            }
        }
    }

    @Test("The preview of a rule that matches has only requests with the value")
    func thePreviewHasOnlyWhatMatches() async throws {
        let matched = [Self.traces[3], Self.traces[150]]
        try await ControlBench.run(stores: Self.stores(Self.traces, matched: matched)) {
            (bench: ControlBench) async throws in
            let answer = try await bench.post("/faults/check", #"{"rule":"payments:throttle=1s,match=guild_id:g-*"}"#)
            #expect(answer["preview"]?.array?.map { $0["trace"]?.string } == matched)
            let query = try #require(bench.stores.requests.last { $0.path.hasPrefix("/loki") })
            #expect(query.queryParameters["query"]?.hasSuffix(#" | guild_id=~"g-.*""#) == true)
            // Lines do not tell what a request's baggage had.
            let unknown = try await bench.post("/faults/check", #"{"rule":"payments:abort,match=baggage.x:1"}"#)
            #expect(unknown["valid"] == true && unknown["preview"] == [])
        }
    }

    @Test("The preview asks for the operations that the rule concerns")
    func thePreviewAsksForTheOperations() throws {
        let one = try #require(FaultPreview.query(try FaultRule(parsing: "payments.reserve:abort")))
        #expect(
            one == """
                { (kind = server || kind = consumer) && ((resource.service.name = "payments" && name = "POST \
                /v1/reservations")) }
                """)
        let worker = try #require(FaultPreview.query(try FaultRule(parsing: "tasks.process-task:latency=1s")))
        #expect(worker.contains("name = \"process tasks\""))
        // A worker answers nobody, so no answer of it can be replaced.
        let answering = try #require(FaultPreview.query(try FaultRule(parsing: "tasks:error")))
        #expect(!answering.contains("process tasks") && answering.contains("POST /v1/tasks"))
        #expect(FaultPreview.query(try FaultRule(parsing: "executor:disk-full")) == nil)
    }

    // MARK: The catalogue

    @Test("Every kind is there with an example that is a rule of this kind", arguments: FaultKind.allCases)
    func everyKindHasAnExample(_ kind: FaultKind) throws {
        let rule = try FaultRule(parsing: FaultCatalogue.example(kind))
        #expect(rule.kind == kind && rule.service != nil)
    }

    @Test("The catalogue says what a rule is made of")
    func theCatalogueSaysWhatARuleIsMadeOf() async throws {
        try await ControlBench.run { (bench: ControlBench) async throws in
            let answer = try await bench.get("/kinds")
            let kinds = try #require(answer["kinds"]?.array)
            #expect(kinds.map { $0["name"]?.string } == FaultKind.allCases.map(\.rawValue))
            #expect(kinds[0]["argument"]?["form"] == "distribution" && kinds[0]["argument"]?["required"] == true)
            let full = try #require(kinds.first { $0["name"] == "disk-full" })
            #expect(full["scope"] == "service" && full["argument"]?["form"] == "none")
            #expect(
                answer["options"]?.array?.map { $0["name"]?.string } == ["rate", "match", "from", "for", "id", "seed"])
            for option in try #require(answer["options"]?.array) {
                let text = "payments:latency=1s,\(option["name"]?.string ?? "")=\(option["example"]?.string ?? "")"
                #expect(throws: Never.self) { try FaultRule(parsing: text) }
            }
            #expect(
                answer["services"]?.array?.map { $0["name"]?.string } == ["gateway", "tasks", "executor", "payments"])
            #expect(answer["services"]?[2]?["operations"] == ["execute"])
        }
    }
}
