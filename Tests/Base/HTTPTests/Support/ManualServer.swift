import Glibc
import HTTPConformance

/// A server on a Unix-domain socket that does nothing by itself: a test accepts each connection and says what becomes of
/// it.
final class ManualServer: Sendable {
    private let listening: Int32
    private let path: String

    /// The URL of `/` on this server.
    var url: String { "unix:\(path):/" }

    init(path: String) throws {
        self.path = path
        listening = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let listening = listening
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0, listen(listening, 16) == 0 else { throw Trouble("cannot listen on \(path)") }
    }

    deinit {
        close(listening)
        unlink(path)
    }

    /// Whether a connection waits to be accepted.
    var hasCaller: Bool { waits(0) }

    /// The next connection, which may still have to come.
    func accept() throws -> Line {
        guard waits(10_000) else { throw Trouble("nobody called for ten seconds") }
        return Line(Glibc.accept(listening, nil, nil))
    }

    /// From now on refuses connections. Those that were accepted remain.
    func refuse() { unlink(path) }

    private func waits(_ milliseconds: Int32) -> Bool {
        var listener = pollfd(fd: listening, events: Int16(POLLIN), revents: 0)
        return poll(&listener, 1, milliseconds) > 0
    }
}

extension Line {
    /// Receives one request.
    /// - Returns: its first line and how long its body was.
    @discardableResult
    func receiveRequest() throws -> (line: String, bodySize: Int) {
        var bytes: [UInt8] = []
        while true {
            let more = try receive()
            guard !more.isEmpty else { throw Trouble("the connection ended within a request") }
            bytes += more
            guard let end = Self.endOfHead(bytes) else { continue }
            let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
            let length = lines.first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
            if bytes.count >= end + length { return (lines.first.map(String.init) ?? "", bytes.count - end) }
        }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        let separator: [UInt8] = [13, 10, 13, 10]
        return bytes.indices.dropLast(3).first { bytes[$0..<$0 + 4].elementsEqual(separator) }.map { $0 + 4 }
    }

    /// Answers with this body.
    func answer(_ body: String = "ok", status: Int = 200) {
        send(latin1Bytes("HTTP/1.1 \(status) Any\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")[...])
    }
}
