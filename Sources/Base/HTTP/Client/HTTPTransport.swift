/// Sends one HTTP request: an `HTTPClient`, or what a test puts in its place.
package protocol HTTPTransport: Sendable {
    /// - Throws: `HTTPClientError` if there was no answer.
    func execute(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response
}

extension HTTPClient: HTTPTransport {}
