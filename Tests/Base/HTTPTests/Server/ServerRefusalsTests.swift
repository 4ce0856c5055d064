import Logging
import ServiceTesting
import Synchronization
import Testing

@testable import HTTP

/// Each limit has its answer, its line and its counter.
@Suite("What the HTTP server refuses", .serialized)
struct ServerRefusalsTests {
    struct Refusal: Sendable, CustomStringConvertible {
        var description: String
        var text: String
        var status: Int
        var counter: String
        var reason: String
    }

    private static let long = String(repeating: "a", count: 20_000)

    static let refusals: [Refusal] = [
        Refusal(
            description: "a head too large", text: "GET / HTTP/1.1\r\nhost: x\r\na: \(long)\r\n\r\n", status: 431,
            counter: "head_size", reason: "the head is larger than 16384 bytes"),
        Refusal(
            description: "too many fields",
            text: "GET / HTTP/1.1\r\nhost: x\r\n\(String(repeating: "a: b\r\n", count: 200))\r\n", status: 431,
            counter: "head_size", reason: "the head has too many fields"),
        Refusal(
            description: "a URL too long", text: "GET /\(long) HTTP/1.1\r\nhost: x\r\n\r\n", status: 414,
            counter: "head_size", reason: "the first line is longer than 16384 bytes"),
        Refusal(
            description: "no Host", text: "GET / HTTP/1.1\r\n\r\n", status: 400, counter: "malformed",
            reason: "the Host field is missing"),
        Refusal(
            description: "CONNECT", text: "CONNECT y:443 HTTP/1.1\r\nhost: y:443\r\n\r\n", status: 501,
            counter: "malformed", reason: "this is not a proxy"),
        Refusal(
            description: "another version", text: "GET / HTTP/2.0\r\nhost: x\r\n\r\n", status: 505,
            counter: "malformed",
            reason: "the version of HTTP is not 1.1 or 1.0"),
        Refusal(
            description: "another expectation", text: "GET / HTTP/1.1\r\nhost: x\r\nexpect: tea\r\n\r\n", status: 417,
            counter: "malformed", reason: "the expectation is not 100-continue"),
        Refusal(
            description: "another coding",
            text: "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n", status: 501,
            counter: "malformed", reason: "the only transfer coding known here is chunked"),
        Refusal(
            description: "a bad chunk",
            text: "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", status: 400,
            counter: "malformed", reason: ""),
    ]

    @Test("A refused request is answered with a problem document, a line and a counter", arguments: refusals)
    func aRefusedRequestIsAnsweredWithAProblemDocumentALineAndACounter(_ refusal: Refusal) async throws {
        try await WatchedServer.run { live in
            let connection = try live.connect()
            connection.send(refusal.text)
            let answer = try #require(await connection.response())
            #expect(answer.status == refusal.status)
            #expect(answer.fields["content-type"] == "application/problem+json")
            #expect(answer.fields["connection"] == "close")
            #expect(answer.body.contains("\"status\":\(refusal.status)") && answer.body.contains(refusal.reason))
            #expect(await connection.isClosed())
            #expect(live.refusals.all == [refusal.counter: 1])
            #expect(live.lines.count == 1)
            let line = try #require(live.lines.first)
            #expect(line.level == .warning)
            #expect(line.metadata["component"] == .string("http.server"))
            #expect(line.metadata["status"] == .integer(Int64(refusal.status)))
            #expect(line.metadata["peer"] == .string("127.0.0.1"))
            if case .string(let reason)? = line.metadata["error_message"] {
                #expect(reason.contains(refusal.reason))
            } else {
                Issue.record("the line has no reason: \(line.metadata)")
            }
        }
    }

    @Test("Every reason is reported from the start")
    func everyReasonIsReportedFromTheStart() async throws {
        try await WatchedServer.run { live in
            #expect(
                live.refusals.reasons == [
                    "malformed", "head_size", "body_size", "head_time", "body_time", "idle_time", "response_time",
                    "connections", "memory",
                ])
            #expect(live.refusals.all.isEmpty)
        }
    }

    /// A client that asked for the head alone would take a body for the next response.
    @Test(
        "A refused HEAD request is answered without a body",
        arguments: ["", "host: x\r\nhost: y\r\n", "host: x\r\nexpect: tea\r\n"])
    func aRefusedHEADRequestIsAnsweredWithoutABody(fields: String) async throws {
        try await WatchedServer.run { live in
            let connection = try live.connect()
            connection.send("HEAD / HTTP/1.1\r\n\(fields)\r\n")
            let rest = await connection.rest()
            #expect(rest.text.hasPrefix("HTTP/1.1 4") && rest.text.hasSuffix("\r\n\r\n"), "\(rest.text)")
            // The one after it is not taken for HEAD.
            let other = try live.connect()
            other.send("HEAD /hello HTTP/1.1\r\nhost: x\r\n\r\nnonsense\r\n\r\n")
            #expect(await other.response(head: true)?.status == 200)
            #expect(await other.response()?.body.isEmpty == false)
        }
    }

    @Test(
        "A body over its limit is counted",
        arguments: [
            "content-length: 20\r\n\r\n\(String(repeating: "a", count: 20))",
            "transfer-encoding: chunked\r\n\r\n14\r\n\(String(repeating: "a", count: 20))\r\n0\r\n\r\n",
        ])
    func aBodyOverItsLimitIsCounted(rest: String) async throws {
        try await WatchedServer.run {
            $0.maximumBodySize = 10
        } _: { live in
            let connection = try live.connect()
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\n" + rest)
            #expect(await connection.response()?.status == 413)
            #expect(live.refusals.all == ["body_size": 1])
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n0123456789")
            #expect(await connection.response()?.body == "0123456789")
        }
    }

    @Test("A client that asks for permission to send too large a body hears 413 at once")
    func aClientThatAsksForTooLargeABodyHears413AtOnce() async throws {
        try await WatchedServer.run {
            $0.maximumBodySize = 10
        } _: { live in
            let connection = try live.connect()
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 11\r\n\r\n")
            let answer = try #require(await connection.response())
            #expect(answer.status == 413 && answer.fields["connection"] == "close")
            #expect(await connection.isClosed())
            #expect(live.refusals.all == ["body_size": 1])
        }
    }

    @Test(
        "A slow head and a slow body are counted apart",
        arguments: [
            ("GET /hello HTTP/1.1\r\nhost: x\r\nx-slo", "head_time"),
            ("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf", "body_time"),
            ("POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n", "body_time"),
        ])
    func aSlowHeadAndASlowBodyAreCountedApart(text: String, counter: String) async throws {
        try await WatchedServer.run {
            $0.headTimeout = .milliseconds(50)
            $0.bodyTimeout = .milliseconds(50)
        } _: { live in
            let connection = try live.connect()
            connection.send(text)
            let answer = try #require(await connection.response())
            #expect(answer.status == 408 && answer.fields["connection"] == "close")
            #expect(await connection.isClosed())
            #expect(live.refusals.all == [counter: 1])
            #expect(live.lines.first?.metadata["status"] == .integer(408))
        }
    }

    @Test("A first line that does not end is counted as idle; a connection that says nothing is not")
    func aFirstLineThatDoesNotEndIsCountedAsIdle() async throws {
        try await WatchedServer.run {
            $0.idleTimeout = .milliseconds(50)
        } _: { live in
            let (silent, slow) = (try live.connect(), try live.connect())
            slow.send("GET /he")
            #expect(await silent.rest().text.isEmpty)
            #expect(await slow.rest().text.isEmpty)
            #expect(live.refusals.all == ["idle_time": 1])
        }
    }

    @Test("A client that reads too slowly loses its connection")
    func aClientThatReadsTooSlowlyLosesItsConnection() async throws {
        let outcome = Mutex<ResponseCompletion.Outcome?>(nil)
        try await WatchedServer.run {
            $0.bodyTimeout = .milliseconds(50)
            $0.minimumBytesPerSecond = 1 << 30
        } routes: { router in
            router.get("/large") { _, context in
                context.completion.onComplete { value in outcome.withLock { $0 = value } }
                return Response(body: [UInt8](repeating: 1, count: 16 << 20))
            }
        } _: { live in
            let connection = try RawConnection(port: live.server.port, receiveBuffer: 4096)
            connection.send("GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
            try await eventually { outcome.withLock { $0 } != nil }
            #expect(outcome.withLock { $0 }?.written == false)
            #expect(live.refusals.all == ["response_time": 1])
            #expect(live.server.requestsInFlight == 0)
        }
    }

    /// All servers of the process share the limits, so the test takes what is left of them.
    @Test("A request or an answer for which there is no memory left is answered 503, and the connection stays")
    func aRequestForWhichThereIsNoMemoryLeftIsAnswered503() async throws {
        let limits = TransferLimits.process
        try await WatchedServer.run { live in
            let connection = try live.connect()
            let held = (64 << 20) - limits.heldRequestBytes - 5
            try #require(limits.takeRequest(held))
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n0123456789")
            let request = await connection.response()
            limits.returnRequest(held)
            #expect(request?.status == 503 && request?.fields["retry-after"] == "1")
            #expect(request?.fields["connection"] == nil)
            #expect(live.refusals.all == ["memory": 1])
            let answers = (192 << 20) - limits.heldResponseBytes - 2
            try #require(limits.takeResponse(answers))
            connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            let response = await connection.response()
            limits.returnResponse(answers)
            #expect(response?.status == 503 && response?.fields["retry-after"] == "1")
            #expect(live.refusals.all == ["memory": 2])
            connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await connection.response()?.body == "hello")
        }
    }

    /// No clock is involved: the one connection too many makes room for itself.
    @Test("A connection gives way to a new one: without a request at once, within one with 503")
    func aConnectionGivesWayToANewOne() async throws {
        try await WatchedServer.run {
            $0.maximumConnections = 2
        } _: { live in
            let slow = try live.connect()
            slow.send("GET /hello HTTP/1.1\r\nhost: x\r\nx-slo")
            let idle = try live.connect()
            idle.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await idle.response()?.body == "hello")
            let third = try live.connect()
            third.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await third.response()?.body == "hello")
            #expect(await idle.isClosed())
            #expect(live.refusals.all == ["connections": 1])
            // Now all others have sent something: `third` is idle again, so it goes next, and `slow` last of all.
            let fourth = try live.connect()
            fourth.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\na")
            #expect(await third.isClosed())
            let fifth = try live.connect()
            fifth.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            let answer = try #require(await slow.response())
            #expect(
                answer.status == 503 && answer.fields["retry-after"] == "1" && answer.fields["connection"] == "close")
            #expect(await fifth.response()?.body == "hello")
            #expect(live.refusals.all == ["connections": 3])
            fourth.send("b")
            #expect(await fourth.response()?.body == "ab")
        }
    }
}
