/// All series of one metric. Guarded by the registry's lock.
struct MetricFamily {
    /// A series and what feeds it.
    enum Series {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)
        case observed(@Sendable () -> Double)
    }

    let name: MetricName
    let kind: MetricKind
    let help: String
    /// The bounds of a histogram's buckets: those of its first series count for all, else they could not be summed.
    let bounds: [Double]
    private(set) var series: [SeriesLabels: Series] = [:]
    /// Finds a series by its dimensions as they were given, so that labels are built once only.
    private var byDimensions: [Dimensions: Series] = [:]

    init(name: MetricName, kind: MetricKind, help: String, bounds: [Double] = []) {
        self.name = name
        self.kind = kind
        self.help = help
        self.bounds = bounds
    }

    /// The series of `dimensions`, made by `make` if there is none; the overflow series once `limit` of them are there.
    mutating func series(_ dimensions: [(String, String)], limit: Int, make: () -> Series) -> Series {
        let key = Dimensions(dimensions)
        if let series = byDimensions[key] { return series }
        var labels = SeriesLabels(dimensions)
        if isFull(for: labels, limit) { labels = .overflow }
        let result: Series
        if let existing = series[labels], !existing.isObserved {
            result = existing
        } else {
            result = make()
            series[labels] = result
        }
        // Dimensions in another order would make further keys for the same series: bounded, too.
        if labels != .overflow, byDimensions.count < 2 * limit { byDimensions[key] = result }
        return result
    }

    /// Has `read` give the value of a series from now on. Beyond the limit there is nothing that could be added up: it
    /// is left out.
    mutating func observe(_ dimensions: [(String, String)], limit: Int, read: @escaping @Sendable () -> Double) {
        let labels = SeriesLabels(dimensions)
        guard !isFull(for: labels, limit) else { return }
        series[labels] = .observed(read)
        byDimensions[Dimensions(dimensions)] = nil
    }

    private func isFull(for labels: SeriesLabels, _ limit: Int) -> Bool {
        let count = series.count - (series[.overflow] == nil ? 0 : 1)
        return count >= limit && series[labels] == nil
    }
}

extension MetricFamily.Series {
    fileprivate var isObserved: Bool { if case .observed = self { true } else { false } }
}

/// Attribute names and values, in the order given.
private struct Dimensions: Hashable {
    let elements: [String]

    init(_ dimensions: [(String, String)]) {
        var elements: [String] = []
        elements.reserveCapacity(2 * dimensions.count)
        for (key, value) in dimensions {
            elements.append(key)
            elements.append(value)
        }
        self.elements = elements
    }
}
