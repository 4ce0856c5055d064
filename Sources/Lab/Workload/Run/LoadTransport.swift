import HTTP
import Vocabulary

/// Sends a planned request and returns the answer; throws if there was none.
package typealias LoadTransport = @Sendable (PlannedRequest) async throws -> LoadAnswer

/// The part of an answer that is kept.
package struct LoadAnswer: Sendable, Equatable {
    package var status: HTTPStatus
    /// The trace named by the answer's `x-trace-id`, if any.
    package var traceID: String?

    package init(status: HTTPStatus, traceID: String? = nil) {
        self.status = status
        self.traceID = traceID
    }
}

/// Sends over HTTP to the gateway at `baseURL`, which has no trailing slash.
/// - Parameter token: the gateway's bearer token, if it requires one.
package func httpTransport(
    _ transport: any HTTPTransport, baseURL: String, token: String? = nil, timeout: Duration = .seconds(10)
) -> LoadTransport {
    { request in
        var headers = request.headers
        if let token { headers[Header.authorization] = "Bearer " + token }
        let response = try await transport.execute(
            HTTPClient.Request(
                method: .post, url: baseURL + request.uri, headers: headers, body: request.body,
                urlTemplate: "/v1/tasks"),
            timeout: timeout)
        return LoadAnswer(status: response.status, traceID: response.headers[Header.traceID])
    }
}
