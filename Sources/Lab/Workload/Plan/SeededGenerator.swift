import Encoding

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): one 64-bit word of state.
/// Every output is a bijection of it, so a stream can begin anywhere without computing the outputs before.
///
/// The stream of request `i` of seed `s` begins at `mix(mix(s) + i)`: a function of the two alone.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Creates the stream with the number `stream` of a seed.
    package init(seed: UInt64, stream: UInt64) {
        state = SplitMix64.mix(SplitMix64.mix(seed &+ SplitMix64.increment) &+ stream)
    }

    init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= SplitMix64.increment
        return SplitMix64.mix(state)
    }

    /// A number below `bound`, which must be above 0. Implemented here because the standard library's way of drawing
    /// may change.
    package mutating func next(below bound: UInt64) -> UInt64 {
        // Multiply and shift; the bias is below bound / 2^64.
        next().multipliedFullWidth(by: bound).high
    }

    /// A number in `range`.
    package mutating func next(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next(below: UInt64(range.count)))
    }

    /// A number that is not zero.
    package mutating func nextNonZero() -> UInt64 {
        while true {
            let value = next()
            if value != 0 { return value }
        }
    }
}
