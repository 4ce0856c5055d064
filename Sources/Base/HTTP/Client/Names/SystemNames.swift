import Glibc

/// Why a name has no address.
struct NameError: Error, Equatable, CustomStringConvertible {
    /// The system's message.
    var description: String
    /// Whether a retry may help because no name server responded. Otherwise the name does not exist.
    var isTemporary: Bool
}

/// The system's name resolution: `/etc/hosts`, name servers, and whatever else `nsswitch.conf` lists.
enum SystemNames {
    /// The addresses of `host` as text, IPv4 and IPv6, best first. Blocks, for many seconds if no name server responds.
    static func lookUp(_ host: String) -> Result<[String], NameError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            let isFinal = code == EAI_NONAME || code == EAI_FAIL
            return .failure(
                NameError(description: "\(host): \(String(cString: gai_strerror(code)))", isTemporary: !isFinal))
        }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var next = list
        while let info = next?.pointee {
            next = info.ai_next
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            guard
                getnameinfo(
                    info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
            else { continue }
            let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if !addresses.contains(address) { addresses.append(address) }
        }
        guard !addresses.isEmpty else {
            return .failure(NameError(description: "\(host): no address", isTemporary: false))
        }
        return .success(addresses)
    }
}
