import Configuration
import HTTP
import Logging
import Synchronization
import Vocabulary

extension ServiceDependencies {
    /// Creates a client for another service. The service's address comes from its environment variable (`TASKS_URL` …).
    /// - Throws: ``ConfigurationError`` if the address is invalid.
    package func upstream(
        _ role: ServiceRole, configuration: UpstreamClient.Configuration = UpstreamClient.Configuration()
    ) throws -> UpstreamClient {
        let url = try environment.upstreamURL(role)
        if let problem = HTTPClient.httpsProblem(for: url) {
            logger.warning(
                "an upstream cannot be called",
                metadata: [LogField.peer: .string(role.rawValue), "reason": .string(problem)])
        }
        return UpstreamClient(
            name: role.rawValue, baseURL: url, httpClient: httpClient, eventLoop: eventLoop, tracer: tracer,
            logger: logger, metrics: metrics, configuration: configuration, randomUInt64: randomUInt64,
            interceptor: interceptors.upstream)
    }
}

extension Environment {
    /// The address of another service.
    fileprivate func upstreamURL(_ role: ServiceRole) throws -> String {
        try url(role.urlVariable, default: "http://127.0.0.1:\(role.defaultPort)", orSocket: true)
    }
}

extension HTTPClient.Response {
    /// Returns the answer if it is a success.
    /// - Throws: ``HTTPError`` with the upstream's status and problem type: 4xx unchanged, 5xx as 502, 503 or 504.
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
    /// Checks that an upstream accepts requests.
    ///
    /// The check is required until it succeeds for the first time: a service that has just started is ready once its
    /// dependencies are. After that, an upstream that is down only degrades its callers; otherwise one sick service
    /// would take all others down. The services call each other in one direction only, so no service waits for itself.
    package static func upstream(_ role: ServiceRole, _ dependencies: ServiceDependencies) throws -> ReadinessCheck {
        let url = try dependencies.environment.upstreamURL(role)
        let client = dependencies.httpClient
        let wasReady = SharedFlag()
        return ReadinessCheck(name: role.rawValue, isRequired: { !wasReady.value }) {
            // After the first success, it is enough that the upstream is alive.
            let target = url + (wasReady.value ? "/healthz" : "/readyz")
            let answer = try await client.execute(HTTPClient.Request(url: target), timeout: .seconds(1))
            guard answer.status == .ok else {
                throw HTTPError(answer.status, message: "\(URLRedaction.url(target)) answered \(answer.status.code)")
            }
            wasReady.value = true
        }
    }
}

/// Shared by the two closures of a check. Safe to use from any thread.
private final class SharedFlag: Sendable {
    private let storage = Atomic(false)
    var value: Bool {
        get { storage.load(ordering: .relaxed) }
        set { storage.store(newValue, ordering: .relaxed) }
    }
}
