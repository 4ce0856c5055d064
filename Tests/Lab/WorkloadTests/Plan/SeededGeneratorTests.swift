import Testing

@testable import Workload

@Suite("The seeded generator")
struct SeededGeneratorTests {
    @Test("The generator reproduces the published outputs of SplitMix64")
    func theGeneratorReproducesSplitMix64() {
        // The reference outputs of SplitMix64 seeded with 1234567, as Rosetta Code lists them.
        var generator = SeededGenerator(state: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(expected.indices.map { _ in generator.next() } == expected)
    }

    @Test("A stream depends on its seed and its number alone")
    func aStreamDependsOnSeedAndNumberAlone() {
        func first(_ seed: UInt64, _ stream: UInt64) -> UInt64 {
            var generator = SeededGenerator(seed: seed, stream: stream)
            return generator.next()
        }
        #expect(first(1, 2) == first(1, 2))
        #expect(first(1, 2) != first(2, 1))
        #expect(Set((0..<1000).map { first(7, $0) } + (0..<1000).map { first(8, $0) }).count == 2000)
    }

    @Test("Draws cover a range evenly, both ends included")
    func drawsCoverARangeEvenly() {
        var generator = SeededGenerator(seed: 3, stream: 0)
        var counts: [Int: Int] = [:]
        for _ in 0..<6000 { counts[generator.next(in: 5...10), default: 0] += 1 }
        #expect(Set(counts.keys) == Set(5...10))
        #expect(counts.values.allSatisfy { (850...1150).contains($0) })
    }
}
