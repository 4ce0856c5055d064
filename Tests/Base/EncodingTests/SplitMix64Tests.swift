import Encoding
import Testing

@Suite("The SplitMix64 generator")
struct SplitMix64Tests {
    @Test("The numbers match those of the reference implementation")
    func numbersMatchTheReferenceImplementation() {
        let generator = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ]
        #expect(expected.indices.map { _ in generator.next() } == expected)
    }

    @Test("No number repeats, whichever threads ask for it")
    func noNumberRepeatsAcrossThreads() async {
        let generator = SplitMix64(seed: 3)
        let numbers = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 { group.addTask { (0..<2000).map { _ in generator.next() } } }
            return await group.reduce(into: Set<UInt64>()) { $0.formUnion($1) }
        }
        #expect(numbers.count == 16_000)
    }
}
