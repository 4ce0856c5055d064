import Encoding

/// A generator that gives the same numbers for the same seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private let source: SplitMix64

    init(seed: UInt64) { source = SplitMix64(seed: seed) }

    func next() -> UInt64 { source.next() }
}
