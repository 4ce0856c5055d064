import HTTP
import Vocabulary

/// Who may change something through the console: its own pages on this machine, programs on this machine, and whoever
/// has the token. Pages of other sites may not, whatever the browser lets them send.
///
/// A change is refused with 403 unless it comes from the console's own origin or from no page at all, and, without the
/// token, from this machine; and with 415 unless it is declared as JSON, which no form can be. `AdminAccess`, which
/// guards the services, refuses every page; here the console's own pages are the ones that act.
package struct ChangeGuard: Sendable {
    private let access: AdminAccess
    private let allowedNames: Set<String>

    /// - Parameters:
    ///   - token: `ADMIN_TOKEN`; `nil` if none is set, so that only this machine may act.
    ///   - allowedNames: names of this machine besides `localhost` and loopback addresses, in lower case.
    package init(token: String?, allowedNames: some Sequence<String> = []) {
        access = AdminAccess(token: token)
        self.allowedNames = Set(allowedNames)
    }

    /// Why the request may not change anything; `nil` if it may.
    package func refusal(of request: Request) -> HTTPError? {
        guard comesFromOwnPage(request.headers) else {
            return HTTPError(
                .forbidden, type: "other-origin",
                message: "this page belongs to another site than the console: only its own pages may change something")
        }
        guard access.holdsToken(request) || comesFromThisMachine(request) else {
            return HTTPError(
                .forbidden, type: "admin-only",
                message: "the console takes changes from this machine alone: from elsewhere, expected Authorization: "
                    + "Bearer with \(AdminAccess.tokenVariable)")
        }
        guard isJSON(request.headers) else {
            return HTTPError(
                .unsupportedMediaType, type: "not-json", message: "expected \(Header.contentType): application/json")
        }
        return nil
    }

    /// Whether no page sent it, or a page of this origin: the same host and port as in `Host` (RFC 6454). Browsers send
    /// `Origin` with every POST, PUT and DELETE, and say in `Sec-Fetch-Site` (W3C Fetch Metadata) how the page relates
    /// to the address.
    private func comesFromOwnPage(_ headers: HTTPFields) -> Bool {
        if let site = headers["sec-fetch-site"], site != "same-origin", site != "none" { return false }
        let origins = headers.values(of: "origin")
        guard let origin = origins.first else { return true }
        guard origins.count == 1, let host = headers[Header.host] else { return false }
        for (scheme, port) in [("http://", 80), ("https://", 443)] where origin.lowercased().hasPrefix(scheme) {
            let named = HTTPAuthority(hostField: String(origin.dropFirst(scheme.count)), defaultPort: port)
            let own = HTTPAuthority(hostField: host, defaultPort: port)
            guard let named, let own else { return false }
            return named.host.lowercased() == own.host.lowercased() && named.port == own.port
        }
        return false
    }

    /// Whether a program of this machine sent it on its own account. With DNS rebinding a page's own host name leads
    /// here, so the name in `Host` counts as well as the address.
    private func comesFromThisMachine(_ request: Request) -> Bool {
        guard AdminAccess.isOwnMachine(request.remoteAddress), !AdminAccess.isForwarded(request.headers) else {
            return false
        }
        guard let host = request.headers[Header.host] else { return true }
        guard let name = HTTPAuthority(hostField: host)?.host.lowercased() else { return false }
        return name == "localhost" || name.hasSuffix(".localhost") || AdminAccess.isOwnMachine(name)
            || allowedNames.contains(name)
    }

    private func isJSON(_ headers: HTTPFields) -> Bool {
        let type = headers[Header.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
        return type.drop { $0 == " " }.prefix { $0 != " " } == "application/json"
    }
}
