import Synchronization

/// The SplitMix64 generator (Steele, Lea and Flood 2014). Its state is a counter, so one atomic addition makes it
/// thread-safe without a lock; no value repeats within 2^64, and no call enters the kernel. Not for secrets.
package final class SplitMix64: Sendable {
    /// The increment of the state: 2^64 divided by the golden ratio, made odd.
    package static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    private let state: Atomic<UInt64>

    package init(seed: UInt64) { state = Atomic(seed) }

    /// Creates a generator seeded with random bits from the system.
    package convenience init() { self.init(seed: .random(in: .min ... .max)) }

    package func next() -> UInt64 { Self.mix(state.wrappingAdd(Self.increment, ordering: .relaxed).newValue) }

    /// Mixes the bits of `value`; a bijection.
    package static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
