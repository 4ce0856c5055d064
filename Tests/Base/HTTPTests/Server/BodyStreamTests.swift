import HTTP
import ServiceTesting
import Synchronization
import Testing

@Suite("A streamed body")
struct BodyStreamTests {
    /// Remembers where a stream was asked for its next step.
    private final class Questions: Sendable {
        private let asked = Mutex<[Int]>([])
        var all: [Int] { asked.withLock { $0 } }
        /// - Returns: how often `position` has been asked for before.
        func add(_ position: Int) -> Int {
            asked.withLock { asked in
                defer { asked.append(position) }
                return asked.count { $0 == position }
            }
        }
    }

    private static let body = Array("0123456789".utf8)

    /// Sends one request to a server that streams `body`; returns what comes, and how the response ended.
    private func answer(
        _ body: [UInt8] = BodyStreamTests.body, _ step: @escaping @Sendable (Int, Int) -> BodyStream.Step
    ) async throws -> (text: String, isReset: Bool, outcome: ResponseCompletion.Outcome?) {
        let outcome = Mutex<ResponseCompletion.Outcome?>(nil)
        var result = (text: "", isReset: false)
        try await LiveServer.run { router in
            router.get("/") { _, context in
                context.completion.onComplete { sent in outcome.withLock { $0 = sent } }
                var response = Response(body: body)
                response.stream = BodyStream(step)
                return response
            }
        } _: { live in
            let connection = try RawConnection(port: live.server.port)
            connection.send("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            result = await connection.rest()
            try await eventually("the response is over") { outcome.withLock { $0 != nil } }
        }
        return (result.text, result.isReset, outcome.withLock { $0 })
    }

    @Test("A stream is sent in the pieces that its steps name")
    func aStreamIsSentInThePiecesOfItsSteps() async throws {
        let questions = Questions()
        let answer = try await answer { position, count in
            _ = questions.add(position)
            return .send(upTo: count == 10 ? 4 : 1)
        }
        #expect(answer.text.contains("content-length: 10\r\n") || answer.text.contains("Content-Length: 10\r\n"))
        #expect(answer.text.hasSuffix("\r\n\r\n0123456789") && !answer.isReset)
        #expect(questions.all == [0, 4, 8])
        #expect(answer.outcome?.written == true)
    }

    @Test("A stream resumes where it was after a pause")
    func aStreamResumesAfterAPause() async throws {
        let questions = Questions()
        let started = ContinuousClock.now
        let answer = try await answer { position, _ in
            questions.add(position) == 0 && position > 0 ? .pause(.milliseconds(20)) : .send(upTo: 5)
        }
        #expect(answer.text.hasSuffix("\r\n\r\n0123456789"))
        #expect(questions.all == [0, 5, 5])
        #expect(started.duration(to: .now) >= .milliseconds(20))
    }

    @Test("A stream may end before the promised length, at once or later", arguments: [0, 3])
    func aStreamMayEndBeforeItsLength(at end: Int) async throws {
        let answer = try await answer { position, _ in position < end ? .send(upTo: end - position) : .end }
        #expect(answer.text.hasPrefix("HTTP/1.1 200") && answer.text.hasSuffix("\r\n\r\n" + "012".prefix(end)))
        #expect(answer.outcome?.written == false)
    }

    @Test("A reset replaces the response or interrupts it", arguments: [0, 3])
    func aResetReplacesOrInterruptsTheResponse(at end: Int) async throws {
        let answer = try await answer { position, _ in position < end ? .send(upTo: end - position) : .reset }
        #expect(answer.isReset)
        if end == 0 { #expect(answer.text.isEmpty) }
        #expect(answer.outcome?.written == false)
    }

    @Test("An empty stream is answered unless it is reset")
    func anEmptyStreamIsAnsweredUnlessItIsReset() async throws {
        let sent = try await answer([]) { _, _ in .send(upTo: 1) }
        #expect(sent.text.hasPrefix("HTTP/1.1 200") && sent.outcome?.written == true)
        let reset = try await answer([]) { _, _ in .reset }
        #expect(reset.text.isEmpty && reset.isReset)
    }

    @Test("A large stream arrives whole")
    func aLargeStreamArrivesWhole() async throws {
        let body = (0..<600_000).map { UInt8(ascii: "a") + UInt8($0 % 23) }
        let answer = try await answer(body) { _, count in .send(upTo: count) }
        #expect(answer.text.hasSuffix(String(decoding: body, as: UTF8.self)))
        let whole = try await LiveServer.answer(body)
        #expect(whole == body)
    }
}

extension LiveServer {
    /// What a client reads of a response with `body` and no stream.
    fileprivate static func answer(_ body: [UInt8]) async throws -> [UInt8] {
        var read: [UInt8] = []
        try await run { router in
            router.get("/") { _, _ in Response(body: body) }
        } _: { live in
            read = try await live.client.execute(
                HTTPClient.Request(url: "http://127.0.0.1:\(live.server.port)/"), timeout: .seconds(10)
            ).body
        }
        return read
    }
}
