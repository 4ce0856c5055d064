import Verification

/// A part's request metrics, summed up.
struct PartCounters: Sendable, Equatable {
    var requests = 0.0
    /// Answered with 500 or above, or incompletely.
    var failures = 0.0
    /// How many requests took at most the bound, in seconds; ascending.
    var buckets: [(bound: Double, count: Double)] = []

    init() {}

    /// Sums up the samples of a Prometheus text.
    init(metrics text: String) {
        var sums: [Double: Double] = [:]
        for sample in MetricsText.samples(text) {
            switch sample.name {
            case "http_server_request_duration_seconds_count":
                requests += sample.value
                if (sample.labels["http_response_status_code"].flatMap { Int($0) } ?? 0) >= 500 {
                    failures += sample.value
                }
            case "http_server_request_duration_seconds_bucket":
                guard let bound = sample.labels["le"].flatMap({ $0 == "+Inf" ? .infinity : Double($0) }) else {
                    continue
                }
                sums[bound, default: 0] += sample.value
            default: continue
            }
        }
        buckets = sums.sorted { $0.key < $1.key }.map { (bound: $0.key, count: $0.value) }
    }

    static func == (left: PartCounters, right: PartCounters) -> Bool {
        left.requests == right.requests && left.failures == right.failures
            && left.buckets.elementsEqual(right.buckets) { $0 == $1 }
    }
}

/// Figures of one part for the last seconds.
package struct PartFigures: Sendable, Equatable {
    /// Requests per second.
    package var rate: Double
    /// The fraction that failed, 0 to 1; `nil` without a request.
    package var failed: Double?
    /// `nil` without a request, or if it is above the largest bound.
    package var p95: Duration?

    /// - Parameters:
    ///   - earlier: the counters `time` ago.
    /// - Returns: `nil` if the counters were reset, or no time has passed.
    init?(_ now: PartCounters, since earlier: PartCounters, in time: Duration) {
        let requests = now.requests - earlier.requests
        guard time > .zero, requests >= 0 else { return nil }
        rate = requests / (time / .seconds(1))
        guard requests > 0 else { return }
        failed = max(0, now.failures - earlier.failures) / requests
        p95 = Self.quantile(0.95, now.buckets, earlier.buckets)
    }

    /// Like Prometheus' `histogram_quantile`: linear within a bucket.
    private static func quantile(
        _ quantile: Double, _ now: [(bound: Double, count: Double)], _ earlier: [(bound: Double, count: Double)]
    ) -> Duration? {
        let before = Dictionary(earlier.map { ($0.bound, $0.count) }) { first, _ in first }
        let counts = now.map { (bound: $0.bound, count: $0.count - (before[$0.bound] ?? 0)) }
        guard let total = counts.last?.count, total > 0 else { return nil }
        let rank = quantile * total
        var (lower, below) = (0.0, 0.0)
        for (bound, count) in counts {
            if count >= rank {
                guard bound.isFinite else { return nil }
                let share = count > below ? (rank - below) / (count - below) : 1
                return .nanoseconds(Int64(((lower + (bound - lower) * share) * 1e9).rounded()))
            }
            (lower, below) = (bound, count)
        }
        return nil
    }
}

/// The figures of the last ten seconds, from occasional readings of counters.
struct FigureWindow: Sendable {
    static let span = Duration.seconds(10)

    private var samples: [(time: Duration, counters: PartCounters)] = []

    /// - Parameter time: from a monotonic clock.
    mutating func add(_ counters: PartCounters, at time: Duration) -> PartFigures? {
        // A restarted part counts from zero.
        if let last = samples.last, counters.requests < last.counters.requests { samples = [] }
        samples.append((time, counters))
        // Keeps one sample that is at least a whole span old, the newest of those.
        while samples.count > 2, time - samples[1].time >= Self.span { samples.removeFirst() }
        guard let first = samples.first, samples.count > 1 else { return nil }
        return PartFigures(counters, since: first.counters, in: time - first.time)
    }
}
