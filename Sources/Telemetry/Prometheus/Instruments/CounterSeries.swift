import Metrics
import Synchronization

/// One series of a counter.
final class CounterSeries: CounterHandler {
    private let value = Atomic<Int64>(0)
    private let exemplar = Mutex<RecordedExemplar?>(nil)
    private let source: ExemplarSource

    init(source: ExemplarSource) { self.source = source }

    /// Adds `amount`. A negative amount is ignored, because a counter is monotonic.
    func increment(by amount: Int64) {
        guard amount >= 0 else { return }
        value.wrappingAdd(amount, ordering: .relaxed)
        exemplar.withLock { exemplar in
            if let recorded = source.record(Double(amount), last: exemplar?.timestamp) { exemplar = recorded }
        }
    }

    func read() -> (value: Int64, exemplar: RecordedExemplar?) {
        (value.load(ordering: .relaxed), exemplar.withLock { $0 })
    }
}
