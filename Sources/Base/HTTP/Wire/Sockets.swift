import Glibc

/// How sockets are opened.
enum SocketFlags {
    /// The type of a stream socket that neither blocks nor is inherited by a child process.
    static let stream = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    /// The flags of an accepted connection.
    static let accepted = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

    /// Has TCP send small pieces at once: a message is written in one go, so there is nothing to wait for.
    static func sendAtOnce(_ descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// The address of a Unix-domain socket in the file system.
struct UnixAddress: Equatable {
    /// The longest path that the kernel takes, in bytes.
    static let maximumLength = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    let path: String
    private var address = sockaddr_un()

    /// - Returns: `nil` if the path is empty, too long or contains a NUL.
    init?(path: String) {
        self.path = path
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count <= Self.maximumLength, !bytes.contains(0) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    }

    func with<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    static func == (left: UnixAddress, right: UnixAddress) -> Bool { left.path == right.path }

    /// Whether there is a socket that nobody listens on. A file that is none is refused like one by the kernel, but
    /// belongs to somebody.
    var isAbandoned: Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
        let descriptor = socket(AF_UNIX, SocketFlags.stream, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return with { connect(descriptor, $0, $1) } != 0 && errno == ECONNREFUSED
    }
}

/// The address of a TCP socket.
struct TCPAddress {
    private var storage = sockaddr_storage()
    private var size = socklen_t(0)

    /// - Parameter text: an IPv4 or IPv6 address; `nil` is returned for anything else.
    init?(_ text: String, port: UInt16) {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(text, "\(port)", &hints, &found) == 0, let first = found?.pointee else { return nil }
        defer { freeaddrinfo(found) }
        size = first.ai_addrlen
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: first.ai_addr, count: Int(first.ai_addrlen)))
        }
    }

    var family: Int32 { Int32(storage.ss_family) }

    func with<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }
}
