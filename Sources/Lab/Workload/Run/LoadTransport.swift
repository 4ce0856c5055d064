import HTTP
import Vocabulary

/// Sends a planned request and returns what came back; throws if there was no answer.
package typealias LoadTransport = @Sendable (PlannedRequest) async throws -> LoadAnswer

/// What is kept of an answer.
package struct LoadAnswer: Sendable, Equatable {
    package var status: HTTPStatus
    /// The trace that the answer names in `x-trace-id`, if it names one.
    package var traceID: String?

    package init(status: HTTPStatus, traceID: String? = nil) {
        self.status = status
        self.traceID = traceID
    }
}

/// Sends over HTTP to the gateway at `baseURL`, which has no trailing slash.
/// - Parameter token: the gateway's bearer token, if it wants one.
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
