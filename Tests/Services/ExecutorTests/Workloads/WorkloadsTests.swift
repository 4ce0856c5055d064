import Contracts
import Encoding
import Testing
import Vocabulary

@testable import Executor

@Suite("The workloads of the executor")
struct WorkloadsTests {
    /// FIPS 180-4 examples, and lengths around the padding boundaries.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 1_000), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
    ])
    func sha256MatchesThePublishedVectors(_ message: String, _ digest: String) {
        #expect(Hex.string(SHA256.hash(Array(message.utf8))) == digest)
    }

    @Test(arguments: [(1, "0"), (2, "0"), (3, "1"), (10, "4"), (100, "25"), (1_000_000, "78498")])
    func theSieveCountsPrimes(_ limit: Int, _ count: String) {
        #expect(Workloads.primes(below: limit).result == count)
    }

    @Test func mandelbrotStaysNearTheKnownArea() throws {
        let parts = Workloads.mandelbrot(points: 250_000).result.split(separator: "/").compactMap { Double($0) }
        // The set's area is 1.5066, the window's is 9; after 50 steps some points that leave later still count.
        let area = parts[0] / parts[1] * 9
        #expect((1.5066...1.65).contains(area))
    }

    @Test(arguments: [1, 2, 1_000])
    func sortFindsTheMedian(_ count: Int) {
        #expect(Workloads.sort(count: count).memoryBytes == Int64(count * 8))
        #expect(Workloads.sort(count: count) == Workloads.sort(count: count))
    }

    @Test(arguments: WorkloadSpec.Kind.allCases)
    func theSameRequestGivesTheSameResult(_ kind: WorkloadSpec.Kind) {
        for size in [Int64(1), 7, 1000] {
            let spec = WorkloadSpec(kind: kind, size: size)
            #expect(Workloads.run(spec) == Workloads.run(spec))
            #expect(!Workloads.run(spec).result.isEmpty)
        }
    }
}
