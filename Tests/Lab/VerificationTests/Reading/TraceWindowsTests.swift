import Testing

@testable import Verification

@Suite("The time ranges of a trace's lines")
struct TraceWindowsTests {
    private let minute: UInt64 = 60_000_000_000
    private var day: UInt64 { 24 * 60 * minute }
    private let now: UInt64 = 1_795_192_321_000_000_000

    private func windows(_ spans: [(UInt64, UInt64)]) -> [Range<UInt64>] {
        let spans = spans.map {
            SpanRecord(traceID: "1", spanID: "\($0)", service: "s", name: "n", kind: .server, startNS: $0, endNS: $1)
        }
        return TraceWindows(TraceData(traceID: "1", spans: spans), now: now).ranges
    }

    @Test("The range surrounds the spans")
    func theRangeSurroundsTheSpans() {
        let at = now - 60 * minute
        #expect(windows([(at, at + minute), (at + 1, at + 2 * minute)]) == [at - 5 * minute..<at + 7 * minute])
        #expect(TraceWindows(nil, now: now).ranges == [now - 60 * minute..<now + minute])
    }

    @Test("A year between two spans is left out")
    func aLongGapBetweenSpansIsLeftOut() {
        let early = now - 365 * day
        #expect(
            windows([(early, early + 1), (now, now + 1)]) == [
                early - 5 * minute..<early + 1 + 5 * minute, now - 5 * minute..<now + 1 + 5 * minute,
            ])
        let long = windows([(early, now)])
        #expect(long.count == 2)
        #expect(long.allSatisfy { $0.upperBound - $0.lowerBound < 2 * day })
    }

    @Test(
        "Extreme timestamps stay within the limits of the store",
        arguments: [
            (0, 0), (0, .max), (.max, .max), (.max, 0), (1, 2), (0, 1_795_192_321_000_000_000),
            (1_795_192_321_000_000_000, 0),
        ] as [(UInt64, UInt64)])
    func extremeTimestampsStayWithinTheStoresLimits(start: UInt64, end: UInt64) {
        for range in windows([(start, end), (now, now)]) {
            #expect(range.upperBound <= now + day)
            #expect(range.upperBound - range.lowerBound <= 8 * day)
        }
    }

    @Test("The number of ranges is bounded, however many timestamps a trace has")
    func theNumberOfRangesIsBounded() {
        #expect(windows((0..<1000).map { (now - UInt64($0) * 3 * day, now - UInt64($0) * 3 * day) }).count == 32)
        // Without a gap for a month.
        let ranges = windows((0..<30 * 24 * 10).map { (now - UInt64($0) * 6 * minute, now - UInt64($0) * 6 * minute) })
        #expect(ranges.allSatisfy { $0.upperBound - $0.lowerBound <= 8 * day })
        #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    }
}
