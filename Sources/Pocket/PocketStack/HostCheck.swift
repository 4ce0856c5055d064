import HTTP
import Vocabulary

/// Rejects requests that a browser was tricked into: any site can point its own name to 127.0.0.1 (DNS rebinding) and
/// then read what is served there. The `Host` of such a request still has the site's name.
///
/// On a loopback address only `localhost`, its subdomains, loopback addresses and the allowed names are accepted. On
/// other addresses, where containers and clusters have their own names, every name is accepted, unless names were
/// allowed: then only those, `localhost` and any address, which no name server can redirect.
struct HostCheck: MiddlewareProtocol {
    private let isLoopback: Bool
    private let allowed: Set<String>

    init(boundTo host: String, allowed: [String]) {
        isLoopback = HostAddress.isLoopback(host)
        self.allowed = Set(allowed)
    }

    func isNeeded(for request: Request) -> Bool { isLoopback || !allowed.isEmpty }

    func handle(
        _ request: Request, context: RequestContext, next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response {
        // Only browsers matter here, and they always send it.
        guard let host = request.headers[Header.host] else { return try await next(request, context) }
        guard let name = Self.name(inHost: host), admits(name) else {
            return .text(
                "this is not \(host.prefix(100)): ask for localhost, or name the host in POCKET_ALLOWED_HOSTS\n",
                status: .misdirectedRequest)
        }
        return try await next(request, context)
    }

    private func admits(_ name: String) -> Bool {
        HostAddress.isLoopback(name) || allowed.contains(name) || !isLoopback && HostAddress.isAddress(name)
    }

    // MARK: Names

    /// The name or address in a `Host` field, in lower case and without a port; `nil` if it is invalid (RFC 9110 §7.2).
    static func name(inHost host: String) -> String? {
        var rest = host.lowercased()[...]
        var name: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            name = rest[...end]
            rest = rest[rest.index(after: end)...]
            guard name.dropFirst().dropLast().allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                return nil
            }
        } else {
            name = rest.prefix { $0 != ":" }
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, name.utf8.allSatisfy(mayBeInName) else { return nil }
            // A name may end with the root domain's dot.
            if name.last == "." { name.removeLast() }
        }
        if rest.isEmpty { return String(name) }
        let port = rest.dropFirst()
        guard rest.first == ":", port.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return String(name)
    }

    /// Letters, digits, `-`, `.` and `_`.
    private static func mayBeInName(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 97...122, 45, 46, 95: true
        default: false
        }
    }
}
