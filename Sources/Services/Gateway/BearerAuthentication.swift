import Encoding
import HTTP
import Vocabulary

/// Requires `Authorization: Bearer <token>` on the public routes (RFC 6750).
struct BearerAuthentication: MiddlewareProtocol {
    let token: String

    func handle(
        _ request: Request, context: RequestContext, next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response {
        guard let route = context.endpointPath, route.hasPrefix("/v1/") else { return try await next(request, context) }
        guard let sent = request.headers[Header.authorization], sent.equalsInConstantTime("Bearer " + token) else {
            throw HTTPError(
                .unauthorized, type: "token-required",
                message: "expected Authorization: Bearer with the gateway's token",
                headers: ["www-authenticate": "Bearer"])
        }
        return try await next(request, context)
    }
}
