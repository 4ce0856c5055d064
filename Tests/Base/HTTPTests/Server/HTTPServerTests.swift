import EventLoop
import HTTP
import ServiceTesting
import Synchronization
import Testing

@Suite("The HTTP server")
struct HTTPServerTests {
    private static func routes(_ router: Router) {
        router.get("/hello") { _, _ in .text("hello") }
        router.post("/echo") { request, _ in Response(body: request.body) }
        router.get("/late") { _, context in
            try await context.eventLoop?.sleep(for: .zero)
            return .text("late")
        }
        router.get("/where") { _, context in
            .text("\(context.eventLoop?.inEventLoop == true) \(EventLoop.current === context.eventLoop)")
        }
    }

    @Test func aServerAnswersConsecutiveRequestsOnOneConnection() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let connection = try RawConnection(port: live.server.port)
            for path in ["/hello", "/late", "/hello", "/late"] {
                connection.send("GET \(path) HTTP/1.1\r\nhost: x\r\n\r\n")
                let answer = try #require(await connection.response())
                #expect(answer.status == 200)
                #expect(answer.body == String(path.dropFirst()))
                #expect(answer.fields["content-type"] == "text/plain; charset=utf-8")
            }
            connection.send("GET /hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            #expect(await connection.response()?.fields["connection"] == "close")
            #expect(await connection.isClosed())
        }
    }

    @Test func aServerWaitsForTheRestOfARequestInPieces() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let connection = try RawConnection(port: live.server.port)
            for piece in ["PO", "ST /echo HT", "TP/1.1\r\nho", "st: x\r\ncontent-le", "ngth: 6\r\n\r", "\nabc", "def"] {
                connection.send(piece)
                // Lets the server see the piece alone; nothing depends on it.
                await pause(microseconds: 3000)
            }
            #expect(await connection.response()?.body == "abcdef")
        }
    }

    @Test(arguments: ["/hello", "/late"]) func aServerAnswersPipelinedRequestsInOrder(path: String) async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let connection = try RawConnection(port: live.server.port)
            let first = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nfirst"
            let second = "GET \(path) HTTP/1.1\r\nhost: x\r\n\r\n"
            connection.send(second + first + second)
            let word = String(path.dropFirst())
            #expect(await connection.response()?.body == word)
            #expect(await connection.response()?.body == "first")
            #expect(await connection.response()?.body == word)
        }
    }

    @Test func aServerReadsAChunkedBody() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let connection = try RawConnection(port: live.server.port)
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
            connection.send("3\r\nabc\r\n10;x=y\r\n0123456789abcdef\r\n0\r\nsome: trailer\r\n\r\n")
            #expect(await connection.response()?.body == "abc0123456789abcdef")
            connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await connection.response()?.body == "hello")
        }
    }

    @Test func aServerAnswersHeadWithoutABody() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let connection = try RawConnection(port: live.server.port)
            connection.send("HEAD /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            let answer = try #require(await connection.response(head: true))
            #expect(answer.status == 200)
            #expect(answer.fields["content-length"] == "5")
            connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await connection.response()?.body == "hello")
        }
    }

    enum Nonsense: String, CaseIterable {
        case longHead, longTarget, noHost, noColon, badChunk, badLength

        var text: String {
            switch self {
            case .longHead:
                "GET / HTTP/1.1\r\nhost: x\r\n\(String(repeating: "x-pad: aaaaaaaaaaaa\r\n", count: 4000))\r\n"
            case .longTarget: "GET /\(String(repeating: "a", count: 40_000)) HTTP/1.1\r\nhost: x\r\n\r\n"
            case .noHost: "GET /hello HTTP/1.1\r\n\r\n"
            case .noColon: "GET /hello HTTP/1.1\r\nhost: x\r\nno colon here\r\n\r\n"
            case .badChunk: "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"
            case .badLength: "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: nonsense\r\n\r\n"
            }
        }

        var status: Int {
            switch self {
            case .longHead: 431
            case .longTarget: 414
            default: 400
            }
        }
    }

    @Test(arguments: Nonsense.allCases)
    func aServerRefusesAMalformedRequest(_ nonsense: Nonsense) async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let connection = try RawConnection(port: live.server.port)
            connection.send(nonsense.text)
            #expect(await connection.response()?.status == nonsense.status)
            #expect(live.server.requestsInFlight == 0)
            let status = try await live.get("/hello").status
            #expect(status == .ok)
        }
    }

    @Test func aBodyOverTheLimitIsAnswered413AndTheConnectionKept() async throws {
        var configuration = HTTPServer.Configuration()
        configuration.maximumBodySize = 1000
        try await LiveServer.run(configuration: configuration, routes: Self.routes) { live in
            let connection = try RawConnection(port: live.server.port)
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n")
            connection.send([UInt8](repeating: 65, count: 1000))
            #expect(await connection.response()?.status == 200)
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 50000\r\n\r\n")
            connection.send([UInt8](repeating: 65, count: 50_000))
            let answer = try #require(await connection.response())
            #expect(answer.status == 413)
            #expect(answer.fields["content-type"] == "application/problem+json")
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n400\r\n")
            connection.send([UInt8](repeating: 65, count: 1024))
            connection.send("\r\n0\r\n\r\n")
            #expect(await connection.response()?.status == 413)
            connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await connection.response()?.body == "hello")
        }
    }

    @Test func aServerAnswersExpectContinue() async throws {
        var configuration = HTTPServer.Configuration()
        configuration.maximumBodySize = 10
        try await LiveServer.run(configuration: configuration, routes: Self.routes) { live in
            let connection = try RawConnection(port: live.server.port)
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n")
            #expect(await connection.response()?.status == 100)
            connection.send("abcd")
            #expect(await connection.response()?.body == "abcd")
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 40\r\n\r\n")
            #expect(await connection.response()?.status == 413)
        }
    }

    @Test func aServerRunsHandlersOnTheLoop() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let body = try await live.get("/where").body
            #expect(String(decoding: body, as: UTF8.self) == "true true")
        }
    }

    @Test func aHandlerReceivesTheRequestAsItWasSent() async throws {
        let seen = Mutex<Request?>(nil)
        try await LiveServer.run { router in
            router.get("/a%2Fb/{id}") { request, context in
                seen.withLock { $0 = request }
                return .text(context.parameters["id"] ?? "")
            }
        } _: { live in
            let connection = try RawConnection(port: live.server.port)
            connection.send(
                "GET /a%2Fb/%C3%A9+1?q=%20a&b=c+d HTTP/1.1\r\nHost: x\r\nX-Thing:  one \r\nx-thing: two\r\nX-A-Rather-Long-Name: Y\r\n\r\n"
            )
            #expect(await connection.response()?.body == "é+1")
            let request = try #require(seen.withLock { $0 })
            #expect(request.path == "/a%2Fb/%C3%A9+1")
            #expect(request.query == "q=%20a&b=c+d")
            #expect(request.headers["x-thing"] == "one, two")
            #expect(request.headers.map(\.name) == ["host", "x-thing", "x-thing", "x-a-rather-long-name"])
            #expect(request.remoteAddress == "127.0.0.1")
        }
    }

    struct Surprise: Error {}

    @Test func aServerRendersErrorsAsProblemDocuments() async throws {
        try await LiveServer.run { router in
            router.get("/known") { _, _ in throw HTTPError(.conflict, message: "taken", headers: ["retry-after": "1"]) }
            router.get("/surprise") { _, _ in throw Surprise() }
            router.get("/nonsense") { _, _ in Response(status: HTTPStatus(code: 7)) }
        } _: { live in
            let known = try await live.get("/known")
            #expect(known.status == .conflict)
            #expect(known.headers["content-type"] == "application/problem+json")
            #expect(known.headers["retry-after"] == "1")
            #expect(String(decoding: known.body, as: UTF8.self).contains(#""instance":"/known""#))
            let surprise = try await live.get("/surprise")
            #expect(surprise.status == .internalServerError)
            #expect(!String(decoding: surprise.body, as: UTF8.self).contains("Surprise"))
            let (nonsense, nothing) = try await (live.get("/nonsense"), live.get("/nothing"))
            #expect(nonsense.status == .internalServerError)
            #expect(nothing.status == .notFound)
        }
    }

    @Test func aServerAnswersManyConnectionsWhoseHandlersSuspend() async throws {
        try await LiveServer.run { router in
            router.get("/sleep") { request, context in
                try await context.eventLoop?.sleep(for: .zero)
                await Task.yield()
                return .text(request.query ?? "")
            }
        } _: { live in
            let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
                for connection in 0..<64 {
                    group.addTask {
                        var wrong = 0
                        for number in 0..<200 {
                            let answer = try await live.get("/sleep?\(connection)-\(number)")
                            if answer.body != Array("\(connection)-\(number)".utf8) { wrong += 1 }
                        }
                        return wrong
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(wrong == 0)
            #expect(live.server.requestsInFlight == 0)
        }
    }

    @Test func aServerReportsEachResponseOnceItIsWritten() async throws {
        let outcomes = Mutex<[ResponseCompletion.Outcome]>([])
        try await LiveServer.run { router in
            router.get("/size") { request, context in
                context.completion.onComplete { outcome in outcomes.withLock { $0.append(outcome) } }
                if request.query != nil { try await context.eventLoop?.sleep(for: .milliseconds(1)) }
                return Response(status: .accepted, body: [UInt8](repeating: 1, count: 3_000_000))
            }
        } _: { live in
            for query in ["", "?late"] {
                let count = try await live.get("/size" + query).body.count
                #expect(count == 3_000_000)
                try await eventually { !outcomes.withLock { $0 }.isEmpty }
                let expected = ResponseCompletion.Outcome(written: true, status: .accepted, bodySize: 3_000_000)
                #expect(outcomes.withLock { $0 } == [expected])
                outcomes.withLock { $0 = [] }
            }
        }
    }
}
