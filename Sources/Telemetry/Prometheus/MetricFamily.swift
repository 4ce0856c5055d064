/// All series of one metric. Guarded by the registry's lock.
struct MetricFamily {
    /// A series and its data source.
    enum Series {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)
        case observed(@Sendable () -> Double)
    }

    let name: MetricName
    let kind: MetricKind
    let help: String
    /// The bounds of a histogram's buckets. All series use those of the first one, because otherwise they could not be
    /// summed.
    let bounds: [Double]
    private(set) var series: [SeriesLabels: Series] = [:]
    /// Finds a series by its dimensions as given, so that labels are built only once.
    private var byDimensions: [Dimensions: Series] = [:]

    init(name: MetricName, kind: MetricKind, help: String, bounds: [Double] = []) {
        self.name = name
        self.kind = kind
        self.help = help
        self.bounds = bounds
    }

    /// Returns the series of `dimensions`, created by `make` if necessary; the overflow series once `limit` series
    /// exist.
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
        // Bounded too: the same dimensions in another order would create more keys for the same series.
        if labels != .overflow, byDimensions.count < 2 * limit { byDimensions[key] = result }
        return result
    }

    /// Reads the value of a series with `read` from now on. Beyond the limit the series is left out, because its values
    /// cannot be added up.
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
