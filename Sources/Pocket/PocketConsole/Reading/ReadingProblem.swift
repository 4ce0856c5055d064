import Encoding
import HTTP
import LogQL
import PocketStore
import QuerySupport
import TraceQL
import Vocabulary

/// Why a request to the reading API is not answered, as problem details (RFC 9457).
struct ReadingProblem: Error {
    var status = HTTPStatus.badRequest
    /// The problem's type; `nil` for `about:blank`.
    var type: String?
    var detail: String
    /// Where a query is wrong; lines and columns count from 1.
    var place: (line: Int, column: Int)?
    /// A mended query.
    var suggestion: String?
    /// What is known of a trace that is not there.
    var missingTrace: (lines: Int, candidates: [String])?

    init(_ status: HTTPStatus = .badRequest, type: String? = nil, _ detail: String) {
        self.status = status
        self.type = type
        self.detail = detail
    }

    /// A parameter that cannot be read.
    static func parameter(_ name: String, _ expectation: String, not text: String) -> ReadingProblem {
        ReadingProblem(type: "invalid-parameter", "\(name): expected \(expectation), not “\(text.prefix(100))”")
    }

    /// The problem of any error that reading may end with.
    init(_ error: any Error) {
        switch error {
        case let problem as ReadingProblem: self = problem
        case let error as HTTPError: self.init(error.status, type: error.type, error.message)
        case let error as LogQLError:
            self.init(type: "invalid-query", error.description)
            if case .syntax(let line, let column, _) = error { place = (line, column) }
        case let error as LogQueryError: self.init(type: "invalid-query", error.description)
        case let error as TraceQL.QueryError:
            self.init(type: "invalid-query", error.description)
            if let position = error.position { place = (position.line, position.column) }
        case let error as QueryBudgetError:
            self.init(
                error.isTimeout ? .serviceUnavailable : .unprocessableContent, type: "too-much", error.description)
        case PocketDatabaseError.busy: self.init(.tooManyRequests, type: "busy", "\(error)")
        case is PocketDatabaseError: self.init(.serviceUnavailable, "\(error)")
        default: self.init(.internalServerError, "\(error)")
        }
    }

    func response(instance: String) -> Response {
        var json = JSONWriter()
        json.object {
            $0.member("type", type.map { "urn:tailspan:problem:" + $0 } ?? "about:blank")
            $0.member("title", status.reasonPhrase)
            $0.member("status", status.code)
            $0.member("detail", detail)
            $0.member("instance", instance)
            if let place {
                $0.member("line", place.line)
                $0.member("column", place.column)
            }
            if let suggestion { $0.member("suggestion", suggestion) }
            if let missingTrace {
                $0.member("lines", missingTrace.lines)
                $0.name("candidates")
                $0.array { for id in missingTrace.candidates { $0.value(id) } }
            }
        }
        return Response(
            status: status,
            headers: [
                Header.contentType: "application/problem+json", Header.cacheControl: "no-store",
                Header.contentTypeOptions: "nosniff",
            ], body: json.bytes)
    }
}
