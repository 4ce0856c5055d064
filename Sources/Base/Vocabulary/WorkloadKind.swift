/// The workloads that the executor can compute.
package enum WorkloadKind: String, Sendable, CaseIterable {
    /// Hashes `size` blocks of 64 bytes, each together with the previous digest.
    case sha256
    /// Counts the primes below `size`.
    case primes
    /// Counts the points of a `√size × √size` grid that lie in the Mandelbrot set.
    case mandelbrot
    /// Sorts `size` pseudo-random integers.
    case sort
}
