import EventLoop
import HTTP
import Logging
import Metrics
import Synchronization
import Testing
import Tracing

@testable import HTTP

/// A turn of the loop whose commit fails: nobody may hear of what was not stored.
@Suite("A failed commit", .serialized)
struct FailedCommitTests {
    private struct DiskFull: Error, CustomStringConvertible { var description: String { "disk full" } }

    private static func write(_ loop: EventLoop?, failing: Bool = true) {
        loop?.commitAtEndOfTurn { failing ? DiskFull() : nil }
    }

    private static func routes(_ router: Router) {
        router.post("/write") { request, context in
            write(context.eventLoop, failing: request.query == "fails")
            return Response(
                status: .created, headers: ["traceparent": "00-ab", "x-request-id": "r-1", "content-language": "en"],
                body: Array("stored".utf8))
        }
        router.post("/stream") { _, context in
            write(context.eventLoop)
            var response = Response(body: Array("stored".utf8))
            response.stream = BodyStream { _, _ in .send(upTo: 1) }
            return response
        }
        router.post("/reset") { _, context in
            write(context.eventLoop)
            var response = Response(body: Array("stored".utf8))
            response.stream = BodyStream { _, _ in .reset }
            return response
        }
    }

    @Test(
        "The answer becomes 500, and keeps the fields that name the trace",
        arguments: ["/write?fails", "/stream", "/reset"])
    func theAnswerBecomes500(path: String) async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let answer = try await live.client.execute(
                HTTPClient.Request(method: .post, url: live.url(path)))
            #expect(answer.status == .internalServerError)
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(String(decoding: answer.body, as: UTF8.self).contains("urn:tailspan:problem:not-stored"))
            if path == "/write?fails" {
                #expect(answer.headers["traceparent"] == "00-ab" && answer.headers["x-request-id"] == "r-1")
                #expect(answer.headers["content-language"] == nil)
            }
            let next = try await live.client.execute(HTTPClient.Request(method: .post, url: live.url("/write")))
            #expect(next.status == .created && next.body == Array("stored".utf8))
        }
    }

    @Test("All answers of the turn are lost, and of other turns none")
    func allAnswersOfTheTurnAreLost() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let connection = try RawConnection(port: live.server.port)
            let good = "POST /write HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
            let bad = "POST /write?fails HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
            connection.send(good + bad + good + bad + good)
            for status in [201, 500, 201, 500, 201] { #expect(await connection.response()?.status == status) }
        }
    }

    /// They are held against one limit for the whole process; a lost one must not count twice.
    @Test("A lost answer gives its memory back")
    func aLostAnswerGivesItsMemoryBack() async throws {
        let before = TransferLimits.process.heldResponseBytes
        try await LiveServer.run(routes: Self.routes) { live in
            for _ in 0..<20 {
                _ = try await live.client.execute(HTTPClient.Request(method: .post, url: live.url("/write?fails")))
            }
            #expect(TransferLimits.process.heldResponseBytes == before)
        }
    }

    @Test("A request that the turn queued is not sent, and not tried again")
    func aRequestThatTheTurnQueuedIsNotSent() async throws {
        let peer = try Peer(.keepOpen)
        let client = Mutex<HTTPClient?>(nil)
        let seen = Mutex<[String]>([])
        try await LiveServer.run { router in
            router.post("/direct") { _, context in
                Self.write(context.eventLoop)
                let client = client.withLock { $0 }
                do { _ = try await client?.execute(HTTPClient.Request(url: peer.url)) } catch {
                    seen.withLock { $0.append("\(error)") }
                }
                return .text("called")
            }
            router.post("/upstream") { _, context in
                Self.write(context.eventLoop)
                guard let client = client.withLock({ $0 }), let loop = context.eventLoop else { return .text("") }
                let upstream = UpstreamClient(
                    name: "peer", baseURL: "http://127.0.0.1:\(peer.port)", httpClient: client, eventLoop: loop,
                    tracer: NoOpTracer(), logger: .noOp, metrics: NOOPMetricsHandler(),
                    configuration: UpstreamClient.Configuration(), randomUInt64: { 0 })
                do { _ = try await upstream.send(.get, "/", template: "/") } catch {
                    seen.withLock { $0.append("\((error as? UpstreamError)?.reason as Any)") }
                    throw error
                }
                return .text("called")
            }
        } _: { live in
            client.withLock { $0 = live.client }
            let direct = try await live.client.execute(HTTPClient.Request(method: .post, url: live.url("/direct")))
            // The handler went on in a later turn, whose answer nothing speaks against.
            #expect(direct.status == .ok)
            let upstream = try await live.client.execute(HTTPClient.Request(method: .post, url: live.url("/upstream")))
            #expect(upstream.status == .internalServerError)
            #expect(peer.requests == 0 && peer.connections == 0)
            let errors = seen.withLock { $0 }
            #expect(errors.count == 2, "\(errors)")
            #expect(errors.allSatisfy { $0.contains("disk full") }, "\(errors)")
            #expect(errors.last?.contains("heldBack") == true, "\(errors)")
        }
    }
}
