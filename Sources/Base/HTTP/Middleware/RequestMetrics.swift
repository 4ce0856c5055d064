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

    /// The scheme of all requests: this server speaks only HTTP.
    static let scheme = "http"

    private let factory: any MetricsFactory
    private let active = Mutex<[String: Gauge]>([:])
    /// Handlers are cached because creating one hashes its dimensions, and few combinations occur.
    private let durations = Mutex<[Key: Histogram]>([:])

    init(factory: any MetricsFactory) {
        self.factory = factory
        // Created at start, so that an idle service reports 0 instead of nothing.
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

    /// - Parameter seconds: the time from the parsed request to the written response.
    func ended(method: HTTPMethod, route: String?, status: HTTPStatus, seconds: Double) {
        count(Self.known(method), -1)
        // Unknown methods share one value, because a scanner could otherwise create any number of series.
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
