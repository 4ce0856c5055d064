import HTTP
import Prometheus
import Vocabulary

/// `/metrics`: Prometheus text, or OpenMetrics with exemplars if the client requests it.
struct MetricsRoutes: Sendable {
    static let path = "/metrics"

    let metrics: PrometheusMetricsFactory

    func add(to router: Router) {
        router.get(Self.path) { request, _ in
            let (contentType, body) = metrics.expose(accept: request.headers[Header.accept])
            return Response(headers: [Header.contentType: contentType], body: body)
        }
    }
}
