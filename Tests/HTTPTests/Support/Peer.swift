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
    }

    private let listening: Int32
    private let count: Count
    let url: String

    private final class Count: Sendable { let value = Atomic(0) }

    /// How many connections came.
    var connections: Int { count.value.load(ordering: .acquiring) }

    init(_ kind: Kind) throws {
        listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listening = listening
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listening, address, size) == 0 && listen(listening, 16) == 0
                    && getsockname(listening, address, &size) == 0
            }
        }
        guard code else { throw RawConnection.Failure(code: errno) }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/"
        let count = Count()
        self.count = count
        let body = Body {
            while true {
                let connection = accept(listening, nil, nil)
                guard connection >= 0 else { break }
                count.value.wrappingAdd(1, ordering: .acquiringAndReleasing)
                Self.serve(connection, kind)
                close(connection)
            }
            close(listening)
        }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { pointer in
                Unmanaged<Body>.fromOpaque(pointer!).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(body).toOpaque())
        pthread_detach(thread)
    }

    deinit { shutdown(listening, Int32(SHUT_RDWR)) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func serve(_ connection: Int32, _ kind: Kind) {
        var number = 0
        while readRequest(connection) {
            number += 1
            switch kind {
            case .closeAtOnce: return
            case .closeAtSecondRequest where number > 1: return
            case .answerNonsense:
                write(connection, "250 ready when you are\r\n\r\n")
                return
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
