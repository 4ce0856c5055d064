import Glibc
import Synchronization

/// A server on a thread of its own that serves one connection after another in a certain, mostly bad, manner.
final class Peer: Sendable {
    enum Kind: Sendable {
        /// Answers all requests of a connection.
        case keepOpen
        /// Says that it keeps the connection and closes it after the answer.
        case closeAfterEachAnswer
        /// Closes instead of answering a second request.
        case closeAtSecondRequest
        /// Reads the request and closes.
        case closeAtOnce
        /// Answers something that is not HTTP.
        case answerNonsense
        /// Answers as a server does that speaks HTTP/2 alone: with an empty SETTINGS frame.
        case answerHTTP2
        /// Answers as a server does that speaks TLS: with an alert.
        case answerTLS
        /// Speaks first, as a mail server does, and answers nothing.
        case greetFirst
        /// Reads requests and answers none.
        case keepSilent
    }

    private let listening: Int32
    private let count: Count
    private let body: Body
    /// Connections that fill the queue of those that were not accepted yet.
    private let fillers: Mutex<[Int32]>
    let port: Int
    var url: String { "http://127.0.0.1:\(port)/" }

    private final class Count: Sendable {
        let value = Atomic(0)
        let requests = Atomic(0)
    }

    /// How many connections came.
    var connections: Int { count.value.load(ordering: .acquiring) }

    /// How many requests came.
    var requests: Int { count.requests.load(ordering: .acquiring) }

    /// - Parameters:
    ///   - isSilent: until ``speak()`` the port says nothing at all, neither yes nor no: the kernel drops what would begin
    ///     a connection, as a machine does that is not there.
    ///   - host: the last number of its address, 127.0.0.…
    ///   - port: 0 for a free one.
    init(_ kind: Kind, isSilent: Bool = false, host: UInt32 = 1, port wanted: Int = 0) throws {
        listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = (UInt32(0x7F00_0000) + host).bigEndian
        address.sin_port = UInt16(wanted).bigEndian
        var on: Int32 = 1
        setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listening = listening
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listening, address, size) == 0 && listen(listening, isSilent ? 0 : 16) == 0
                    && getsockname(listening, address, &size) == 0
            }
        }
        guard code else { throw RawConnection.Failure(code: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
        fillers = Mutex(isSilent ? (0..<3).map { _ in Self.connection(to: address) } : [])
        let count = Count()
        self.count = count
        body = Body {
            while true {
                let connection = accept(listening, nil, nil)
                guard connection >= 0 else { break }
                count.value.wrappingAdd(1, ordering: .acquiringAndReleasing)
                Self.serve(connection, kind, count)
                close(connection)
            }
            close(listening)
        }
        if !isSilent { start() }
    }

    /// A connection that is being made.
    private static func connection(to address: sockaddr_in) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return descriptor
    }

    /// From now on answers.
    func speak() {
        fillers.withLock { fillers in
            for filler in fillers { close(filler) }
            fillers = []
        }
        // There is room for a connection once those are gone that came before.
        let flags = fcntl(listening, F_GETFL)
        _ = fcntl(listening, F_SETFL, flags | O_NONBLOCK)
        while case let connection = accept(listening, nil, nil), connection >= 0 { close(connection) }
        _ = fcntl(listening, F_SETFL, flags)
        listen(listening, 16)
        start()
    }

    private func start() {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { pointer in
                Unmanaged<Body>.fromOpaque(pointer!).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(body).toOpaque())
        pthread_detach(thread)
    }

    deinit {
        shutdown(listening, Int32(SHUT_RDWR))
        for filler in fillers.withLock({ $0 }) { close(filler) }
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func serve(_ connection: Int32, _ kind: Kind, _ count: Count) {
        var number = 0
        if kind == .greetFirst { write(connection, "220 ready when you are\r\n") }
        while readRequest(connection) {
            number += 1
            count.requests.wrappingAdd(1, ordering: .acquiringAndReleasing)
            switch kind {
            case .closeAtOnce: return
            case .closeAtSecondRequest where number > 1: return
            case .answerNonsense:
                write(connection, "250 ready when you are\r\n\r\n")
                return
            case .answerHTTP2:
                write(connection, "\0\0\0\u{4}\0\0\0\0\0")
                return
            case .answerTLS:
                write(connection, "\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{46}")
                return
            case .keepSilent, .greetFirst: continue
            default: write(connection, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            }
            if kind == .closeAfterEachAnswer { return }
        }
    }

    private static func write(_ connection: Int32, _ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    private static func readRequest(_ connection: Int32) -> Bool {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        let separator = Array("\r\n\r\n".utf8)
        var wanted = Int.max
        while bytes.count < wanted {
            let count = recv(connection, &piece, piece.count, 0)
            guard count > 0 else { return false }
            bytes += piece[..<count]
            guard wanted == .max, let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }) else {
                continue
            }
            let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
            let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
            wanted = end + 4 + (length.flatMap { Int($0.dropFirst(16)) } ?? 0)
        }
        return true
    }
}
