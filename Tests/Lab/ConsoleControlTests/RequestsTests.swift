import Encoding
import HTTP
import ServiceTesting
import Testing

@Suite("Requests through the console")
struct RequestsTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    /// A gateway that takes tasks and remembers each.
    private static let gateway: ControlBench.Answer = { request in
        guard request.path == "/v1/tasks" else { return nil }
        return Response(
            status: .created, headers: ["content-type": "application/json", "x-trace-id": trace],
            body: Array(#"{"state":"settled"}"#.utf8))
    }

    @Test(
        "Each kind is sent as a load sends it",
        arguments: [
            ("sync", "/v1/tasks", "\"guild_id\":\"g-"), ("async", "/v1/tasks?mode=async", "\"guild_id\":\"g-"),
            ("unknown-guild", "/v1/tasks", "\"guild_id\":\"g-unknown\""), ("poor", "/v1/tasks", "9000000000000"),
            ("bad-body", "/v1/tasks", "workload"),
        ])
    func eachKindIsSent(_ kind: String, _ uri: String, _ part: String) async throws {
        try await ControlBench.run(gateway: Self.gateway) { (bench: ControlBench) async throws in
            let answer = try await bench.post("/send", #"{"kind":"\#(kind)"}"#)
            let sent = try #require(bench.gateway.requests.first { $0.path == "/v1/tasks" })
            #expect(sent.method == .post && sent.uri == uri)
            #expect(String(decoding: sent.body, as: UTF8.self).contains(part))
            #expect(answer["trace"]?.string == Self.trace && answer["status"] == 201)
            #expect(answer["request"]?["url"]?.string == bench.gateway.url + uri)
            #expect(answer["request"]?["body"]?.string == String(decoding: sent.body, as: UTF8.self))
            #expect(answer["response"]?["body"] == #"{"state":"settled"}"#)
            #expect(answer["response"]?["headers"]?.array?.contains(["x-trace-id", .string(Self.trace)]) == true)
            // The gateway of this test keeps no journal.
            #expect(answer["replayable"] == false)
        }
    }

    @Test("A guild, a workload or a body of one's own replace what would be sent; the token is sent and not shown")
    func wishesAreMet() async throws {
        try await ControlBench.run(variables: ["GATEWAY_TOKEN": "s3cret"], gateway: Self.gateway) {
            (bench: ControlBench) async throws in
            let answer = try await bench.send(
                .post, "/send", #"{"kind":"sync","guild":"g-7","workload":{"kind":"primes","size":10}}"#)
            let sent = try JSONValue(parsing: try #require(bench.gateway.requests.last { $0.path == "/v1/tasks" }).body)
            #expect(sent["guild_id"] == "g-7" && sent["workload"] == ["kind": "primes", "size": 10])
            #expect(sent["amount"]?.integer != nil)
            #expect(bench.gateway.requests.contains { $0.headers["authorization"] == "Bearer s3cret" })
            #expect(!String(decoding: answer.body, as: UTF8.self).contains("s3cret"))
            _ = try await bench.post("/send", #"{"kind":"custom","body":"not JSON at all"}"#)
            let custom = try #require(bench.gateway.requests.last { $0.path == "/v1/tasks" })
            #expect(String(decoding: custom.body, as: UTF8.self) == "not JSON at all")
        }
    }

    @Test(
        "What cannot be sent is refused, and nothing is sent",
        arguments: [
            #"{"kind":"nothing"}"#, #"{"kind":"custom"}"#, #"{"kind":"sync","body":"x"}"#, #"{"kid":"sync"}"#, "[]",
            "{", #"{"kind":7}"#,
        ])
    func whatCannotBeSentIsRefused(_ body: String) async throws {
        try await ControlBench.run(gateway: Self.gateway) { (bench: ControlBench) async throws in
            let refused = try await bench.send(.post, "/send", body)
            #expect(refused.status == .badRequest && refused.problem == "invalid-body")
            #expect(bench.gateway.requests.isEmpty)
        }
    }

    // MARK: Load

    @Test("A load is sent, and counts what comes back")
    func aLoadIsSent() async throws {
        try await ControlBench.run(gateway: Self.gateway) { (bench: ControlBench) async throws in
            let started = try await bench.send(
                .post, "/load", #"{"rate":200,"seconds":1,"mix":"sync=1,unknown-guild=1"}"#)
            #expect(started.status == .accepted)
            let first = try JSONValue(parsing: started.body)
            #expect(first["running"] == true && first["rate"] == 200 && first["mix"] == "sync=1,unknown-guild=1")
            #expect((0...1).contains(first["remaining"]?.double ?? -1))
            try await eventually(within: .seconds(60), "the end of the load") {
                try await bench.get("/load")["running"] == false
            }
            let report = try await bench.get("/load")
            #expect(report["sent"] == 200 && report["answered"] == 200 && report["remaining"] == 0)
            // The gateway knows every guild: half of the answers are not those that the requests were meant to get.
            let failed = report["failed"]?.integer ?? 0
            #expect((60...140).contains(failed))
            let sent = bench.gateway.requests.filter { $0.path == "/v1/tasks" }
            #expect(sent.count == 200)
            #expect(Int64(sent.count { String(decoding: $0.body, as: UTF8.self).contains("g-unknown") }) == failed)
        }
    }

    @Test("There is one load at a time; it can be stopped, and another one started then")
    func aLoadCanBeStopped() async throws {
        try await ControlBench.run(gateway: Self.gateway) { (bench: ControlBench) async throws in
            let started = try await bench.post("/load", #"{"rate":25,"seconds":3600}"#)
            #expect((started["remaining"]?.double ?? 0) > 3000)
            let second = try await bench.send(.post, "/load", "{}")
            #expect(second.status == .conflict && second.problem == "load-running")
            try await eventually(within: .seconds(60), "the first request") {
                try await bench.get("/load")["answered"]?.integer ?? 0 > 0
            }
            let stopped = try JSONValue(parsing: try await bench.send(.delete, "/load").body)
            #expect(stopped["running"] == false)
            #expect(stopped["sent"] == stopped["answered"])
            #expect(try await bench.send(.post, "/load", "{}").status == .accepted)
        }
    }

    @Test(
        "A load that makes no sense is refused",
        arguments: [
            #"{"rate":0}"#, #"{"rate":1e9}"#, #"{"seconds":0.5}"#, #"{"mix":"nothing=1"}"#, #"{"rate":"3"}"#,
            #"{"rate":500,"seconds":201}"#,
        ])
    func aLoadWithoutSenseIsRefused(_ body: String) async throws {
        try await ControlBench.run(gateway: Self.gateway) { (bench: ControlBench) async throws in
            #expect(try await bench.send(.post, "/load", body).problem == "invalid-body")
            #expect(try await bench.get("/load")["running"] == false)
        }
    }
}
