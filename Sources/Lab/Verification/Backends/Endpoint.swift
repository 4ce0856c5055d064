import HTTP
import Vocabulary

/// A backend that could not be reached, or whose answer could not be read.
package struct BackendError: Error, Equatable, CustomStringConvertible {
    /// For example `Tempo`.
    package var backend: String
    package var url: String
    package var reason: String
    /// The status of an unexpected answer; `nil` if there was no answer.
    package var status: Int?

    package init(backend: String, url: String, reason: String, status: Int? = nil) {
        self.backend = backend
        self.url = url
        self.reason = reason
        self.status = status
    }

    package var description: String { "\(backend) at \(url): \(reason)" }
}

/// One backend at one address.
struct Endpoint: Sendable {
    let backend: String
    /// Without a trailing slash.
    let baseURL: String
    let transport: any HTTPTransport
    let timeout: Duration
    /// Sent with every request.
    private let headers: HTTPFields

    /// - Parameter tenant: the tenant of the requested data, where the backend keeps several tenants apart.
    init(
        backend: String, baseURL: String, tenant: Tenant? = nil, transport: any HTTPTransport, timeout: Duration,
        headers: [String: String] = [:]
    ) {
        var fields: HTTPFields = [:]
        for (name, value) in headers { fields[name] = value }
        if let tenant { fields[Header.tenant] = tenant.name }
        self.headers = fields
        self.backend = backend
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        self.transport = transport
        self.timeout = timeout
    }

    func get(_ path: String, accept: String, authorization: String? = nil) async throws -> HTTPClient.Response {
        var headers = headers
        headers[Header.accept] = accept
        if let authorization { headers[Header.authorization] = authorization }
        do {
            return try await transport.execute(
                HTTPClient.Request(url: baseURL + path, headers: headers), timeout: timeout)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw self.error(String(describing: error))
        }
    }

    func error(_ reason: String) -> BackendError {
        // The message may have other readers than those who know the URL's credentials.
        BackendError(backend: backend, url: URLRedaction.url(baseURL), reason: reason)
    }

    /// For an answer with an unexpected status; quotes the beginning of its body.
    func error(_ response: HTTPClient.Response) -> BackendError {
        var body = String(decoding: response.body.prefix(300), as: UTF8.self)
        while body.last?.isWhitespace == true { body.removeLast() }
        // The wording of Loki and Tempo for a request without a tenant.
        let remedy =
            response.status == .unauthorized && body.contains("no org id")
            ? "; it keeps tenants apart: name yours with --tenant or \(Tenant.variable)" : ""
        var error = error("answered \(response.status.code)" + (body.isEmpty ? "" : ": \(body)") + remedy)
        error.status = response.status.code
        return error
    }
}
