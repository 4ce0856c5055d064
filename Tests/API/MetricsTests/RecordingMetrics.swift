import Synchronization

@testable import Metrics

/// A backend that keeps what it is told, one text an event, and hands out a handler of its own for every series.
final class RecordingMetrics: MetricsFactory {
    private let events = Mutex<[String]>([])
    private let observed = Mutex<[String: @Sendable () -> Double]>([:])

    var all: [String] { events.withLock { $0 } }

    /// What the observed series of a label says now.
    func read(_ series: String) -> Double? { observed.withLock { $0[series] }?() }

    private struct Handler: CounterHandler, GaugeHandler, HistogramHandler {
        let series: String
        let metrics: RecordingMetrics

        func increment(by amount: Int64) { metrics.note("\(series) +\(amount)") }
        func record(_ value: Double) { metrics.note("\(series) =\(value)") }
        func add(_ amount: Double) { metrics.note("\(series) ±\(amount)") }
    }

    fileprivate func note(_ event: String) { events.withLock { $0.append(event) } }

    private func make(_ kind: String, _ label: String, _ unit: String, _ dimensions: [(String, String)]) -> Handler {
        let series = label + "{" + dimensions.map { "\($0.0)=\($0.1)" }.joined(separator: ",") + "}"
        note("\(kind) \(series) \(unit)")
        return Handler(series: series, metrics: self)
    }

    func makeCounter(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any CounterHandler
    { make("counter", label, unit, dimensions) }

    func makeGauge(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any GaugeHandler
    { make("gauge", label, unit, dimensions) }

    func makeHistogram(
        label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
    ) -> any HistogramHandler { make("histogram \(buckets)", label, unit, dimensions) }

    func observe(
        label: String, description: String, unit: String, kind: ObservableKind, dimensions: [(String, String)],
        read: @escaping @Sendable () -> Double
    ) {
        let handler = make("observed \(kind)", label, unit, dimensions)
        observed.withLock { $0[handler.series] = read }
    }
}
