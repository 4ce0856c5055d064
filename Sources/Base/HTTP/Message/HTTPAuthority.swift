/// The host and port of a URL, and a form of the URL that is safe to show.
package struct HTTPAuthority: Sendable, Equatable {
    /// IPv6 addresses have no brackets. Of a Unix-domain socket, its path.
    package let host: String
    /// 0 for a Unix-domain socket.
    package let port: Int
    /// The URL without secrets, for telemetry and messages; see ``URLRedaction/url(_:)``.
    package let redactedURL: String

    /// Parses an `http`, `https` or `unix` URL. For any other text, takes what can be recognised.
    package init(_ url: String) {
        if url.hasPrefix("unix:") {
            host = String(url.dropFirst(5).prefix { $0 != ":" })
            port = 0
            redactedURL = "http://localhost"
            return
        }
        redactedURL = URLRedaction.url(url)
        let isSecure = url.hasPrefix("https://")
        let scheme = isSecure ? "https://" : "http://"
        let rest = url.hasPrefix(scheme) ? url.dropFirst(scheme.count) : url[...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let named = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let colon = named.lastIndex(of: ":").flatMap { named[$0...].contains("]") ? nil : $0 }
        let bare = named[..<(colon ?? named.endIndex)]
        host = String(bare.hasPrefix("[") && bare.hasSuffix("]") ? bare.dropFirst().dropLast() : bare)
        port = colon.flatMap { Int(named[named.index(after: $0)...]) } ?? (isSecure ? 443 : 80)
    }

    /// Parses a `Host` header field strictly (RFC 9110 §7.2, RFC 3986 §3.2.2): a name, an IPv4 address or an IPv6
    /// address in brackets, with an optional port. Returns `nil` for anything else, such as `localhost:x@elsewhere`.
    package init?(hostField field: String, defaultPort: Int = 80) {
        let bytes = Array(field.utf8)
        var end = bytes.count
        if bytes.first == UInt8(ascii: "[") {
            guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")), bracket > 2,
                bytes[1..<bracket].allSatisfy({ Self.isHex($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
            else { return nil }
            end = bracket + 1
            host = String(decoding: bytes[1..<bracket], as: UTF8.self)
        } else {
            end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
            guard end > 0, end <= 253, bytes[..<end].allSatisfy(Self.isNameByte) else { return nil }
            host = String(decoding: bytes[..<end], as: UTF8.self)
        }
        var port = defaultPort
        if end < bytes.count {
            let digits = bytes[(end + 1)...]
            guard bytes[end] == UInt8(ascii: ":"), digits.count <= 5, digits.allSatisfy({ (48...57).contains($0) })
            else { return nil }
            // `host:` without digits means the scheme's default port (RFC 3986 §3.2.3).
            if !digits.isEmpty { port = digits.reduce(0) { $0 * 10 + Int($1 - 48) } }
            guard port <= 65535 else { return nil }
        }
        self.port = port
        redactedURL = field
    }

    /// Whether `bytes` are a valid `Host` field: what ``init(hostField:defaultPort:)`` accepts, or nothing, which is
    /// what a URL without a host sends.
    static func isHostField(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if bytes.isEmpty { return true }
        var end = bytes.count
        if bytes[0] == UInt8(ascii: "[") {
            guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")), bracket > 2,
                bytes[1..<bracket].allSatisfy({ isHex($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
            else { return false }
            end = bracket + 1
        } else {
            end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
            guard end > 0, end <= 253, bytes[..<end].allSatisfy(isNameByte) else { return false }
        }
        guard end < bytes.count else { return true }
        let digits = bytes[(end + 1)...]
        guard bytes[end] == UInt8(ascii: ":"), digits.count <= 5, digits.allSatisfy({ $0 &- 48 < 10 }) else {
            return false
        }
        return digits.reduce(0) { $0 * 10 + Int($1 - 48) } <= 65535
    }

    /// Whether it is `localhost` or a loopback address.
    package var isThisMachine: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    private static func isHex(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...102).contains(byte | 0x20)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 48...57: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}
