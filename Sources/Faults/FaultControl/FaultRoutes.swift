import Encoding
import FaultRules
import HTTP
import Vocabulary

/// The control API: which faults are set, and what they have done. Its requests are never faulted, traced, logged or
/// measured. The injector logs rule changes.
///
/// | Route | Answer |
/// |---|---|
/// | `GET /admin/faults` | the rules, whether they are in force, how often they took effect |
/// | `PUT /admin/faults` | replaces all rules, and the seed if one is given |
/// | `POST /admin/faults` | adds rules: all or none |
/// | `DELETE /admin/faults`, `DELETE /admin/faults/{id}` | removes all rules, or one |
/// | `PUT /admin/faults/hidden` | has spans, lines and metrics keep silent about faults, or mark them |
/// | `GET /admin/faults/history` | the rules after each of the newest changes |
/// | `GET /admin/faults/ledger?after=N` | NDJSON, one injection per line, numbers above N |
package struct FaultRoutes: Sendable {
    package static let templates: Set<String> = [
        FaultControl.path, one, FaultControl.ledgerPath, FaultControl.historyPath, FaultControl.hiddenPath,
    ]
    private static let one = FaultControl.path + "/{id}"

    private let injector: FaultInjector
    private let access: AdminAccess

    package init(injector: FaultInjector, access: AdminAccess) {
        self.injector = injector
        self.access = access
    }

    package func add(to router: Router) {
        add(.get, FaultControl.path, router) { _, _ in answer(.ok) }
        add(.put, FaultControl.path, router) { request, _ in
            let change = try FaultChange(request)
            try Self.refusing { () throws(FaultRuleError) in try injector.replace(change.rules, seed: change.seed) }
            return answer(.ok)
        }
        add(.post, FaultControl.path, router) { request, _ in
            let change = try FaultChange(request)
            guard change.seed == nil else { throw FaultChange.error("expected no seed with POST: PUT sets it") }
            guard !change.rules.isEmpty else { throw FaultChange.error("expected at least one rule") }
            try Self.refusing { () throws(FaultRuleError) in try injector.add(change.rules) }
            return answer(.created)
        }
        add(.delete, FaultControl.path, router) { _, _ in
            try Self.refusing { () throws(FaultRuleError) in try injector.replace([]) }
            return Response(status: .noContent)
        }
        add(.delete, Self.one, router) { _, context in try remove(try context.parameters.require("id")) }
        add(.put, FaultControl.hiddenPath, router) { request, _ in
            injector.hide(try Self.isHidden(request))
            return answer(.ok)
        }
        add(.get, FaultControl.historyPath, router) { _, _ in history() }
        add(.get, FaultControl.ledgerPath, router) { request, _ in try ledger(request) }
    }

    private func add(
        _ method: HTTPMethod, _ path: String, _ router: Router,
        _ handler: @escaping @Sendable (Request, RequestContext) throws -> Response
    ) {
        router.on(path, method: method, use: access.guarding(handler))
    }

    private func answer(_ status: HTTPStatus) -> Response {
        Response.json(status: status) { injector.state.write(to: &$0) }
    }

    private static func refusing(_ body: () throws(FaultRuleError) -> Void) throws(HTTPError) {
        do { try body() } catch { throw FaultChange.error(error.description) }
    }

    /// Reads `{"hidden":true}`.
    private static func isHidden(_ request: Request) throws(HTTPError) -> Bool {
        let json: JSONValue
        do { json = try JSONValue(parsing: request.body) } catch { throw FaultChange.error("the body is \(error)") }
        guard let members = json.object?.members, members.count == 1, let isHidden = json["hidden"]?.bool else {
            throw FaultChange.error(#"expected {"hidden":true} or {"hidden":false}"#)
        }
        return isHidden
    }

    private func remove(_ id: String) throws(HTTPError) -> Response {
        guard !injector.remove(id: id) else { return Response(status: .noContent) }
        let ids = injector.entries.map(\.rule.id)
        let hint =
            Suggestion.closest(to: id, among: ids).map { ": did you mean '\($0)'?" }
            ?? (ids.isEmpty ? ": no rule is set" : ": expected \(ids.joined(separator: ", "))")
        throw HTTPError(.notFound, type: "unknown-fault", message: "no fault rule has the id '\(id)'\(hint)")
    }

    private func history() -> Response {
        Response.json {
            $0.object {
                $0.member("service", injector.configuration.service.rawValue)
                $0.name("changes")
                $0.array { for record in injector.history { record.write(to: &$0) } }
            }
        }
    }

    private func ledger(_ request: Request) throws(HTTPError) -> Response {
        var after = 0
        if let text = request.queryParameters["after"] {
            guard let number = Int(text), number >= 0 else {
                throw HTTPError(
                    .badRequest, type: "invalid-parameter",
                    message: "after=\(text): expected the number of an entry, 0 or more")
            }
            after = number
        }
        var body = ByteWriter(capacity: 4096)
        for entry in injector.ledger.entries(after: after) {
            var json = JSONWriter(capacity: 256)
            entry.write(to: &json)
            body.append(contentsOf: json.bytes)
            body.append(UInt8(ascii: "\n"))
        }
        return Response(headers: [Header.contentType: "application/x-ndjson"], body: body.bytes)
    }
}
