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

    /// The series of one route.
    private struct RouteSeries {
        let route: RouteTelemetry
        var durations: [(status: Int, histogram: Histogram)] = []
    }

    private let factory: any MetricsFactory
    private let active = Mutex<[(method: String, gauge: Gauge)]>([])
    /// The series of known routes, found without hashing a string. The number of routes is fixed, and so is that of
    /// statuses.
    private let routes = Mutex<[RouteSeries]>([])
    /// Series are cached because creating one hashes its dimensions, and few combinations occur.
    private let durations = Mutex<[Key: Histogram]>([:])

    init(factory: any MetricsFactory) {
        self.factory = factory
        // Created at start, so that an idle service reports 0 instead of nothing.
        for method in ["GET", "POST"] { count(method, 0) }
    }

    func began(method: HTTPMethod) { count(Self.known(method), 1) }

    private func count(_ method: String, _ amount: Double) {
        let gauge = active.withLock { active in
            for index in active.indices where active[index].method == method { return active[index].gauge }
            let made = Gauge(
                label: "http.server.active_requests", description: "Requests being answered.", unit: "{request}",
                dimensions: [(Attribute.httpRequestMethod, method), (Attribute.urlScheme, Self.scheme)],
                factory: factory)
            active.append((method, made))
            return made
        }
        gauge.add(amount)
    }

    /// - Parameters:
    ///   - route: the route, if its method is that of the request.
    ///   - template: the route's template; `nil` if there is no route.
    ///   - seconds: the time from the parsed request to the written response.
    func ended(
        _ route: RouteTelemetry?, method: HTTPMethod, template: String?, status: HTTPStatus, seconds: Double
    ) {
        count(Self.known(method), -1)
        guard let route else { return duration(method, template, status).record(seconds) }
        let known = routes.withLock { routes -> Histogram? in
            for index in routes.indices where routes[index].route === route {
                for known in routes[index].durations where known.status == status.code { return known.histogram }
            }
            return nil
        }
        if let known { return known.record(seconds) }
        let histogram = duration(method, template, status)
        routes.withLock { routes in
            let index = routes.firstIndex { $0.route === route } ?? routes.endIndex
            if index == routes.endIndex { routes.append(RouteSeries(route: route)) }
            // Another thread may have added the same one, which does no harm.
            routes[index].durations.append((status.code, histogram))
        }
        histogram.record(seconds)
    }

    private func duration(_ method: HTTPMethod, _ route: String?, _ status: HTTPStatus) -> Histogram {
        // Unknown methods share one value, because a scanner could otherwise create any number of series.
        let key = Key(method: Self.known(method), route: route ?? "", status: status.code)
        return durations.withLock { durations in
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
    }

    static func known(_ method: HTTPMethod) -> String {
        // The common ones first.
        switch method.rawValue {
        case "POST", "GET", "HEAD", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH": method.rawValue
        default: "_OTHER"
        }
    }
}
