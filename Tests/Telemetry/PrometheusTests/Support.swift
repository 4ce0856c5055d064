import Encoding

@testable import Prometheus

extension PrometheusMetricsFactory {
    /// A registry whose clock stands at 1,700,000,000.042 s.
    static func testing(
        seriesLimit: Int = 2000, exemplar: @escaping @Sendable () -> Exemplar? = { nil }
    )
        -> PrometheusMetricsFactory
    {
        PrometheusMetricsFactory(
            exemplar: exemplar, clock: WallClock { 1_700_000_000_042_999_999 }, seriesLimit: seriesLimit)
    }

    var text: String { String(decoding: expose(accept: nil).body, as: UTF8.self) }
    var openMetrics: String {
        String(decoding: expose(accept: "application/openmetrics-text").body, as: UTF8.self)
    }

    /// The sample lines of the text format.
    var samples: [String] { text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init) }
}
