import Encoding
import Testing

@Suite("Durations in whole and fractional units")
struct DurationUnitsTests {
    @Test("Whole units are truncated towards zero", arguments: [(1, 1), (-1, -1)])
    func wholeUnitsAreTruncatedTowardsZero(sign: Int, expected: Int64) {
        let duration = Duration.nanoseconds(1_999_999_999) * sign
        #expect(duration.wholeNanoseconds == 1_999_999_999 * expected)
        #expect(duration.wholeMicroseconds == 1_999_999 * expected)
        #expect(duration.wholeMilliseconds == 1999 * expected)
    }

    @Test("Fractional units are the double nearest to the whole microseconds")
    func fractionalUnitsAreTheNearestDouble() {
        for microseconds in [0, 1, 3, 250, 84_230, 200_000, 1_234_567, 86_400_000_000] as [Int64] {
            let duration = Duration.microseconds(microseconds)
            #expect(duration.seconds == Double(microseconds) / 1e6)
            #expect(duration.milliseconds == Double(microseconds) / 1e3)
        }
        #expect(Duration.nanoseconds(1_500).milliseconds == 0.002)
    }

    @Test("Rounding up counts a partial unit as a whole one")
    func roundingUpCountsAPartialUnitAsAWholeOne() {
        #expect(Duration.zero.roundedUp(toNanoseconds: 1000) == 0)
        #expect(Duration.nanoseconds(1).roundedUp(toNanoseconds: 1_000_000) == 1)
        #expect(Duration.milliseconds(7).roundedUp(toNanoseconds: 1_000_000) == 7)
        #expect(Duration.milliseconds(1001).roundedUp(toNanoseconds: 1_000_000_000) == 2)
        #expect(Duration.nanoseconds(-1).roundedUp(toNanoseconds: 1_000_000) == 0)
    }

    @Test("A duration too long for 64 bits of nanoseconds saturates")
    func aDurationTooLongForSixtyFourBitsSaturates() {
        #expect(Duration.seconds(1 << 62).wholeNanoseconds == .max / 2)
        #expect(Duration.seconds(-(1 << 62)).wholeNanoseconds == .min / 2)
    }
}
