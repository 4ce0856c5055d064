import Metrics
import Synchronization

/// A metrics backend that keeps how often the server refused or cut off something, by its reason.
final class Refusals: MetricsFactory {
    private let counts = Mutex<[String: Int64]>([:])

    /// Those that happened, such as `head_size`.
    var all: [String: Int64] { counts.withLock { $0.filter { $0.value != 0 } } }
    /// All reasons that are reported, 0 or not.
    var reasons: Set<String> { counts.withLock { Set($0.keys) } }

    private struct Handler: CounterHandler {
        let reason: String
        let refusals: Refusals
        func increment(by amount: Int64) { refusals.counts.withLock { $0[reason, default: 0] += amount } }
    }

    func makeCounter(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    ) -> any CounterHandler {
        guard label == "tailspan.http.server.refusals", let reason = dimensions.first, reason.0 == "reason" else {
            return NOOPMetricsHandler()
        }
        counts.withLock { $0[reason.1, default: 0] += 0 }
        return Handler(reason: reason.1, refusals: self)
    }

    func makeGauge(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    ) -> any GaugeHandler { NOOPMetricsHandler() }

    func makeHistogram(
        label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
    ) -> any HistogramHandler { NOOPMetricsHandler() }

    func observe(
        label: String, description: String, unit: String, kind: ObservableKind, dimensions: [(String, String)],
        read: @escaping @Sendable () -> Double
    ) {}
}
