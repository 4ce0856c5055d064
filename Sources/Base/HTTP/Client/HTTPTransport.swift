/// Sends one HTTP request: an `HTTPClient`, or a replacement in tests.
package protocol HTTPTransport: Sendable {
    /// - Throws: `HTTPClientError` if there is no response.
    func execute(_ request: HTTPClient.Request, timeout: Duration) async throws -> HTTPClient.Response
}

extension HTTPClient: HTTPTransport {}
