import Glibc
import ServiceTesting

/// A connection on which a test says exactly which bytes are sent. Waits at most ten seconds for an answer, without
/// holding a thread.
final class RawConnection: Sendable {
    private let descriptor: Int32

    struct Failure: Error { let code: Int32 }

    /// - Parameter receiveBuffer: the bytes that the kernel keeps for a test that does not read; `nil` for as many as
    ///   usual.
    init(port: Int, receiveBuffer: Int? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer.map({ Int32($0) }) {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code != 0 {
            let failure = Failure(code: errno)
            Glibc.close(descriptor)
            throw failure
        }
    }

    /// A connection to a Unix-domain socket.
    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if code != 0 {
            let failure = Failure(code: errno)
            Glibc.close(descriptor)
            throw failure
        }
    }

    deinit { Glibc.close(descriptor) }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends what the peer will take; a peer that has closed is no error here.
    func send(_ bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + start, bytes.count - start, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            start += count
        }
    }

    /// Ends the connection at once, with a reset instead of an orderly end.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// At most `limit` bytes; none if the connection has ended, `nil` if nothing came.
    private func receive(_ limit: Int, peek: Bool = false) async -> [UInt8]? {
        var piece = [UInt8](repeating: 0, count: limit)
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let flags = Int32(MSG_DONTWAIT) | (peek ? Int32(MSG_PEEK) : 0)
            let count = recv(descriptor, &piece, limit, flags)
            if count >= 0 { return Array(piece[..<count]) }
            guard errno == EAGAIN else { return [] }
            await pause(microseconds: 1000)
        }
        return nil
    }

    /// Whether the peer has closed, all that it sent having been read, as of now.
    var isClosedNow: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK))
        return count == 0 || count < 0 && errno != EAGAIN
    }

    /// Whether something to be read has arrived, or the end.
    var hasInput: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK)) >= 0 || errno != EAGAIN
    }

    /// Whether the peer closes, all that it sent having been read.
    func isClosed() async -> Bool { await receive(1, peek: true)?.isEmpty == true }

    /// All that still comes, and whether a reset ended it instead of an orderly end.
    func rest() async -> (text: String, isReset: Bool) {
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let count = recv(descriptor, &piece, piece.count, Int32(MSG_DONTWAIT))
            let code = errno
            if count > 0 {
                text += piece[..<count]
            } else if count == 0 || code != EAGAIN {
                return (String(decoding: text, as: UTF8.self), count < 0 && code == ECONNRESET)
            } else {
                await pause(microseconds: 1000)
            }
        }
        return (String(decoding: text, as: UTF8.self), false)
    }

    /// Reads one response with a length, and returns its body; `nil` if the connection ends before.
    func rawResponse() async -> [UInt8]? {
        var text: [UInt8] = []
        while !text.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = await receive(1), !byte.isEmpty else { return nil }
            text += byte
        }
        let line = String(decoding: text, as: UTF8.self).split(separator: "\r\n").first {
            $0.hasPrefix("content-length: ")
        }
        let length = line.flatMap { Int($0.dropFirst(16)) } ?? 0
        var body: [UInt8] = []
        while body.count < length {
            guard let piece = await receive(length - body.count), !piece.isEmpty else { return nil }
            body += piece
        }
        return body
    }

    struct Answer: Sendable {
        var status: Int
        var fields: [String: String]
        var body: String
    }

    /// Reads one response; `nil` if the connection ends before. `head` says that no body follows.
    func response(head: Bool = false) async -> Answer? {
        var text: [UInt8] = []
        while !text.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = await receive(1), !byte.isEmpty else { return nil }
            text += byte
        }
        let lines = String(decoding: text.dropLast(4), as: UTF8.self).split(separator: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ": ", maxSplits: 1)
            fields[parts[0].lowercased()] = parts.count > 1 ? String(parts[1]) : ""
        }
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let length = head || status < 200 ? 0 : fields["content-length"].flatMap { Int($0) } ?? 0
        var body: [UInt8] = []
        while body.count < length {
            guard let piece = await receive(length - body.count), !piece.isEmpty else { return nil }
            body += piece
        }
        return Answer(status: status, fields: fields, body: String(decoding: body, as: UTF8.self))
    }
}
