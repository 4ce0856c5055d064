import Encoding
import HTTP
import Vocabulary

/// Calls the payments service.
package struct PaymentsClient: Sendable {
    private let upstream: UpstreamClient

    package init(_ upstream: UpstreamClient) { self.upstream = upstream }

    /// Holds an amount. Repeating the call with the same key returns the same reservation.
    package func reserve(_ request: ReservationRequest, idempotencyKey: String) async throws -> Reservation {
        let answer = try await upstream.send(
            .post, "/v1/reservations", template: "/v1/reservations", headers: jsonHeaders(idempotencyKey),
            body: request.json)
        return try reservation(in: answer)
    }

    /// Captures a held amount.
    @discardableResult
    package func settle(_ request: SettlementRequest, idempotencyKey: String) async throws -> Reservation {
        let answer = try await upstream.send(
            .post, "/v1/settlements", template: "/v1/settlements", headers: jsonHeaders(idempotencyKey),
            body: request.json)
        return try reservation(in: answer)
    }

    /// Releases a held amount; does nothing if it was released before.
    @discardableResult
    package func release(_ reservationID: String) async throws -> Reservation {
        let answer = try await upstream.send(
            .delete, "/v1/reservations/" + PercentEncoding.encode(reservationID), template: "/v1/reservations/{id}")
        return try reservation(in: answer)
    }

    /// An unreadable answer is an error of the upstream, never a refusal.
    private func reservation(in answer: HTTPClient.Response) throws -> Reservation {
        let body = try answer.checked(from: upstream.name).body
        do {
            return try Reservation(body: body)
        } catch {
            throw HTTPError(
                .badGateway, type: "unexpected-answer", message: "\(upstream.name) gave an answer that cannot be read")
        }
    }

    /// Returns a guild's balance as JSON.
    package func balance(guildID: String) async throws -> HTTPClient.Response {
        try await upstream.send(
            .get, "/v1/guilds/\(PercentEncoding.encode(guildID))/balance", template: "/v1/guilds/{id}/balance"
        ).checked(from: upstream.name)
    }
}

/// Calls the executor service.
package struct ExecutorClient: Sendable {
    private let upstream: UpstreamClient

    package init(_ upstream: UpstreamClient) { self.upstream = upstream }

    /// Computes a workload.
    package func execute(_ request: ExecutionRequest, idempotencyKey: String) async throws -> Execution {
        let answer = try await upstream.send(
            .post, "/v1/executions", template: "/v1/executions", headers: jsonHeaders(idempotencyKey),
            body: request.json)
        return try Execution(body: answer.checked(from: upstream.name).body)
    }
}

private func jsonHeaders(_ idempotencyKey: String) -> HTTPFields {
    [Header.contentType: "application/json", Header.idempotencyKey: idempotencyKey]
}
