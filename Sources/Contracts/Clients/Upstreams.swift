import HTTP

extension ServiceDependencies {
    /// A client for another service, whose address is in its environment variable (`TASKS_URL` …).
    /// - Throws: ``ConfigurationError`` if the address cannot be used.
    package func upstream(
        _ role: ServiceRole, configuration: UpstreamClient.Configuration = UpstreamClient.Configuration()
    ) throws -> UpstreamClient {
        UpstreamClient(
            name: role.rawValue,
            baseURL: try environment.url(role.urlVariable, default: "http://127.0.0.1:\(role.defaultPort)"),
            httpClient: httpClient, eventLoop: eventLoop, tracer: tracer, logger: logger, metrics: metrics,
            configuration: configuration, randomUInt64: randomUInt64, interceptor: upstreamInterceptor)
    }
}

extension HTTPClient.Response {
    /// The answer if it is a success.
    /// - Throws: ``HTTPError`` with the upstream's status and problem type: 4xx as it came, 5xx as 502, 503 or 504.
    package func checked(from upstream: String) throws -> HTTPClient.Response {
        guard !status.isSuccess else { return self }
        let problem = ProblemDetails(body)
        let passedOn = status.isClientError || status == .serviceUnavailable || status == .gatewayTimeout
        var headers: HTTPFields = [:]
        if let retryAfter = self.headers[Header.retryAfter] { headers[Header.retryAfter] = retryAfter }
        throw HTTPError(
            passedOn ? status : .badGateway, type: problem.type,
            message: problem.detail ?? "\(upstream) answered \(status)", headers: headers)
    }
}

extension ReadinessCheck {
    /// An upstream answers `/healthz`. It does not unready the service that calls it.
    package static func upstream(_ role: ServiceRole, _ dependencies: ServiceDependencies) throws -> ReadinessCheck {
        let url = try dependencies.environment.url(
            role.urlVariable, default: "http://127.0.0.1:\(role.defaultPort)")
        let client = dependencies.httpClient
        return ReadinessCheck(name: role.rawValue, isRequired: false) {
            let answer = try await client.execute(HTTPClient.Request(url: url + "/healthz"), timeout: .seconds(1))
            guard answer.status == .ok else { throw HTTPError(answer.status, message: "\(url)/healthz") }
        }
    }
}
