import EventLoop
import ServiceTesting
import Testing

@testable import HTTP

/// Slow, numerous or large clients do not lock others out.
@Suite("The limits of the HTTP server", .serialized)
struct HTTPServerLimitsTests {
    private static func routes(_ router: Router) {
        router.get("/hello") { _, _ in .text("hello") }
        router.post("/echo") { request, _ in .text("\(request.body.count)") }
        router.get("/large") { _, _ in
            Response(body: [UInt8](repeating: UInt8(ascii: "x"), count: 24 << 20))
        }
    }

    /// Connections that each hold what `start` sends and send no more.
    private static func hold(_ count: Int, port: Int, _ start: String) throws -> [RawConnection] {
        try (0..<count).map { _ in
            let connection = try RawConnection(port: port)
            connection.send(start)
            return connection
        }
    }

    @Test(arguments: [
        "", "GET /he", "GET /hello HTTP/1.1\r\nhost: x\r\nx-slo",
        "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf",
    ])
    func aNewConnectionReplacesASlowOneWhenAllPlacesAreTaken(start: String) async throws {
        var configuration = HTTPServer.Configuration()
        configuration.maximumConnections = 32
        try await LiveServer.run(configuration: configuration, routes: Self.routes) { live in
            let slow = try Self.hold(150, port: live.server.port, start)
            for _ in 0..<20 {
                let connection = try RawConnection(port: live.server.port)
                connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
                #expect(await connection.response()?.body == "hello")
            }
            // The oldest went, and heard why if its request had begun to be read.
            if let answer = await slow[0].response() { #expect(start.contains("\r\n") && answer.status == 503) }
            #expect(await slow[0].isClosed())
        }
    }

    @Test func connectionsBeingAnsweredKeepTheirPlaces() async throws {
        var configuration = HTTPServer.Configuration()
        configuration.maximumConnections = 8
        try await LiveServer.run(
            configuration: configuration,
            routes: { router in
                Self.routes(router)
                router.get("/slow") { _, context in
                    try await context.eventLoop?.sleep(for: .milliseconds(300))
                    return .text("slow")
                }
            }
        ) { live in
            let busy = try Self.hold(6, port: live.server.port, "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
            try await eventually { live.server.requestsInFlight == 6 }
            let idle = try Self.hold(40, port: live.server.port, "")
            for connection in busy { #expect(await connection.response()?.body == "slow") }
            #expect(await idle[0].isClosed())
        }
    }

    @Test(arguments: [
        "GET /hello HTTP/1.1\r\nhost: x\r\nx-slo", "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf",
    ])
    func aRequestThatArrivesTooSlowlyIsAnswered408(start: String) async throws {
        var configuration = HTTPServer.Configuration()
        configuration.headTimeout = .milliseconds(50)
        configuration.bodyTimeout = .milliseconds(50)
        try await LiveServer.run(configuration: configuration, routes: Self.routes) { live in
            let connection = try RawConnection(port: live.server.port)
            connection.send(start)
            // A byte now and then helps nothing.
            for _ in 0..<400 {
                connection.send("a")
                try await live.loop.sleep(for: .milliseconds(5))
                if connection.hasInput { break }
            }
            let answer = try #require(await connection.response())
            #expect(answer.status == 408 && answer.fields["connection"] == "close")
            #expect(answer.fields["content-type"] == "application/problem+json")
            #expect(await connection.isClosed())
        }
    }

    @Test func aConnectionWithoutACompleteRequestIsIdle() async throws {
        var configuration = HTTPServer.Configuration()
        configuration.idleTimeout = .seconds(1)
        try await LiveServer.run(configuration: configuration, routes: Self.routes) { live in
            let connection = try RawConnection(port: live.server.port)
            for _ in 0..<1000 where !connection.isClosedNow {
                connection.send("G")
                try await live.loop.sleep(for: .milliseconds(10))
            }
            #expect(await connection.isClosed())
        }
    }

    @Test func unfinishedBodiesShareOneLimit() async throws {
        var configuration = HTTPServer.Configuration()
        configuration.maximumBodySize = 16 << 20
        try await LiveServer.run(configuration: configuration, routes: Self.routes) { live in
            let size = 15 << 20
            let head = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: \(size)\r\n\r\n"
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: size - 1)
            var connections: [RawConnection] = []
            for _ in 0..<8 {
                let connection = try RawConnection(port: live.server.port)
                connection.send(head)
                connection.send(piece)
                connections.append(connection)
            }
            try await eventually { TransferLimits.process.heldRequestBytes >= 4 * (size - 1) }
            #expect(TransferLimits.process.heldRequestBytes <= 64 << 20)
            for connection in connections { connection.send("x") }
            var statuses: [Int: Int] = [:]
            for connection in connections {
                let answer = try #require(await connection.response())
                statuses[answer.status, default: 0] += 1
                if answer.status == 503 { #expect(answer.fields["retry-after"] == "1") }
            }
            #expect(statuses == [200: 4, 503: 4])
            try await eventually { TransferLimits.process.heldRequestBytes == 0 }
            // There is room again.
            let again = try RawConnection(port: live.server.port)
            again.send(head)
            again.send(piece + [UInt8(ascii: "x")])
            #expect(await again.response()?.body == "\(size)")
        }
    }

    @Test func unreadResponsesShareOneLimit() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let waiting = try Self.hold(12, port: live.server.port, "GET /large HTTP/1.1\r\nhost: x\r\n\r\n")
            var statuses: [Int: Int] = [:]
            for connection in waiting {
                let answer = try #require(await connection.response(head: true))
                statuses[answer.status, default: 0] += 1
            }
            #expect(statuses == [200: 8, 503: 4])
            #expect(TransferLimits.process.heldResponseBytes <= 192 << 20)
        }
        #expect(TransferLimits.process.heldResponseBytes == 0)
    }

    @Test func aLargeResponseArrivesWhole() async throws {
        try await LiveServer.run(routes: Self.routes) { live in
            let answer = try await live.get("/large")
            #expect(answer.body.count == 24 << 20 && answer.body.allSatisfy { $0 == UInt8(ascii: "x") })
        }
    }
}
