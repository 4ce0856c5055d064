import Encoding
import Glibc

/// Where a request goes: the part of a URL before the path (RFC 3986, section 3.2).
///
/// Two schemes are served on the loop: `http`, and `unix` for a Unix-domain socket. In the latter a colon stands between
/// the socket's path and the path of the request: `unix:/run/tasks.sock:/v1/tasks`.
struct HTTPOrigin: Equatable {
    enum Place: Equatable {
        /// An IPv4 or IPv6 address, or several if it is a name of this machine (RFC 6761, section 6.3).
        case addresses([String], port: UInt16)
        /// A name to be looked up, in lower case.
        case name(String, port: UInt16)
        case socket(UnixAddress)

        var description: String {
            switch self {
            case .addresses(let addresses, let port): "\(addresses[0]):\(port)"
            case .name(let name, let port): "\(name):\(port)"
            case .socket(let address): address.path
            }
        }
    }

    let place: Place
    /// The URL up to the path, as written.
    let prefix: String
    /// The `Host` field.
    let authority: String
    /// The `Authorization` field for a name and password in the URL; `nil` if there are none.
    let authorization: String?

    /// - Returns: `nil` for anything but a valid `http` or `unix` URL.
    init?(_ url: String) {
        if let path = Self.socketPath(url) {
            guard let address = UnixAddress(path: String(path)) else { return nil }
            place = .socket(address)
            prefix = String(url[..<path.endIndex]) + (path.endIndex == url.endIndex ? "" : ":")
            (authority, authorization) = ("localhost", nil)
            return
        }
        guard url.lowercased().hasPrefix("http://") else { return nil }
        let rest = url.dropFirst(7)
        let whole = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let at = whole.lastIndex(of: "@")
        let named = at.map { whole[whole.index(after: $0)...] } ?? whole
        var bytes = String(named)
        guard !bytes.isEmpty, bytes.withUTF8({ HTTPAuthority.isHostField($0) }),
            let parsed = HTTPAuthority(hostField: bytes), let port = UInt16(exactly: parsed.port), port > 0
        else { return nil }
        prefix = String(url[..<whole.endIndex])
        authority = bytes
        authorization = at.map { at in
            "Basic " + Base64.string(Array(PercentEncoding.decode(whole[..<at].utf8, plusIsSpace: false).utf8))
        }
        place = Self.place(parsed.host.lowercased(), port)
    }

    private static func place(_ host: String, _ port: UInt16) -> Place {
        if host == "localhost" || host.hasSuffix(".localhost") {
            return .addresses(["127.0.0.1", "::1"], port: port)
        }
        return numeric(host).map { .addresses([$0], port: port) } ?? .name(host, port: port)
    }

    /// The address that `host` stands for, if it is one: IPv6, or IPv4 in any form that the C library knows.
    private static func numeric(_ host: String) -> String? {
        if host.contains(":") { return host }
        var address = in_addr()
        guard host.utf8.first.map({ $0 &- 48 < 10 }) == true, inet_aton(host, &address) != 0 else { return nil }
        let bytes = UInt32(bigEndian: address.s_addr)
        return "\(bytes >> 24).\(bytes >> 16 & 255).\(bytes >> 8 & 255).\(bytes & 255)"
    }

    /// The path in `unix:/path`, up to the colon before the request's path, if there is one.
    private static func socketPath(_ url: String) -> Substring? {
        guard url.hasPrefix("unix:/") else { return nil }
        let rest = url.dropFirst(5)
        return rest.firstRange(of: ":/").map { rest[..<$0.lowerBound] }
            ?? (rest.hasSuffix(":") ? rest.dropLast() : rest)
    }

    /// Whether `url` has this origin.
    func isOrigin(of url: String) -> Bool {
        var (url, prefix) = (url, prefix)
        return url.withUTF8 { url in
            prefix.withUTF8 { prefix in
                guard url.count >= prefix.count, let start = url.baseAddress, let expected = prefix.baseAddress,
                    memcmp(start, expected, prefix.count) == 0
                else { return false }
                guard url.count > prefix.count else { return true }
                // The path of a socket goes on as long as no colon ends it.
                if case .socket = place, prefix.last != UInt8(ascii: ":") { return false }
                switch url[prefix.count] {
                case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): return true
                default: return false
                }
            }
        }
    }

    /// The request target in `url`, which has this origin; `nil` if it has characters that must be escaped.
    func target(in url: String) -> String? {
        var url = url
        let start = prefix.utf8.count
        return url.withUTF8 { bytes in
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "#") {
                guard bytes[end] > 0x20, bytes[end] < 0x7F else { return nil }
                end += 1
            }
            let target = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
            return end > start && bytes[start] == UInt8(ascii: "/") ? target : "/" + target
        }
    }
}

extension HTTPClient {
    /// The URL of a Unix-domain socket in the form to which the path of a request can be appended:
    /// `unix:/run/tasks.sock:`. `nil` if `url` is none, or the path is too long for the system.
    package static func socketURL(_ url: String) -> String? {
        let whole = url.hasSuffix(":") ? url : url + ":"
        guard let origin = HTTPOrigin(whole), case .socket = origin.place, origin.prefix == whole else { return nil }
        return whole
    }
}
