import Encoding
import HTTP
import Vocabulary

/// Reads what a Grafana is provisioned with. Safe to use from any thread.
package struct GrafanaClient: Sendable {
    private let endpoint: Endpoint
    private let credentials: GrafanaCredentials?

    /// - Parameters:
    ///   - baseURL: such as `http://127.0.0.1:3000`, including the path under which Grafana is served, if any.
    ///   - credentials: without them Grafana treats the request as anonymous.
    package init(
        baseURL: String, credentials: GrafanaCredentials?, transport: any HTTPTransport,
        timeout: Duration = .seconds(10)
    ) {
        endpoint = Endpoint(backend: "Grafana", baseURL: baseURL, transport: transport, timeout: timeout)
        self.credentials = credentials
    }

    /// All data sources with their effective settings: variables in the files are expanded.
    /// - Throws: ``BackendError`` that says how to fix it.
    package func dataSources() async throws -> [DataSource] {
        let response = try await endpoint.get(
            "/api/datasources", accept: "application/json", authorization: credentials?.authorization)
        switch response.status.code {
        case 200: break
        case 401: throw endpoint.error("answered 401: \(advice)")
        case 403:
            throw endpoint.error(
                "answered 403: \(who) may not read data sources; that takes the role Admin (datasources:read), "
                    + "which anonymous viewers never have: \(advice)")
        case 404:
            throw endpoint.error("answered 404 to /api/datasources: is Grafana there, and served under that path?")
        case 300..<400:
            let target = response.headers[Header.location].map { " to \($0)" } ?? ""
            throw endpoint.error("redirects\(target): give the address that it redirects to")
        default: throw endpoint.error(response)
        }
        guard let entries = try? JSONValue(parsing: response.body).array else {
            let type = response.headers[Header.contentType].map { " (\($0))" } ?? ""
            throw endpoint.error("the answer is no list of data sources\(type): is that Grafana's address?")
        }
        return try entries.map { entry in
            guard let source = DataSource(entry) else { throw endpoint.error("a data source without a type") }
            return source
        }
    }

    /// All dashboards; `nil` if Grafana does not list them. Unreadable dashboards are left out.
    /// - Throws: ``BackendError`` if Grafana does not answer at all.
    package func dashboards() async throws -> [GrafanaDashboard]? {
        guard let found = try await json("/api/search?type=dash-db&limit=5000")?.array else { return nil }
        let paths = found.compactMap { $0["uid"]?.presentText }.map {
            "/api/dashboards/uid/" + PercentEncoding.encode($0)
        }
        return try await concurrently(paths, limit: 4) { path in
            try await json(path)?["dashboard"].flatMap { GrafanaDashboard($0) }
        }.compactMap { $0 }
    }

    /// All alert rules; `nil` if Grafana does not list them.
    /// - Throws: ``BackendError`` if Grafana does not answer at all.
    package func alerts() async throws -> [AlertRule]? {
        try await json("/api/v1/provisioning/alert-rules")?.array?.map { AlertRule($0) }
    }

    private func json(_ path: String) async throws -> JSONValue? {
        let response = try await endpoint.get(
            path, accept: "application/json", authorization: credentials?.authorization)
        guard response.status == .ok else { return nil }
        return try? JSONValue(parsing: response.body)
    }

    private var who: String {
        switch credentials {
        case .token: "the token's account"
        case .user(let name, _): "user \(name)"
        case nil: "somebody without credentials"
        }
    }

    private var advice: String {
        credentials == nil
            ? "set GRAFANA_ADMIN_PASSWORD for --grafana-user, or GRAFANA_TOKEN to the token of a service account with "
                + "the role Admin"
            : "the credentials are those of \(who); check --grafana-user, GRAFANA_ADMIN_PASSWORD and GRAFANA_TOKEN"
    }
}
