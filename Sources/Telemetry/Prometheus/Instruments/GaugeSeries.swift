import Metrics
import Synchronization

/// One series of a gauge.
final class GaugeSeries: GaugeHandler {
    /// The bits of a `Double`.
    private let bits = Atomic<UInt64>(0)

    func record(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = original
        }
    }

    func read() -> Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}
