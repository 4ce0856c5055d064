import EventLoop
import HTTP
import Logging
import ServiceLifecycle
import ServiceTesting
import Synchronization
import Testing

@Suite("The start and shutdown of the HTTP server")
struct HTTPServerLifecycleTests {
    private static func server(
        on loop: EventLoop, host: String = "127.0.0.1", port: Int = 0, drain: Duration = .seconds(10),
        _ routes: (Router) -> Void = { _ in }
    ) -> HTTPServer {
        let router = Router()
        routes(router)
        var configuration = HTTPServer.Configuration()
        configuration.host = host
        configuration.port = port
        configuration.drainTimeout = drain
        return HTTPServer(
            configuration: configuration, responder: router.buildResponder(), eventLoop: loop, logger: .noOp)
    }

    @Test func anErrorSaysThatAnAddressIsTaken() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let first = Self.server(on: loop)
        try await first.start()
        let second = Self.server(on: loop, port: first.port)
        let error = await #expect(throws: HTTPServerError.self) { try await second.start() }
        #expect(error?.addressInUse == true)
        #expect(error?.description == "cannot listen on 127.0.0.1:\(first.port): Address already in use")
        await first.shutdown()
        // The port is free again at once.
        let third = Self.server(on: loop, port: first.port)
        try await third.start()
        await third.shutdown()
        await #expect(throws: HTTPServerError.self) { try await third.start() }
    }

    @Test(arguments: [("127.0.0.1", 70_000), ("not an address", 0), ("192.0.2.1", 0)])
    func anAddressThatCannotBeBoundIsRefused(host: String, port: Int) async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let server = Self.server(on: loop, host: host, port: port)
        let error = await #expect(throws: HTTPServerError.self) { try await server.start() }
        #expect(error?.addressInUse == false)
    }

    @Test func requestsReceivedBeforeTheShutdownAreAnswered() async throws {
        let started = Atomic(false)
        let release = Atomic(false)
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let server = Self.server(on: loop) { router in
            router.get("/slow") { _, context in
                started.store(true, ordering: .releasing)
                while !release.load(ordering: .acquiring) { try await context.eventLoop?.sleep(for: .milliseconds(1)) }
                return .text("done")
            }
            router.get("/hello") { _, _ in .text("hello") }
        }
        let run = Task { try await server.run() }
        try await eventually { server.port != 0 }
        let idle = try RawConnection(port: server.port)
        idle.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
        #expect(await idle.response()?.body == "hello")
        let connection = try RawConnection(port: server.port)
        connection.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        try await eventually { started.load(ordering: .acquiring) }

        let shutdown = Task { await server.shutdown() }
        #expect(await idle.isClosed())
        try await eventually { (try? RawConnection(port: server.port)) == nil }
        #expect(server.requestsInFlight == 1)
        release.store(true, ordering: .releasing)
        let answer = try #require(await connection.response())
        #expect(answer.body == "done")
        #expect(answer.fields["connection"] == "close")
        #expect(await connection.isClosed())
        await shutdown.value
        try await run.value
    }

    @Test func requestsThatOutlastTheDrainTimeoutAreCutOff() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let outcome = Mutex<ResponseCompletion.Outcome?>(nil)
        let cancelled = Atomic(false)
        let server = Self.server(on: loop, drain: .milliseconds(20)) { router in
            router.get("/forever") { _, context in
                context.completion.onComplete { value in outcome.withLock { $0 = value } }
                do { try await context.eventLoop?.sleep(for: .seconds(600)) } catch {
                    cancelled.store(true, ordering: .releasing)
                    throw error
                }
                return .text("never")
            }
        }
        try await server.start()
        let connection = try RawConnection(port: server.port)
        connection.send("GET /forever HTTP/1.1\r\nhost: x\r\n\r\n")
        try await eventually { server.requestsInFlight == 1 }
        await server.shutdown()
        #expect(await connection.isClosed())
        #expect(outcome.withLock { $0 }?.written == false)
        try await eventually { cancelled.load(ordering: .acquiring) }
        #expect(server.requestsInFlight == 0)
    }

    @Test func aServerDrainsWhenItsTaskIsCancelled() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let server = Self.server(on: loop) { $0.get("/hello") { _, _ in .text("hello") } }
        let run = Task { try await server.run() }
        try await eventually { server.port != 0 }
        run.cancel()
        try await run.value
        #expect(throws: RawConnection.Failure.self) { try RawConnection(port: server.port) }
    }

    @Test func aServerDrainsWhenItsGroupIsShutDown() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let server = Self.server(on: loop) { $0.get("/hello") { _, _ in .text("hello") } }
        let group = ServiceGroup(services: [server])
        let run = Task { try await group.run() }
        try await eventually { server.port != 0 }
        let connection = try RawConnection(port: server.port)
        connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
        #expect(await connection.response()?.body == "hello")
        await group.triggerGracefulShutdown()
        try await run.value
        #expect(await connection.isClosed())
        #expect(throws: RawConnection.Failure.self) { try RawConnection(port: server.port) }
    }

    @Test func aServerListensOnIPv6() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer { loop.stop() }
        let server = Self.server(on: loop, host: "::1") { router in
            router.get("/who") { request, _ in .text(request.remoteAddress ?? "") }
        }
        do { try await server.start() } catch let error as HTTPServerError {
            // A machine without IPv6 has no ::1 to bind.
            #expect(error.description.contains("[::1]"))
            return
        }
        let client = HTTPClient(eventLoop: loop)
        let answer = try await client.execute(HTTPClient.Request(url: "http://[::1]:\(server.port)/who"))
        #expect(String(decoding: answer.body, as: UTF8.self) == "::1")
        await client.shutdown()
        await server.shutdown()
    }
}
