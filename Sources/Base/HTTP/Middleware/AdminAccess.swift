import Encoding
import Vocabulary

/// Who may control a service: its own machine, or who knows the token.
package struct AdminAccess: Sendable {
    /// The environment variable of the token.
    package static let tokenVariable = "ADMIN_TOKEN"

    private let token: String?

    package init(token: String?) { self.token = token }

    /// The answer that refuses `request`, or `nil`.
    package func refusal(of request: Request) -> Response? {
        guard !isAllowed(request) else { return nil }
        let expected = "expected Authorization: Bearer with the service's \(Self.tokenVariable)"
        let message =
            token == nil
            ? "control is for this machine's own programs: from elsewhere, \(expected), which is not set here"
            : "control is for this machine's own programs: from elsewhere, \(expected)"
        return HTTPError(.forbidden, type: "admin-only", message: message).response(instance: request.path)
    }

    /// A handler that asks who is there first, and renders its own errors: no middleware does it for quiet routes.
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
        if let token, let sent = request.headers[Header.authorization], sent.equalsInConstantTime("Bearer " + token) {
            return true
        }
        return Self.isOwnMachine(request.remoteAddress) && !Self.isForOthers(request.headers)
    }

    /// 127.0.0.0/8, ::1, the first of them written as IPv6, or no address at all: in memory, in tests.
    static func isOwnMachine(_ address: String?) -> Bool {
        guard let address else { return true }
        if address == "::1" { return true }
        let prefix = "::ffff:"
        let bare = address.lowercased().hasPrefix(prefix) ? String(address.dropFirst(prefix.count)) : address
        let parts = bare.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether a program of this machine only passes on what somebody else wants: a proxy, or a browser that runs
    /// another site's page.
    private static func isForOthers(_ headers: HTTPFields) -> Bool {
        for name in ["forwarded", "x-forwarded-for", "x-real-ip", "via", "origin"] where headers[name] != nil {
            return true
        }
        // A page whose name was made to lead to this machine asks in that name.
        if let host = headers[Header.host], !isThisMachine(host) { return true }
        return headers["sec-fetch-site"].map { $0 != "none" } ?? false
    }

    private static func isThisMachine(_ host: String) -> Bool {
        // Strictly: what one reader takes for a port, another may take for a name and password.
        guard let name = HTTPAuthority(hostField: host)?.host.lowercased() else { return false }
        return name == "localhost" || isOwnMachine(name)
    }
}
