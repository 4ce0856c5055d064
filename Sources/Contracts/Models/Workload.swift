import Encoding

/// What the executor is to compute.
package struct WorkloadSpec: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Hashes `size` blocks of 64 bytes, each with the digest before it.
        case sha256
        /// Counts the primes below `size`.
        case primes
        /// Counts the points of a `√size × √size` grid that lie in the Mandelbrot set.
        case mandelbrot
        /// Sorts `size` pseudo-random integers.
        case sort
    }

    /// The bounds of `size`: at the upper one the slowest kind takes about a second.
    package static let sizes: ClosedRange<Int64> = 1...5_000_000

    package var kind: Kind
    package var size: Int64

    package init(kind: Kind, size: Int64) {
        self.kind = kind
        self.size = size
    }

    package init?(from reader: inout FieldReader) {
        let kind = reader.choice("kind", Kind.self)
        let size = reader.integer("size", in: Self.sizes)
        guard let kind else { return nil }
        self.init(kind: kind, size: size)
    }

    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("kind", kind.rawValue)
            $0.member("size", size)
        }
    }
}
