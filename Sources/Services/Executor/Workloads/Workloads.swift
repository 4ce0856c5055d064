import Contracts
import Encoding
import Vocabulary

/// The computations. Each is a pure function of its size: the same request gives the same result on any machine.
enum Workloads {
    /// The result of a computation, and the number of bytes it worked on.
    struct Outcome: Sendable, Equatable {
        var result: String
        var memoryBytes: Int64
    }

    static func run(_ workload: WorkloadSpec) -> Outcome {
        let size = Int(workload.size)
        return switch workload.kind {
        case .sha256: sha256(blocks: size)
        case .primes: primes(below: size)
        case .mandelbrot: mandelbrot(points: size)
        case .sort: sort(count: size)
        }
    }

    /// Computes a chain of digests: each step hashes the previous digest and the step's number.
    static func sha256(blocks: Int) -> Outcome {
        var digest = [UInt8](repeating: 0, count: 32)
        // A step costs two compression rounds, so a quarter of the steps keeps the kinds comparable in time.
        let steps = max(1, blocks / 4)
        for step in 0..<steps {
            var message = digest
            withUnsafeBytes(of: UInt64(step).bigEndian) { message.append(contentsOf: $0) }
            digest = SHA256.hash(message)
        }
        return Outcome(result: Hex.string(digest), memoryBytes: 32 + 40 + 64 + 256)
    }

    /// Counts the primes below `limit` (sieve of Eratosthenes).
    static func primes(below limit: Int) -> Outcome {
        guard limit > 2 else { return Outcome(result: "0", memoryBytes: 0) }
        var composite = [Bool](repeating: false, count: limit)
        var count = 0
        for number in 2..<limit where !composite[number] {
            count += 1
            var multiple = number * number
            while multiple < limit {
                composite[multiple] = true
                multiple += number
            }
        }
        return Outcome(result: String(count), memoryBytes: Int64(limit))
    }

    /// Counts the points of a square grid of about `points` points over [-2, 1] × [-1.5, 1.5] that stay bounded for 50
    /// steps.
    static func mandelbrot(points: Int) -> Outcome {
        let side = max(1, Int(Double(points).squareRoot()))
        var inside = 0
        for row in 0..<side {
            let imaginary = -1.5 + 3 * Double(row) / Double(side)
            for column in 0..<side {
                let real = -2 + 3 * Double(column) / Double(side)
                var (x, y, step) = (0.0, 0.0, 0)
                while x * x + y * y <= 4, step < 50 {
                    (x, y) = (x * x - y * y + real, 2 * x * y + imaginary)
                    step += 1
                }
                if step == 50 { inside += 1 }
            }
        }
        return Outcome(result: "\(inside)/\(side * side)", memoryBytes: 64)
    }

    /// Sorts `count` pseudo-random numbers (xorshift64, seeded with the count) and returns their median.
    static func sort(count: Int) -> Outcome {
        var state = UInt64(count) &* 0x9E37_79B9_7F4A_7C15 | 1
        var numbers = [UInt64]()
        numbers.reserveCapacity(count)
        for _ in 0..<count {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            numbers.append(state)
        }
        numbers.sort()
        return Outcome(result: Hex.string(numbers[count / 2]), memoryBytes: Int64(count * 8))
    }
}
