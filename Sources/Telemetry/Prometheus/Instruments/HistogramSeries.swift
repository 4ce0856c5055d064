import Metrics
import Synchronization

/// One series of a histogram. A short lock keeps buckets and sum consistent with each other.
final class HistogramSeries: HistogramHandler {
    struct State: Sendable {
        /// The number of values per bucket, not cumulative; one more element than there are bounds.
        var counts: [UInt64]
        var sum = 0.0
        /// The latest exemplar of each bucket; empty until the first one.
        var exemplars: [RecordedExemplar?] = []
    }

    /// Ascending, inclusive upper bounds, without infinity.
    let bounds: [Double]
    private let source: ExemplarSource
    private let state: Mutex<State>

    init(bounds: [Double], source: ExemplarSource) {
        self.bounds = bounds
        self.source = source
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    /// Records a value. NaN is ignored: it belongs to no bucket and would make the sum NaN forever.
    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = bucket(of: value)
        state.withLock { state in
            state.counts[bucket] &+= 1
            state.sum += value
            let last = state.exemplars.isEmpty ? nil : state.exemplars[bucket]?.timestamp
            guard let recorded = source.record(value, last: last) else { return }
            if state.exemplars.isEmpty { state.exemplars = Array(repeating: nil, count: state.counts.count) }
            state.exemplars[bucket] = recorded
        }
    }

    private func bucket(of value: Double) -> Int {
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if value <= bounds[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    func read() -> State { state.withLock { $0 } }

    /// `buckets` sorted in ascending order, finite and without duplicates.
    static func bounds(_ buckets: [Double]) -> [Double] {
        var result: [Double] = []
        for bound in buckets.filter(\.isFinite).sorted() where bound != result.last { result.append(bound) }
        return result
    }
}
