import CCurlLinked
import Glibc

/// How a URL's host is reached.
enum Origin: Equatable {
    /// No lookup needed: the host is an address or this machine. Also used for invalid URLs, which libcurl reports.
    case direct
    /// The host's addresses have to be looked up.
    case named(HostName)

    init(_ url: String) {
        guard let handle = curl_url() else {
            self = .direct
            return
        }
        defer { curl_url_cleanup(handle) }
        guard curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK,
            let host = Self.part(CURLUPART_HOST, of: handle, UInt32(CURLU_PUNYCODE)),
            let port = Self.part(CURLUPART_PORT, of: handle, UInt32(CURLU_DEFAULT_PORT)).flatMap(UInt16.init),
            !Self.needsNoLookup(host)
        else {
            self = .direct
            return
        }
        self = .named(HostName(host: host, port: port))
    }

    /// The part of a URL that determines the origin: everything before the path.
    static func key(of url: String) -> Substring {
        var slashes = 0
        let end = url.utf8.firstIndex { byte in
            if byte == UInt8(ascii: "/") { slashes += 1 }
            return slashes == 3 || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
        }
        return url[..<(end ?? url.endIndex)]
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer, _ flags: UInt32) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text).lowercased()
    }

    /// Whether libcurl resolves the host itself: an address, or a name of this machine (RFC 6761, section 6.3).
    private static func needsNoLookup(_ host: String) -> Bool {
        var address = in_addr()
        return host.hasPrefix("[") || host == "localhost" || host.hasSuffix(".localhost")
            || inet_pton(AF_INET, host, &address) == 1
    }
}

/// A host given by name.
struct HostName: Hashable {
    let host: String
    let port: UInt16

    /// The addresses in the form of `CURLOPT_RESOLVE`.
    func entries(_ addresses: [String]) -> [String] {
        let end = ":\(port):" + addresses.map { $0.contains(":") ? "[\($0)]" : $0 }.joined(separator: ",")
        // Versions of libcurl differ: some look up a host with a trailing dot under its name without the dot.
        return host.hasSuffix(".") ? [host + end, host.dropLast() + end] : [host + end]
    }
}
