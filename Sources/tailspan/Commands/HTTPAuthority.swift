/// Host and port of an `http` or `https` URL.
struct HTTPAuthority: Sendable, Equatable {
    /// IPv6 without brackets.
    let host: String
    let port: Int
    /// The URL without the name and password before the host.
    let redactedURL: String

    init(_ url: String) {
        let isSecure = url.hasPrefix("https://")
        let scheme = isSecure ? "https://" : "http://"
        let rest = url.hasPrefix(scheme) ? url.dropFirst(scheme.count) : url[...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let named = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        redactedURL = named.count == authority.count ? url : scheme + named + rest.dropFirst(authority.count)
        let colon = named.lastIndex(of: ":").flatMap { named[$0...].contains("]") ? nil : $0 }
        let bare = named[..<(colon ?? named.endIndex)]
        host = String(bare.hasPrefix("[") && bare.hasSuffix("]") ? bare.dropFirst().dropLast() : bare)
        port = colon.flatMap { Int(named[named.index(after: $0)...]) } ?? (isSecure ? 443 : 80)
    }

    var isThisMachine: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}
