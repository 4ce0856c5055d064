import Glibc
import HTTP
import ServiceTesting
import Synchronization
import Testing

@Suite("Sockets under pressure", .serialized)
struct SocketPressureTests {
    /// What such a socket takes at once is a fraction of the message.
    @Test("A large body crosses a connection with tiny buffers both ways")
    func aLargeBodyCrossesAConnectionWithTinyBuffers() async throws {
        let body = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try await WatchedServer.run { live in
            let connection = try RawConnection(port: live.server.port, receiveBuffer: 4096)
            connection.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: \(body.count)\r\n\r\n")
            var start = 0
            while start < body.count {
                let end = min(body.count, start + 1013)
                connection.send(Array(body[start..<end]))
                start = end
            }
            let answer = try #require(await connection.rawResponse())
            #expect(answer == body)
            connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await connection.response()?.body == "hello")
        }
    }

    @Test("Ten thousand connections leave no descriptor behind")
    func tenThousandConnectionsLeaveNoDescriptorBehind() async throws {
        try await WatchedServer.run { live in
            func descriptors() -> Int {
                (0..<4096).count { fcntl(Int32($0), F_GETFD) >= 0 }
            }
            let before = descriptors()
            for round in 0..<100 {
                var connections = try (0..<100).map { _ in try live.connect() }
                for (index, connection) in connections.enumerated() {
                    switch (index + round) % 5 {
                    case 0: connection.send("GET /hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                    case 1: connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
                    case 2: connection.send("nonsense\r\n\r\n")
                    case 3: connection.reset()
                    default: break
                    }
                }
                connections.removeAll()
            }
            try await eventually { descriptors() <= before }
            #expect(live.server.requestsInFlight == 0)
            let last = try live.connect()
            last.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await last.response()?.body == "hello")
        }
    }
}
