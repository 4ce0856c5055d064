import EventLoop
import HTTP
import ServiceTesting
import Synchronization
import Testing

@Suite("The HTTP client")
struct HTTPClientTests {
    private static func routes(_ router: Router) {
        router.get("/hello") { _, _ in .text("hello") }
        for method in [HTTPMethod.post, .put, .patch, .delete, .get, .options] {
            router.on("/echo", method: method) { request, _ in
                Response(
                    headers: [
                        "x-method": method.rawValue, "x-type": request.headers["content-type"] ?? "none",
                        "x-length": request.headers["content-length"] ?? "none",
                        "X-Agent": request.headers["user-agent"] ?? "",
                        "x-header": request.headers["x-header"] ?? "none",
                        "x-expect": request.headers["expect"] ?? "none",
                    ], body: request.body)
            }
        }
        router.get("/status/{code}") { _, context in
            Response(status: HTTPStatus(code: Int(context.parameters["code"] ?? "") ?? 0), body: Array("body".utf8))
        }
        router.get("/wait") { _, context in
            try await context.eventLoop?.sleep(for: .seconds(600))
            return .text("never")
        }
        router.get("/large") { _, _ in Response(body: [UInt8](repeating: 7, count: 5_000_000)) }
    }

    @Test(arguments: [HTTPMethod.post, .put, .patch, .delete, .get, .options], [0, 5, 2_000_000])
    func aClientSendsMethodAndBody(method: HTTPMethod, size: Int) async throws {
        var configuration = HTTPServer.Configuration()
        configuration.maximumBodySize = 4 << 20
        try await LiveServer.run(configuration: configuration, routes: Self.routes) { live in
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
            // The handle of the first is used again for the second.
            for path in ["/echo?1", "/echo?2"] {
                let answer = try await live.client.execute(
                    HTTPClient.Request(
                        method: method, url: live.url(path), headers: ["X-Header": "a\r\nb: c"], body: body))
                #expect(answer.status == .ok)
                #expect(answer.body == body)
                #expect(answer.headers["x-method"] == method.rawValue)
                #expect(answer.headers["x-type"] == "none")
                #expect(answer.headers["x-agent"] == "tailspan")
                #expect(answer.headers["x-header"] == "a  b: c")
                #expect(answer.headers["x-expect"] == "none")
                let usual = [HTTPMethod.post, .put, .patch].contains(method)
                #expect(answer.headers["x-length"] == (size > 0 || usual ? "\(size)" : "none"))
            }
        }
    }

    @Test func aClientMixesMethodsOnOneConnection() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            for method in [HTTPMethod.get, .head, .post, .get, .delete, .head, .post, .put, .get] {
                let path = method == .head ? "/hello" : "/echo"
                let answer = try await live.client.execute(
                    HTTPClient.Request(method: method, url: live.url(path), body: method == .post ? [1] : []))
                #expect(answer.status == .ok)
                #expect(answer.headers["x-method"] == (method == .head ? nil : method.rawValue))
                #expect(answer.headers["content-length"] == (method == .head ? "5" : method == .post ? "1" : "0"))
                #expect(answer.body == (method == .post ? [1] : []))
            }
        }
    }

    @Test(arguments: [204, 304, 400, 404, 500, 503]) func aClientReturnsEveryStatusAsAResponse(code: Int) async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let answer = try await live.get("/status/\(code)")
            #expect(answer.status.code == code)
            #expect(answer.body == (code < 400 ? [] : Array("body".utf8)))
        }
    }

    @Test func aClientConnectsOnceForManyRequests() async throws {
        try await LiveServer.run { router in
            router.get("/peer") { request, _ in .text(request.headers["connection"] ?? "none") }
        } _: { live in
            let peer = try Peer(.keepOpen)
            for _ in 0..<20 {
                let answer = try await live.client.execute(HTTPClient.Request(url: peer.url))
                #expect(answer.status == .ok)
            }
            #expect(peer.connections == 1)
        }
    }

    /// The server closes a kept connection after its answer, before the next request or while that is on its way. A
    /// request that must not be repeated would fail in the second case: see the tests of lost answers.
    @Test(arguments: [HTTPMethod.get, .put, .post], [0, 5, 300_000])
    func aClientResendsWhenAKeptConnectionHasEnded(method: HTTPMethod, size: Int) async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let client = HTTPClient(eventLoop: loop)
        let peer = try Peer(.closeAfterEachAnswer)
        for number in 1...5 {
            let answer = try await client.execute(
                HTTPClient.Request(
                    method: method, url: peer.url, headers: method == .post ? ["idempotency-key": "\(number)"] : [:],
                    body: [UInt8](repeating: 1, count: size)))
            #expect(answer.body == Array("ok".utf8))
            #expect(peer.connections == number)
        }
        await client.shutdown()
    }

    /// As above, but the server closes the connection at the very moment the request arrives.
    @Test(arguments: [0, 5]) func aClientResendsWhenAKeptConnectionEndsAtTheRequest(size: Int) async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let client = HTTPClient(eventLoop: loop)
        let peer = try Peer(.closeAtSecondRequest)
        for number in 1...5 {
            let answer = try await client.execute(
                HTTPClient.Request(
                    method: size > 0 ? .put : .get, url: peer.url, body: [UInt8](repeating: 1, count: size)))
            #expect(answer.body == Array("ok".utf8))
            #expect(peer.connections == number)
        }
        await client.shutdown()
    }

    @Test func aClientReceivesALargeBodyUpToItsLimit() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let answer = try await live.get("/large")
            #expect(answer.body == [UInt8](repeating: 7, count: 5_000_000))
        }
        var configuration = HTTPClient.Configuration()
        configuration.maximumBodySize = 4_999_999
        try await LiveServer.run(client: configuration, routes: Self.routes) { live in
            let error = await #expect(throws: HTTPClientError.self) { _ = try await live.get("/large") }
            #expect(error == .bodyTooLarge)
            let answer = try await live.get("/hello")
            #expect(answer.status == .ok)
        }
    }

    @Test func aRequestTimesOut() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let error = await #expect(throws: HTTPClientError.self) {
                _ = try await live.client.execute(
                    HTTPClient.Request(url: live.url("/wait")), timeout: .milliseconds(20))
            }
            #expect(error == .timeout)
            try await eventually { live.server.requestsInFlight == 0 }
            let answer = try await live.get("/hello")
            #expect(answer.status == .ok)
        }
    }

    @Test func aRequestStopsWhenItsTaskIsCancelled() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let task = Task { try await live.get("/wait") }
            try await eventually { live.server.requestsInFlight == 1 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            // The connection is closed, so the server's handler stops too.
            try await eventually { live.server.requestsInFlight == 0 }
            let cancelled = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await live.get("/hello")
            }
            await #expect(throws: CancellationError.self) { try await cancelled.value }
        }
    }

    @Test func anErrorSaysWhyThereIsNoResponse() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let client = HTTPClient(eventLoop: loop)
        let closed = try Peer(.keepOpen).url  // The listener is gone with the value.
        for _ in 0..<3 {
            let refused = await #expect(throws: HTTPClientError.self) {
                _ = try await client.execute(HTTPClient.Request(url: closed))
            }
            #expect(refused?.errorType == "connect_failed")
        }
        for url in ["ftp://127.0.0.1/x", "http://[::1", "", "file:///etc/passwd", "http://"] {
            let error = await #expect(throws: HTTPClientError.self) {
                _ = try await client.execute(HTTPClient.Request(url: url))
            }
            #expect(error?.errorType == "invalid_url", "\(url)")
        }
        let unknown = await #expect(throws: HTTPClientError.self) {
            _ = try await client.execute(HTTPClient.Request(url: "http://no-such-host.invalid/"))
        }
        #expect(unknown?.errorType == "connect_failed")
        for kind in [Peer.Kind.closeAtOnce, .answerNonsense] {
            let peer = try Peer(kind)
            let error = await #expect(throws: HTTPClientError.self) {
                _ = try await client.execute(HTTPClient.Request(url: peer.url))
            }
            #expect(error?.errorType == "transfer_failed")
        }
        await client.shutdown()
        let late = await #expect(throws: HTTPClientError.self) {
            _ = try await client.execute(HTTPClient.Request(url: closed))
        }
        #expect(late == .alreadyShutdown)
    }

    @Test func anErrorNamesTheProtocolThatThePeerSpeaks() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let expected: [(Peer.Kind, HTTPClientError)] = [
                (.answerHTTP2, .speaksHTTP2), (.answerNonsense, .transferFailed("the answer is not HTTP")),
                (.answerTLS, .transferFailed("the port speaks TLS: the URL must begin with https://")),
            ]
            for (kind, error) in expected {
                let peer = try Peer(kind)
                await #expect(throws: error) { _ = try await live.client.execute(HTTPClient.Request(url: peer.url)) }
            }
            // One that does not close: else a reset may come before its words are looked at.
            let plain = try Peer(.greetFirst)
            let secure = await #expect(throws: HTTPClientError.self) {
                _ = try await live.client.execute(
                    HTTPClient.Request(url: plain.url.replacing("http://", with: "https://")))
            }
            #expect(secure?.description.contains("does not speak TLS") == true, "\(String(describing: secure))")
            #expect(try await live.get("/hello").status == .ok)
        }
    }

    /// A server that is added beside another one gets its share of requests only if connections end.
    @Test func aClientReplacesAConnectionThatIsTooOld() async throws {
        var configuration = HTTPClient.Configuration()
        configuration.maximumConnectionAge = .seconds(1)
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let client = HTTPClient(eventLoop: loop, configuration: configuration)
        let peer = try Peer(.keepOpen)
        let deadline = ContinuousClock.now + .seconds(10)
        while peer.connections < 2, .now < deadline {
            #expect(try await client.execute(HTTPClient.Request(url: peer.url)).status == .ok)
            try await loop.sleep(for: .milliseconds(10))
        }
        #expect(peer.connections == 2)
        #expect(peer.requests > 2, "a young connection is used again")
        await client.shutdown()
    }

    @Test func aShutdownEndsRunningRequests() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let client = HTTPClient(eventLoop: live.loop)
            let task = Task { try await client.execute(HTTPClient.Request(url: live.url("/wait"))) }
            try await eventually { live.server.requestsInFlight == 1 }
            await client.shutdown()
            let error = await #expect(throws: HTTPClientError.self) { _ = try await task.value }
            #expect(error == .alreadyShutdown)
        }
    }

    @Test func aRequestWaitsWhenTheHostHasItsMaximumOfConnections() async throws {
        var configuration = HTTPClient.Configuration()
        configuration.maximumConnectionsPerHost = 2
        let most = Atomic(0)
        let now = Atomic(0)
        try await LiveServer.run(client: configuration) { router in
            router.get("/busy") { _, context in
                most.max(now.wrappingAdd(1, ordering: .relaxed).newValue, ordering: .relaxed)
                try await context.eventLoop?.sleep(for: .milliseconds(1))
                now.wrappingSubtract(1, ordering: .relaxed)
                return .text("done")
            }
        } _: { live in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 { group.addTask { _ = try await live.get("/busy") } }
                try await group.waitForAll()
            }
            #expect(most.load(ordering: .relaxed) == 2)
        }
    }

    @Test func aClientWorksFromAHandlerOnTheSameLoop() async throws {
        let client = Mutex<(HTTPClient, String)?>(nil)
        try await LiveServer.run { router in
            router.get("/outer") { _, context in
                let (http, url) = try #require(client.withLock { $0 })
                let answer = try await http.execute(HTTPClient.Request(url: url))
                return .text(
                    "\(String(decoding: answer.body, as: UTF8.self)) \(context.eventLoop?.inEventLoop == true)")
            }
            router.get("/inner") { _, _ in .text("inner") }
        } _: { live in
            client.withLock { $0 = (live.client, live.url("/inner")) }
            for _ in 0..<50 {
                let answer = try await live.get("/outer")
                #expect(String(decoding: answer.body, as: UTF8.self) == "inner true")
            }
        }
    }
}
