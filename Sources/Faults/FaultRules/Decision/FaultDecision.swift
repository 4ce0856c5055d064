import Encoding
import TraceContext

/// The outcome for one request under one rule: a pure function of the seed, the rule's id and the request's trace id.
/// It does not depend on time, order or concurrent work.
///
/// 1. `h` is the 64-bit FNV-1a hash of the concatenation of: the seed, eight bytes, big-endian; the rule's id in UTF-8;
///    one byte 0; the trace id's sixteen bytes (for a request without a trace, the request id in UTF-8).
/// 2. Word `n` (from 0) is SplitMix64's output for the state `h + (n + 1) * 0x9E3779B97F4A7C15`, modulo 2^64.
/// 3. A word `w` is mapped to the number `(w >> 11) / 2^53`, in the range 0 ..< 1.
/// 4. The request is hit if the number of word 0 is below the rate. Words 1 and 2 give the sampled value.
package struct FaultDecision: Sendable, Equatable {
    /// Step 1.
    package let hash: UInt64

    package init(seed: UInt64, ruleID: String, traceID: TraceID) {
        var hash = FNV1a()
        hash.add(seed)
        hash.add(ruleID.utf8)
        hash.add(CollectionOfOne(0))
        hash.add(traceID.high)
        hash.add(traceID.low)
        self.hash = hash.value
    }

    package init(seed: UInt64, ruleID: String, requestID: String) {
        var hash = FNV1a()
        hash.add(seed)
        hash.add(ruleID.utf8)
        hash.add(CollectionOfOne(0))
        hash.add(requestID.utf8)
        self.hash = hash.value
    }

    /// Step 2.
    package func word(_ index: Int) -> UInt64 {
        SplitMix64.mix(hash &+ UInt64(index + 1) &* SplitMix64.increment)
    }

    /// Step 3.
    package func number(_ index: Int) -> Double { Double(word(index) >> 11) * 0x1p-53 }

    /// Step 4.
    package func isHit(rate: Double) -> Bool { number(0) < rate }

    /// Samples a value of `distribution`.
    package func sample(_ distribution: Distribution) -> Duration { distribution.sample(number(1), number(2)) }
}

/// The 64-bit Fowler–Noll–Vo hash, variant 1a.
private struct FNV1a {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    /// Adds the bytes in big-endian order.
    mutating func add(_ word: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            value = (value ^ (word >> shift & 0xFF)) &* 0x0000_0100_0000_01B3
        }
    }
}
