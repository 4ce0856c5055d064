import Testing

@testable import Workload

@Suite("The mix of requests")
struct MixTests {
    @Test(
        "A mix is read and written",
        arguments: [
            (
                "sync=70,async=20,unknown-guild=5,poor=3,bad-body=2",
                "sync=70,async=20,unknown-guild=5,poor=3,bad-body=2"
            ),
            ("sync", "sync=1"), (" sync = 3 , async ", "sync=3,async=1"), ("sync=1,poor=0", "sync=1"),
        ])
    func aMixIsReadAndWritten(text: String, written: String) throws {
        #expect(try Mix<RequestKind>(text).description == written)
    }

    @Test(
        "A malformed mix is reported",
        arguments: [
            ("", "'': expected NAME=SHARE,… with names of sync, async, unknown-guild, poor, bad-body"),
            ("sync=1,", "'sync=1,': expected NAME=SHARE,… with names of sync, async, unknown-guild, poor, bad-body"),
            ("snyc=1", "'snyc' is not known, expected names of sync, async, unknown-guild, poor, bad-body"),
            ("sync=1,sync=2", "'sync' is given twice"),
            ("sync=x", "sync=x: expected a whole number from 0 to 1000000"),
            ("sync=-1", "sync=-1: expected a whole number from 0 to 1000000"),
            ("sync=0.5", "sync=0.5: expected a whole number from 0 to 1000000"),
            ("sync=0", "expected at least one share above 0"),
        ])
    func aMalformedMixIsReported(text: String, message: String) {
        let error = #expect(throws: MixError.self) { try Mix<RequestKind>(text) }
        #expect(error?.description == message)
    }

    @Test("An unknown name is reported with the known ones")
    func anUnknownNameListsTheKnownOnes() {
        let error = #expect(throws: MixError.self) { try Mix<ComputationKind>("sha265") }
        #expect(error?.unknown == "sha265")
        #expect(error?.known == ["sha256", "primes", "mandelbrot", "sort"])
    }

    @Test("Draws follow the shares")
    func drawsFollowTheShares() throws {
        let mix = try Mix<RequestKind>("sync=70,async=20,poor=10")
        var generator = SeededGenerator(seed: 1, stream: 1)
        var counts: [RequestKind: Int] = [:]
        for _ in 0..<10_000 { counts[mix.pick(&generator), default: 0] += 1 }
        #expect(Set(counts.keys) == [.sync, .async, .poor])
        #expect((6800...7200).contains(counts[.sync] ?? 0))
        #expect((850...1150).contains(counts[.poor] ?? 0))
    }
}
