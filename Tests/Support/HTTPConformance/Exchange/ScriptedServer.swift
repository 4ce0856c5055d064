import Glibc
import Synchronization

/// A server on a Unix-domain socket that answers some requests with given bytes, and every other one with "next". It runs on a thread of its own, one connection after the other.
package final class ScriptedServer: Sendable {
    private struct Script {
        var pieces: [ArraySlice<UInt8>] = []
        var endsSending = false
        /// How many more requests are answered so.
        var times = 0
        var requests = 0
        var connections = 0
        var ended = 0
    }

    private let listening: Int32
    private let path: String
    private let script = Mutex(Script())

    /// The URL of `/` on this server.
    package var url: String { "unix:\(path):/" }
    /// How many connections there have been, and how many of them have ended.
    package var connections: Int { script.withLock { $0.connections } }
    package var ended: Int { script.withLock { $0.ended } }
    /// How many requests there have been.
    package var requests: Int { script.withLock { $0.requests } }

    package init(path: String) throws {
        self.path = path
        unlink(path)
        listening = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = unixAddress(path)
        let listening = listening
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0, listen(listening, 64) == 0 else { throw Trouble("cannot listen on \(path)") }
    }

    deinit { close(listening) }

    /// Serves until ``stop()``.
    package func run() {
        while true {
            let descriptor = accept(listening, nil, nil)
            guard descriptor >= 0 else { return }
            script.withLock { $0.connections += 1 }
            serve(Line(descriptor))
            script.withLock { $0.ended += 1 }
        }
    }

    package func stop() {
        shutdown(listening, Int32(SHUT_RDWR))
        unlink(path)
    }

    /// What the next request is answered, or the next few.
    package func answer(_ bytes: [UInt8], _ cut: Cut = .whole, endsSending: Bool, times: Int = 1) {
        script.withLock {
            ($0.pieces, $0.endsSending, $0.times) = (cut.pieces(of: bytes), endsSending, times)
        }
    }

    private func serve(_ line: Line) {
        var received: [UInt8] = []
        while true {
            guard let more = try? line.receive(), !more.isEmpty else { return }
            received += more
            guard received.suffix(4).elementsEqual("\r\n\r\n".utf8) else { continue }
            received = []
            let script = script.withLock { script in
                defer { script.times = max(script.times - 1, 0) }
                script.requests += 1
                return script
            }
            if script.times == 0 {
                line.send(latin1Bytes("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext")[...])
            } else {
                line.send(script.pieces)
                if script.endsSending { return }
            }
        }
    }
}
