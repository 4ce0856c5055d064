/// The protocol of a port that does not speak HTTP/1, recognised by its first bytes.
enum ForeignAnswer: Equatable {
    case http2
    case tls
    case unknown

    init(_ bytes: some Collection<UInt8>) {
        let start = Array(bytes.prefix(9))
        // A SETTINGS or GOAWAY frame on stream 0 (RFC 9113, section 4.1): a server sends one first.
        let isFrame =
            start.count == 9 && start[0] == 0 && (start[3] == 4 || start[3] == 7)
            && start[5...].allSatisfy { $0 == 0 }
        // A record of type "alert", version 3.x (RFC 8446, section 5.1).
        let isAlert = start.count >= 3 && start[0] == 0x15 && start[1] == 3
        self = isFrame ? .http2 : isAlert ? .tls : .unknown
    }

    var error: HTTPClientError {
        switch self {
        case .http2: .speaksHTTP2
        case .tls: .transferFailed("the port speaks TLS: the URL must begin with https://")
        case .unknown: .transferFailed("the answer is not HTTP")
        }
    }
}
