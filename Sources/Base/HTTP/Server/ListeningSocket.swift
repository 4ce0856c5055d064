import CLinux
import Glibc

/// A listening TCP or Unix-domain socket.
struct ListeningSocket {
    let descriptor: Int32
    /// The port in use, even if any free port was requested; 0 for a Unix-domain socket.
    let port: Int
    /// The path of a Unix-domain socket.
    private let path: String?

    var isUnix: Bool { path != nil }

    /// - Throws: ``HTTPServerError`` if the address is invalid, in use, or may not be bound.
    init(host: String, port: Int) throws {
        guard (0...65535).contains(port) else {
            throw HTTPServerError(description: "cannot listen on port \(port): expected 0 to 65535")
        }
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let place = name.utf8.contains(UInt8(ascii: ":")) ? "[\(name)]:\(port)" : "\(name):\(port)"
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var addresses: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, "\(port)", &hints, &addresses)
        defer { if let addresses { freeaddrinfo(addresses) } }
        guard code == 0, let address = addresses?.pointee else {
            let reason = code == 0 ? "no such address" : String(cString: gai_strerror(code))
            throw HTTPServerError(description: "cannot listen on \(place): \(reason)")
        }

        let descriptor = socket(address.ai_family, SocketFlags.stream, 0)
        func failure() -> HTTPServerError {
            let code = errno
            if descriptor >= 0 { Glibc.close(descriptor) }
            return HTTPServerError(
                description: "cannot listen on \(place): \(String(cString: strerror(code)))",
                addressInUse: code == EADDRINUSE)
        }
        guard descriptor >= 0 else { throw failure() }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 else { throw failure() }
        guard listen(descriptor, 4096) == 0 else { throw failure() }

        var bound = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let named = withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard named == 0 else { throw failure() }
        self.descriptor = descriptor
        path = nil
        // The port has the same offset in the address structures of both families.
        self.port = Int(UInt16(bigEndian: bound.sin6_port))
    }

    /// Listens on a Unix-domain socket that only this user may connect to. A socket that an ended process left behind is
    /// replaced; one that is in use is not.
    /// - Throws: ``HTTPServerError`` if the path is too long, in use, or cannot be created.
    init(path: String) throws {
        guard let address = UnixAddress(path: path) else {
            throw HTTPServerError(
                description: "cannot listen on \(path): expected a path of 1 to \(UnixAddress.maximumLength) bytes")
        }
        func failure(_ code: Int32 = errno) -> HTTPServerError {
            HTTPServerError(
                description: "cannot listen on \(path): \(String(cString: strerror(code)))",
                addressInUse: code == EADDRINUSE)
        }
        let descriptor = socket(AF_UNIX, SocketFlags.stream, 0)
        guard descriptor >= 0 else { throw failure() }
        var code = address.with { bind(descriptor, $0, $1) } == 0 ? 0 : errno
        if code == EADDRINUSE, address.isAbandoned {
            unlink(path)
            code = address.with { bind(descriptor, $0, $1) } == 0 ? 0 : errno
        }
        guard code == 0, chmod(path, 0o600) == 0, listen(descriptor, 4096) == 0 else {
            let error = failure(code == 0 ? errno : code)
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.path = path
        port = 0
    }

    /// Accepts a connection.
    /// - Returns: its descriptor, which does not block; -1 with `errno` if there is none.
    func accept(_ address: inout sockaddr_storage) -> Int32 {
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let accepted = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                tailspan_accept4(descriptor, $0, &size, SocketFlags.accepted)
            }
        }
        if accepted >= 0, path == nil { SocketFlags.sendAtOnce(accepted) }
        return accepted
    }

    /// Closes the socket, and removes the file of a Unix-domain socket.
    func close() {
        Glibc.close(descriptor)
        if let path { unlink(path) }
    }
}

extension HTTPServer {
    /// Whether a Unix-domain socket can have that path.
    package static func isSocketPath(_ path: String) -> Bool { UnixAddress(path: path) != nil }
}

/// The address of a peer as text.
func describe(_ address: inout sockaddr_storage) -> String? {
    withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { describe($0) } }
}

/// The address of a peer as text, such as `127.0.0.1`. An IPv4-mapped IPv6 address is shown as IPv4.
func describe(_ address: UnsafePointer<sockaddr>) -> String? {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let size = socklen_t(text.count)
    let raw = UnsafeRawPointer(address)
    let result =
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            inet_ntop(AF_INET, raw + MemoryLayout<sockaddr_in>.offset(of: \.sin_addr)!, &text, size)
        case AF_INET6:
            inet_ntop(AF_INET6, raw + MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr)!, &text, size)
        default: nil as UnsafePointer<CChar>?
        }
    guard result != nil else { return nil }
    let name = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return name.hasPrefix("::ffff:") && name.utf8.contains(UInt8(ascii: ".")) ? String(name.dropFirst(7)) : name
}
