import Contracts
import Vocabulary

extension WorkloadSpec {
    /// How many elementary operations the computation takes, roughly: additions, comparisons and the like, of which a
    /// processor carries out about one a nanosecond. Measured figures are within a factor of two.
    var operations: Int {
        let size = Int(size)
        return switch kind {
        // One compression of 64 rounds every four blocks.
        case .sha256: max(1, size / 4) * 64 * 16
        // The sieve crosses out each number two to three times.
        case .primes: size * 2
        // Most points leave the disc after a few steps.
        case .mandelbrot: size * 40
        // Comparisons and moves of a sort: n log n.
        case .sort: size * 2 * (Int.bitWidth - size.leadingZeroBitCount)
        }
    }
}
