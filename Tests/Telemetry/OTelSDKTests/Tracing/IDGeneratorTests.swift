import Synchronization
import Testing

@testable import OTelSDK
@testable import TraceContext

@Suite("The id generator")
struct IDGeneratorTests {
    @Test func zeroIsNeverReturned() {
        let calls = Mutex(0)
        let ids = IDGenerator {
            calls.withLock { calls in
                calls += 1
                return calls <= 3 ? 0 : 9
            }
        }
        #expect(ids.makeTraceID() == TraceID(high: 0, low: 9) || ids.makeTraceID().isValid)
        calls.withLock { $0 = 0 }
        #expect(ids.makeSpanID() == SpanID(value: 9))
    }

    @Test func aSeedDeterminesTheSequence() {
        func sequence(_ seed: UInt64) -> [TraceID] {
            let ids = IDGenerator.seeded(seed)
            return (0..<100).map { _ in ids.makeTraceID() }
        }
        #expect(sequence(1) == sequence(1))
        #expect(sequence(1) != sequence(2))
    }

    /// The first numbers that the published reference code of SplitMix64 returns for seed 1234567.
    @Test func theGeneratorIsSplitMix64() {
        let ids = IDGenerator.seeded(1_234_567)
        #expect(
            (0..<3).map { _ in ids.makeSpanID().value } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }

    @Test func systemGeneratorsDiffer() {
        #expect(IDGenerator.system().makeTraceID() != IDGenerator.system().makeTraceID())
        #expect(IDGenerator.system().isRandom)
    }

    @Test func idsAreUniqueAcrossThreads() async {
        let ids = IDGenerator.system()
        let all = await withTaskGroup(of: [SpanID].self) { group in
            for _ in 0..<8 { group.addTask { (0..<5000).map { _ in ids.makeSpanID() } } }
            return await group.reduce(into: Set<SpanID>()) { $0.formUnion($1) }
        }
        #expect(all.count == 40_000)
    }

    @Test func everyBitOfATraceIDIsSetAboutHalfTheTime() {
        let ids = IDGenerator.seeded(3)
        var counts = [Int](repeating: 0, count: 128)
        for _ in 0..<4000 {
            let id = ids.makeTraceID()
            for bit in 0..<64 {
                counts[bit] += Int(id.low >> UInt64(bit) & 1)
                counts[64 + bit] += Int(id.high >> UInt64(bit) & 1)
            }
        }
        // Four thousand coins: ten standard deviations.
        #expect(counts.allSatisfy { (1684...2316).contains($0) })
    }
}
