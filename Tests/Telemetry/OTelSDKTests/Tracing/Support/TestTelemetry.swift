import Logging
import Metrics
import Synchronization

/// Counts and observations, by `label{name=value,…}` without the component's name and type.
final class TestMetrics: MetricsFactory {
    private final class Cell: CounterHandler, GaugeHandler, HistogramHandler {
        let value = Mutex(0.0)
        func increment(by amount: Int64) { value.withLock { $0 += Double(amount) } }
        func record(_ value: Double) { self.value.withLock { $0 = value } }
        func add(_ amount: Double) { value.withLock { $0 += amount } }
    }
    private let cells = Mutex<[String: Cell]>([:])
    private let observers = Mutex<[String: @Sendable () -> Double]>([:])

    /// The value of a metric; 0 if it was never touched.
    func value(_ key: String) -> Double {
        if let observer = observers.withLock({ $0[key] }) { return observer() }
        return cells.withLock { $0[key] }?.value.withLock { $0 } ?? 0
    }

    var keys: Set<String> { Set(cells.withLock { $0.keys }).union(observers.withLock { $0.keys }) }

    private static func key(_ label: String, _ dimensions: [(String, String)]) -> String {
        let own = dimensions.filter { !$0.0.hasPrefix("otel.component.") }
        return own.isEmpty ? label : label + "{" + own.map { $0.0 + "=" + $0.1 }.joined(separator: ",") + "}"
    }

    private func cell(_ label: String, _ dimensions: [(String, String)]) -> Cell {
        let key = Self.key(label, dimensions)
        return cells.withLock { cells in
            let cell = cells[key] ?? Cell()
            cells[key] = cell
            return cell
        }
    }

    func makeCounter(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any CounterHandler
    { cell(label, dimensions) }

    func makeGauge(
        label: String, description: String, unit: String, dimensions: [(String, String)]
    )
        -> any GaugeHandler
    { cell(label, dimensions) }

    func makeHistogram(
        label: String, description: String, unit: String, buckets: [Double], dimensions: [(String, String)]
    ) -> any HistogramHandler { cell(label, dimensions) }

    func observe(
        label: String, description: String, unit: String, kind: ObservableKind, dimensions: [(String, String)],
        read: @escaping @Sendable () -> Double
    ) { observers.withLock { $0[Self.key(label, dimensions)] = read } }
}

/// Keeps log lines.
final class TestLog: Sendable {
    private let lines = Mutex<[LogEvent]>([])

    var events: [LogEvent] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "test", handler: Handler(log: self)) }

    private struct Handler: LogHandler {
        let log: TestLog
        var logLevel: Logger.Level = .trace
        var metadata: Logger.Metadata = [:]
        init(log: TestLog) { self.log = log }
        func log(event: LogEvent) { log.lines.withLock { $0.append(event) } }
    }
}
