import Glibc

/// Where a server listens.
package enum Endpoint: Sendable {
    /// A TCP port of this machine.
    case port(Int)
    /// A Unix-domain socket.
    case socket(String)

    /// Connects; the socket blocks.
    package func connect() throws -> Int32 {
        let descriptor: Int32
        let code: Int32
        switch self {
        case .port(let port):
            descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            code = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .socket(let path):
            descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = unixAddress(path)
            code = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        guard code == 0 else {
            let error = Trouble("no connection: \(String(cString: strerror(errno)))")
            close(descriptor)
            throw error
        }
        return descriptor
    }
}

func unixAddress(_ path: String) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return address
}

/// What went otherwise than the table says.
package struct Trouble: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// How bytes are cut into pieces that arrive one by one.
package enum Cut: Sendable, CustomStringConvertible {
    case whole
    /// In two, the first one so long.
    case at(Int)
    /// Into pieces of this size.
    case each(Int)

    package func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        switch self {
        case .whole: [bytes[...]]
        case .at(let position): [bytes[..<position], bytes[position...]]
        case .each(let size): stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
        }
    }

    package var description: String {
        switch self {
        case .whole: "whole"
        case .at(let position): "cut at \(position)"
        case .each(let size): "in pieces of \(size)"
        }
    }

    /// Every way to cut a message of `count` bytes in two if it is short, and some sizes of pieces.
    package static func all(_ count: Int) -> [Cut] {
        if count > 2000 { return [.whole, .each(257), .each(4099)] }
        return [.whole, .each(1), .each(2), .each(3), .each(7)] + (1..<max(count, 1)).map { .at($0) }
    }
}

/// A blocking socket of a test, closed with the value.
package final class Line: Sendable {
    let descriptor: Int32

    package init(_ descriptor: Int32) {
        self.descriptor = descriptor
        // Nothing in a test takes this long: it is a hang.
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Sends all of it. A peer that has closed is no error here.
    /// - Returns: whether the peer took it.
    @discardableResult
    package func send(_ bytes: ArraySlice<UInt8>) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends pieces so that the peer reads them one by one: the next one leaves once the peer has read the last one. Of a
    /// Unix-domain socket the kernel tells; over TCP pieces may arrive together.
    package func send(_ pieces: [ArraySlice<UInt8>]) {
        for (index, piece) in pieces.enumerated() {
            guard send(piece) else { return }
            if index < pieces.count - 1 { waitUntilRead() }
        }
    }

    private func waitUntilRead() {
        var turns = 0
        var waiting: Int32 = 0
        // TIOCOUTQ: of a Unix-domain socket, what the peer has not read yet.
        while ioctl(descriptor, UInt(TIOCOUTQ), &waiting) == 0, waiting > 0, turns < 200_000 {
            turns += 1
            sched_yield()
        }
    }

    package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }
    /// What the peer sends from now on is refused. It is not told before it sends.
    package func endReceiving() { shutdown(descriptor, Int32(SHUT_RD)) }
    /// Ends both sides at once. The descriptor is closed with the value.
    package func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// What comes next, at most `limit` bytes; empty at the end of the connection.
    /// - Throws: ``Trouble`` if nothing comes.
    package func receive(_ limit: Int = 65536) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let received = recv(descriptor, buffer.baseAddress, limit, 0)
            if received < 0, errno == EAGAIN { throw Trouble("nothing came for ten seconds") }
            count = max(received, 0)
        }
    }
}
