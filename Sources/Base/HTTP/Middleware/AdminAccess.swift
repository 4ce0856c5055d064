import Encoding
import Vocabulary

/// Who may control a service: clients on the same machine, or clients that present the token.
package struct AdminAccess: Sendable {
    /// The environment variable that holds the token.
    package static let tokenVariable = "ADMIN_TOKEN"

    private let token: String?

    package init(token: String?) { self.token = token }

    /// Returns the response that refuses `request`; `nil` if access is allowed.
    package func refusal(of request: Request) -> Response? {
        guard !isAllowed(request) else { return nil }
        let expected = "expected Authorization: Bearer with the service's \(Self.tokenVariable)"
        let message =
            token == nil
            ? "control is for this machine's own programs: from elsewhere, \(expected), which is not set here"
            : "control is for this machine's own programs: from elsewhere, \(expected)"
        return HTTPError(.forbidden, type: "admin-only", message: message).response(instance: request.path)
    }

    /// Wraps a handler with the access check. Renders its own errors, because quiet routes have no middleware that
    /// does.
    package func guarding(_ handler: @escaping @Sendable (Request, RequestContext) throws -> Response) -> Router.Handler
    {
        { request, context in
            if let refusal = refusal(of: request) { return refusal }
            do { return try handler(request, context) } catch let error as HTTPError {
                return error.response(instance: request.path)
            }
        }
    }

    private func isAllowed(_ request: Request) -> Bool {
        if holdsToken(request) { return true }
        return Self.isOwnMachine(request.remoteAddress) && !Self.isForOthers(request.headers)
    }

    /// Whether the request carries the token; `false` if there is none.
    package func holdsToken(_ request: Request) -> Bool {
        guard let token, let sent = request.headers[Header.authorization] else { return false }
        return sent.equalsInConstantTime("Bearer " + token)
    }

    /// Whether the address is in 127.0.0.0/8, also in IPv4-mapped form, or is ::1. `nil` counts as local, because
    /// requests in memory (tests) have no address.
    package static func isOwnMachine(_ address: String?) -> Bool {
        guard let address else { return true }
        if address == "::1" { return true }
        let prefix = "::ffff:"
        let bare = address.lowercased().hasPrefix(prefix) ? String(address.dropFirst(prefix.count)) : address
        let parts = bare.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether a program on this machine acts for someone else: a proxy, or a browser showing another site's page.
    private static func isForOthers(_ headers: HTTPFields) -> Bool {
        if isForwarded(headers) || headers["origin"] != nil { return true }
        // With DNS rebinding, a page's own host name leads to this machine and appears in the `host` field.
        if let host = headers[Header.host], !isThisMachine(host) { return true }
        return headers["sec-fetch-site"].map { $0 != "none" } ?? false
    }

    /// Whether a proxy passed the request on.
    package static func isForwarded(_ headers: HTTPFields) -> Bool {
        ["forwarded", "x-forwarded-for", "x-real-ip", "via"].contains { headers[$0] != nil }
    }

    private static func isThisMachine(_ host: String) -> Bool {
        // Parsed strictly: what one parser takes for a port, another may take for a user name and password.
        guard let name = HTTPAuthority(hostField: host)?.host.lowercased() else { return false }
        return name == "localhost" || isOwnMachine(name)
    }
}
