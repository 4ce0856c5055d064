import Glibc
import HTTP
import Logging
import ServiceTesting
import Testing

@Suite("A Unix-domain socket")
struct UnixSocketTests {
    @Test("Server and client meet on a socket that only this user may use")
    func serverAndClientMeetOnASocket() async throws {
        try await withSocketFolder { folder in
            let path = folder + "/server.sock"
            try await WatchedServer.run {
                $0.socketPath = path
            } routes: { router in
                router.get("/who") { request, _ in
                    .text("\(request.remoteAddress ?? "nobody") \(request.headers["host"] ?? "")")
                }
            } _: { live in
                var status = stat()
                #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
                let client = HTTPClient(eventLoop: live.loop)
                for _ in 0..<3 {
                    let answer = try await client.execute(HTTPClient.Request(url: "unix:\(path):/who"))
                    #expect(String(decoding: answer.body, as: UTF8.self) == "nobody localhost")
                }
                let body = [UInt8](repeating: 7, count: 900_000)
                let echo = try await client.execute(
                    HTTPClient.Request(method: .post, url: "unix:\(path):/echo", body: body))
                #expect(echo.body == body)
                await client.shutdown()
                let raw = try RawConnection(path: path)
                raw.send("CONNECT y:443 HTTP/1.1\r\nhost: y:443\r\n\r\n")
                #expect(await raw.response()?.status == 501)
                #expect(live.lines.first?.metadata["peer"] == .string("unix"))
            }
            #expect(access(path, F_OK) != 0, "the file stays behind")
        }
    }

    @Test("A socket that an ended process left behind is replaced")
    func anAbandonedSocketIsReplaced() async throws {
        try await withSocketFolder { folder in
            let path = folder + "/server.sock"
            let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let code = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(code == 0)
            close(left)
            try await WatchedServer.run {
                $0.socketPath = path
            } _: { _ in
                let connection = try RawConnection(path: path)
                connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
                #expect(await connection.response()?.body == "hello")
            }
        }
    }

    private func errorOfStart(_ path: String) async throws -> HTTPServerError? {
        do { try await WatchedServer.run({ $0.socketPath = path }) { _ in } } catch let error as HTTPServerError {
            return error
        }
        return nil
    }

    @Test("A socket in use is refused, and stays in use")
    func aSocketInUseIsRefused() async throws {
        try await withSocketFolder { folder in
            let path = folder + "/server.sock"
            try await WatchedServer.run {
                $0.socketPath = path
            } _: { _ in
                let error = try await errorOfStart(path)
                #expect(error?.addressInUse == true)
                #expect(error?.description == "cannot listen on \(path): Address already in use")
                let connection = try RawConnection(path: path)
                connection.send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
                #expect(await connection.response()?.body == "hello")
            }
        }
    }

    /// The kernel refuses connections to it as to an abandoned socket.
    @Test("A file that is no socket is refused, and stays")
    func aFileThatIsNoSocketStays() async throws {
        try await withSocketFolder { folder in
            let path = folder + "/file"
            close(open(path, O_CREAT | O_WRONLY, 0o600))
            let error = try await errorOfStart(path)
            #expect(error?.addressInUse == true)
            #expect(access(path, F_OK) == 0)
        }
    }

    @Test("A path that is too long is refused at both ends")
    func aPathThatIsTooLongIsRefused() async throws {
        let path = "/tmp/" + String(repeating: "a", count: 120)
        let error = try await errorOfStart(path)
        #expect(error?.description == "cannot listen on \(path): expected a path of 1 to 107 bytes")
        try await LiveServer.run(routes: { _ in }) { live in
            await #expect(throws: HTTPClientError.invalidURL("unix:\(path):/")) {
                _ = try await live.client.execute(HTTPClient.Request(url: "unix:\(path):/"))
            }
        }
    }

    @Test("A socket that nobody listens on fails the request, as an address does")
    func aSocketThatNobodyListensOnFailsTheRequest() async throws {
        try await withSocketFolder { folder in
            try await LiveServer.run(routes: { _ in }) { live in
                let error = await #expect(throws: HTTPClientError.self) {
                    _ = try await live.client.execute(HTTPClient.Request(url: "unix:\(folder)/none:/"))
                }
                #expect(error?.errorType == "connect_failed" && error?.neverConnected == true)
            }
        }
    }
}
