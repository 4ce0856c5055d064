import Encoding
import HTTP
import TraceContext

/// The journal's admin routes, for callers with access to the control API. Never faulted, traced, logged or measured.
///
/// | Route | Answer |
/// |---|---|
/// | `GET /admin/requests?limit=N` | summaries of the newest requests, newest first; the default limit is 100 |
/// | `GET /admin/requests/{trace_id}` | the full records of a trace's requests, oldest first |
package struct JournalRoutes: Sendable {
    package static let path = "/admin/requests"
    static let templates: Set<String> = [path, path + "/{trace_id}"]
    /// The problem type if there is no journal.
    package static let offType = "journal-off"
    /// The problem type for a trace that is not in the journal.
    package static let unknownType = "unknown-request"

    let journal: RequestJournal
    let access: AdminAccess

    func add(to router: Router) {
        router.get(
            Self.path,
            use: access.guarding { request, _ in
                try requireJournal()
                return list(try limit(request))
            })
        router.get(
            Self.path + "/{trace_id}",
            use: access.guarding { _, context in
                try requireJournal()
                return try show(try context.parameters.require("trace_id"))
            })
    }

    private func requireJournal() throws(HTTPError) {
        guard journal.capacity > 0 else {
            throw HTTPError(
                .notFound, type: Self.offType,
                message: "this gateway keeps no journal of its requests: JOURNAL_SIZE is 0")
        }
    }

    private func limit(_ request: Request) throws(HTTPError) -> Int {
        guard let text = request.queryParameters["limit"] else { return 100 }
        guard let limit = Int(text), (1...100_000).contains(limit) else {
            throw HTTPError(
                .badRequest, type: "invalid-parameter",
                message: "limit=\(text): expected a whole number from 1 to 100000")
        }
        return limit
    }

    private func list(_ limit: Int) -> Response {
        Response.json {
            $0.object {
                $0.member("capacity", journal.capacity)
                $0.member("recorded", journal.total)
                $0.name("requests")
                $0.array { for record in journal.newest(limit) { $0.object { record.writeSummary(to: &$0) } } }
            }
        }
    }

    private func show(_ text: String) throws(HTTPError) -> Response {
        guard let traceID = TraceID(text), traceID.isValid else {
            throw HTTPError(
                .badRequest, type: "invalid-parameter",
                message: "'\(text)' is no trace id: expected 32 hex digits in lower case")
        }
        let records = journal.requests(of: traceID)
        guard !records.isEmpty else {
            throw HTTPError(
                .notFound, type: Self.unknownType,
                message: "the journal has no request of the trace \(text): it keeps the newest \(journal.capacity) "
                    + "requests to /v1 since this gateway started")
        }
        return Response.json {
            $0.object {
                $0.member("trace_id", text)
                $0.name("requests")
                $0.array { for record in records { record.write(to: &$0) } }
            }
        }
    }
}
