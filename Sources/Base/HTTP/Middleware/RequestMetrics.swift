import Metrics
import Synchronization
import Vocabulary

/// The HTTP server's metrics (semantic conventions: `http.server.request.duration`, `http.server.active_requests`).
/// Safe to use from any thread.
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    /// How requests come: this server speaks nothing else.
    static let scheme = "http"

    private let factory: any MetricsFactory
    private let active = Mutex<[String: Gauge]>([:])
    /// Making a handler means hashing its dimensions; the few combinations that occur are kept.
    private let durations = Mutex<[Key: Histogram]>([:])

    init(factory: any MetricsFactory) {
        self.factory = factory
        // There from the start, so that an idle service shows 0 and not nothing.
        for method in ["GET", "POST"] { count(method, 0) }
    }

    func began(method: HTTPMethod) { count(Self.known(method), 1) }

    private func count(_ method: String, _ amount: Double) {
        let gauge = active.withLock { active in
            if let known = active[method] { return known }
            let made = Gauge(
                label: "http.server.active_requests", description: "Requests being answered.", unit: "{request}",
                dimensions: [(Attribute.httpRequestMethod, method), (Attribute.urlScheme, Self.scheme)],
                factory: factory)
            active[method] = made
            return made
        }
        gauge.add(amount)
    }

    /// - Parameter seconds: from the parsed request to the written response.
    func ended(method: HTTPMethod, route: String?, status: HTTPStatus, seconds: Double) {
        count(Self.known(method), -1)
        // An unknown method is one value, not as many as a scanner can think of.
        let key = Key(method: Self.known(method), route: route ?? "", status: status.code)
        let histogram = durations.withLock { durations in
            if let known = durations[key] { return known }
            var dimensions = [
                (Attribute.httpRequestMethod, key.method), (Attribute.urlScheme, Self.scheme),
                (Attribute.httpResponseStatus, String(key.status)),
            ]
            if let route { dimensions.append((Attribute.httpRoute, route)) }
            if status.isServerError { dimensions.append((Attribute.errorType, String(key.status))) }
            let made = Histogram(
                label: "http.server.request.duration", description: "Duration of HTTP server requests.",
                dimensions: dimensions, factory: factory)
            durations[key] = made
            return made
        }
        histogram.record(seconds)
    }

    static func known(_ method: HTTPMethod) -> String {
        switch method.rawValue {
        case "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH": method.rawValue
        default: "_OTHER"
        }
    }
}
