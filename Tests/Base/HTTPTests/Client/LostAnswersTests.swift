import EventLoop
import HTTPConformance
import Logging
import Metrics
import Testing
import Tracing

@testable import HTTP

/// A kept connection may be closed between two requests or within one. A request is sent again only if it cannot be
/// carried out twice, or may be (RFC 9110, section 9.2.2).
@Suite("A request whose kept connection is lost", .serialized)
struct LostAnswersTests {
    /// A client that keeps one connection to a server that has answered one request.
    private struct Kept: Sendable {
        let server: ManualServer
        let line: Line
        let loop: EventLoop
        let client: HTTPClient

        static func run(
            _ configuration: HTTPClient.Configuration = HTTPClient.Configuration(), _ body: (Kept) async throws -> Void
        ) async throws {
            try await withSocketFolder { folder in
                let server = try ManualServer(path: folder + "/server.sock")
                let loop = try EventLoop(name: "test")
                try loop.start()
                defer { loop.stop() }
                let client = HTTPClient(eventLoop: loop, configuration: configuration)
                let first = Task.immediate { try await client.execute(HTTPClient.Request(url: server.url)) }
                let line = try server.accept()
                try line.receiveRequest()
                line.answer()
                #expect(try await first.value.status == .ok)
                let kept = Kept(server: server, line: line, loop: loop, client: client)
                let result: Result<Void, any Error>
                do { result = .success(try await body(kept)) } catch { result = .failure(error) }
                await client.shutdown()
                try result.get()
            }
        }

        /// Begins a call.
        func call(_ request: HTTPClient.Request) -> Task<HTTPClient.Response, any Error> {
            Task.immediate { try await client.execute(request) }
        }

        /// Begins a call with a key, one attempt only.
        func upstreamCall(
            _ method: HTTPMethod = .post, retriesLostAnswers: Bool
        ) -> Task<HTTPClient.Response, any Error> {
            var configuration = UpstreamClient.Configuration()
            configuration.retriesLostAnswers = retriesLostAnswers
            configuration.maximumAttempts = 1
            let upstream = UpstreamClient(
                name: "peer", baseURL: String(server.url.dropLast()), httpClient: client, eventLoop: loop,
                tracer: NoOpTracer(), logger: .noOp, metrics: NOOPMetricsHandler(), configuration: configuration,
                randomUInt64: { 0 })
            return Task.immediate {
                try await upstream.send(method, "/", template: "/", headers: ["idempotency-key": "k-1"])
            }
        }

        /// Begins a call in a turn of the loop that does this first, and in which the loop learns nothing of it.
        func call(
            _ request: HTTPClient.Request, after happening: @escaping @Sendable (Line) -> Void
        ) async throws -> Task<HTTPClient.Response, any Error> {
            try await loop.perform {
                happening(line)
                return Task.immediate(executorPreference: loop) { try await client.execute(request) }
            }
        }
    }

    /// A request, and whether the client may send it again on its own when it cannot know what became of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let method: HTTPMethod
        var key: String?
        let isRepeated: Bool

        func request(_ url: String, size: Int = 0) -> HTTPClient.Request {
            var request = HTTPClient.Request(method: method, url: url, body: [UInt8](repeating: 1, count: size))
            request.headers["idempotency-key"] = key
            return request
        }

        var testDescription: String {
            "\(method)\(key.map { _ in " with a key" } ?? "")"
        }
    }

    static let cases: [Case] = [
        Case(method: .get, isRepeated: true), Case(method: .head, isRepeated: true),
        Case(method: .options, isRepeated: true), Case(method: HTTPMethod(rawValue: "TRACE"), isRepeated: true),
        Case(method: .put, isRepeated: true), Case(method: .delete, isRepeated: true),
        Case(method: .post, isRepeated: false), Case(method: .patch, isRepeated: false),
        Case(method: HTTPMethod(rawValue: "LOCK"), isRepeated: false),
        Case(method: .post, key: "k-1", isRepeated: true), Case(method: .patch, key: "k-2", isRepeated: true),
    ]

    @Test("One that was sent is sent again only if it may be carried out twice", arguments: cases, [0, 5, 300_000])
    func oneThatWasSentIsSentAgainOnlyIfItMayBeCarriedOutTwice(entry: Case, size: Int) async throws {
        try await Self.loses(entry, size: size) { line throws in
            #expect(try line.receiveRequest() == ("\(entry.method) / HTTP/1.1", size))
        }
    }

    /// The server may have had enough of it to act.
    @Test("So is one that was sent in part", arguments: cases)
    func soIsOneThatWasSentInPart(entry: Case) async throws {
        try await Self.loses(entry, size: 2_000_000) { line throws in #expect(try line.receive(16).count == 16) }
    }

    /// Has a kept connection end after `receive`.
    private static func loses(_ entry: Case, size: Int, _ receive: (Line) throws -> Void) async throws {
        try await Kept.run { kept in
            let call = kept.call(entry.request(kept.server.url, size: size))
            try receive(kept.line)
            kept.line.end()
            guard entry.isRepeated else {
                let error = await #expect(throws: HTTPClientError.self) { try await call.value }
                #expect(error?.errorType == "transfer_failed")
                return #expect(!kept.server.hasCaller)
            }
            let again = try kept.server.accept()
            #expect(try again.receiveRequest() == ("\(entry.method) / HTTP/1.1", size))
            again.answer()
            let answer = try await call.value
            #expect(answer.status == .ok && answer.followsLostAnswer)
            #expect(!kept.server.hasCaller)
        }
    }

    @Test("One of which nothing was sent is sent again, whatever its method", arguments: cases, [5, 300_000])
    func oneOfWhichNothingWasSentIsSentAgain(entry: Case, size: Int) async throws {
        try await Kept.run { kept in
            let call = try await kept.call(entry.request(kept.server.url, size: size)) { $0.endReceiving() }
            let again = try kept.server.accept()
            #expect(try again.receiveRequest() == ("\(entry.method) / HTTP/1.1", size))
            again.answer()
            let answer = try await call.value
            #expect(answer.status == .ok && !answer.followsLostAnswer)
            #expect(try kept.line.receive().isEmpty)
        }
    }

    @Test("A connection that has ended is not taken from the pool", arguments: cases)
    func aConnectionThatHasEndedIsNotTakenFromThePool(entry: Case) async throws {
        try await Kept.run { kept in
            // The server goes on reading, so that it would see what is sent.
            let call = try await kept.call(entry.request(kept.server.url, size: 5)) { $0.endSending() }
            let fresh = try kept.server.accept()
            #expect(try fresh.receiveRequest().bodySize == 5)
            fresh.answer()
            #expect(try await call.value.status == .ok)
            #expect(try kept.line.receive().isEmpty, "nothing was written to the old one")
        }
    }

    @Test("A connection that has ended with its answer is not given to a call that waits", arguments: cases)
    func aConnectionThatHasEndedIsNotGivenToAWaitingCall(entry: Case) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.maximumConnectionsPerHost = 1
        try await Kept.run(configuration) { kept in
            let first = kept.call(HTTPClient.Request(url: kept.server.url))
            try kept.line.receiveRequest()
            let second = try await kept.call(entry.request(kept.server.url, size: 5)) { _ in }
            // The loop sees the answer and the end at once, and reads the answer first.
            try await kept.loop.perform {
                kept.line.answer("last")
                kept.line.endSending()
            }
            #expect(try await first.value.body == Array("last".utf8))
            let fresh = try kept.server.accept()
            #expect(try fresh.receiveRequest().bodySize == 5)
            fresh.answer()
            #expect(try await second.value.status == .ok)
            #expect(try kept.line.receive().isEmpty, "nothing was written to the old one")
        }
    }

    /// An error that says that nothing was sent would be taken as proof of that.
    @Test("One that was sent and cannot be sent again has not failed to connect")
    func oneThatWasSentAndCannotBeSentAgainHasNotFailedToConnect() async throws {
        try await Kept.run { kept in
            let call = kept.call(HTTPClient.Request(url: kept.server.url))
            try kept.line.receiveRequest()
            kept.server.refuse()
            kept.line.end()
            let error = await #expect(throws: HTTPClientError.self) { try await call.value }
            #expect(error?.neverConnected == false && error?.errorType == "transfer_failed")
            #expect(error?.description.contains("it could not be sent again: could not connect") == true)
            let next = await #expect(throws: HTTPClientError.self) {
                try await kept.client.execute(HTTPClient.Request(url: kept.server.url))
            }
            #expect(next?.neverConnected == true)
        }
    }

    /// Where lost answers are not retried, a refusal is to prove that nothing was carried out.
    @Test("A refusal of what was sent again is no answer where it could be taken as proof", arguments: [true, false])
    func aRefusalOfWhatWasSentAgainIsNoAnswer(retries: Bool) async throws {
        let rows: [(HTTPMethod, status: Int, isProof: Bool)] = [
            (.post, 201, false), (.post, 429, true), (.post, 503, false), (.delete, 404, false),
        ]
        for (method, status, isProof) in rows {
            try await Kept.run { kept in
                let call = kept.upstreamCall(method, retriesLostAnswers: retries)
                try kept.line.receiveRequest()
                kept.line.end()
                let again = try kept.server.accept()
                try again.receiveRequest()
                again.answer(status: status)
                guard isProof, !retries else { return #expect(try await call.value.status.code == status) }
                let error = await #expect(throws: UpstreamError.self) { try await call.value }
                guard case .broken(let reason)? = error?.reason else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(reason.contains("refused with 429"))
                #expect(error?.neverArrived == false && !kept.server.hasCaller)
            }
        }
    }

    @Test("A refusal of what was sent once is an answer", arguments: [true, false])
    func aRefusalOfWhatWasSentOnceIsAnAnswer(retries: Bool) async throws {
        try await Kept.run { kept in
            let call = kept.upstreamCall(retriesLostAnswers: retries)
            try kept.line.receiveRequest()
            kept.line.answer(status: 402)
            #expect(try await call.value.status.code == 402)
        }
    }
}
