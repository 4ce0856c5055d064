import Encoding
import Testing

@Suite("RFC 3339 timestamps")
struct RFC3339Tests {
    static let written: [(UInt64, String)] = [
        (0, "1970-01-01T00:00:00.000000Z"), (999, "1970-01-01T00:00:00.000000Z"),
        (1000, "1970-01-01T00:00:00.000001Z"),
        (999_999_999, "1970-01-01T00:00:00.999999Z"), (1_000_000_000, "1970-01-01T00:00:01.000000Z"),
        (951_782_399_000_000_000, "2000-02-28T23:59:59.000000Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
        (951_868_800_000_000_000, "2000-03-01T00:00:00.000000Z"),
        (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000Z"),
        (1_795_192_321_123_456_789, "2026-11-20T16:32:01.123456Z"), (.max, "2554-07-21T23:34:33.709551Z"),
    ]

    @Test("A time is written in microseconds", arguments: written)
    func timestampsAreWrittenInMicroseconds(nanoseconds: UInt64, text: String) {
        #expect(RFC3339.string(nanosecondsSinceEpoch: nanoseconds) == text)
        #expect(RFC3339.parse(text.utf8) == nanoseconds / 1000 * 1000)
    }

    static let read: [(String, UInt64)] = [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000000001Z", 1),
        ("1970-01-01t00:00:01z", 1_000_000_000), ("1970-01-01 00:00:01Z", 1_000_000_000),
        ("1970-01-01T01:00:00+01:00", 0), ("1969-12-31T23:00:00-01:00", 0), ("1970-01-01T05:30:00+05:30", 0),
        ("2026-11-20T17:32:01.5+01:00", 1_795_192_321_500_000_000),
        ("2026-11-20T16:32:01.1234567899999Z", 1_795_192_321_123_456_789),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000), ("2026-11-20T16:32:01-00:00", 1_795_192_321_000_000_000),
        ("2554-07-21T23:34:33Z", 18_446_744_073_000_000_000),
    ]

    @Test("Every valid form of a timestamp is read", arguments: read)
    func everyValidTimestampIsRead(text: String, nanoseconds: UInt64) {
        #expect(RFC3339.parse(text.utf8) == nanoseconds)
    }

    static let refused = [
        "", "2026", "2026-11-20", "2026-11-20T16:32:01", "2026-11-20T16:32Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.5", "2026-01-01T00:00:00ZZ", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+01",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+01:0", "2026/01/01T00:00:00Z",
        "2026-01-01X00:00:00Z", "+026-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01",
        "2026-01-01T00:00:00.5X", "２026-01-01T00:00:00Z",
        // Beyond what nanoseconds in 64 bits can say.
        "2554-07-21T23:34:34Z", "9999-12-31T23:59:59Z",
    ]

    @Test("Malformed timestamps are refused", arguments: refused)
    func malformedTimestampsAreRefused(text: String) {
        #expect(RFC3339.parse(text.utf8) == nil)
    }

    @Test("Seconds before the epoch have their civil date")
    func secondsBeforeTheEpochHaveTheirCivilDate() {
        let parts = RFC3339.components(secondsSinceEpoch: -1)
        #expect(parts == RFC3339.components(secondsSinceEpoch: -1))
        #expect(
            [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second] == [1969, 12, 31, 23, 59, 59])
    }

    @Test("Every day of five centuries reads back")
    func everyDayOfFiveCenturiesReadsBack() {
        for day in stride(from: UInt64(0), to: 213_000, by: 1) {
            let time = day * 86_400_000_000_000
            #expect(RFC3339.parse(RFC3339.string(nanosecondsSinceEpoch: time).utf8) == time)
        }
    }
}

@Suite("HTTP dates (RFC 9110)")
struct HTTPDateTests {
    @Test("An IMF-fixdate is read")
    func anIMFFixdateIsRead() {
        #expect(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777_000_000_000)
        #expect(HTTPDate.parse("Thu, 01 Jan 1970 00:00:00 GMT") == 0)
        #expect(HTTPDate.parse("Thu, 29 Feb 2024 23:59:59 GMT") == 1_709_251_199_000_000_000)
    }

    @Test(
        "Every other date format is refused",
        arguments: [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37", "120",
            "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun 06 Nov 1994 08:49:37 GMT",
            "Sun,  06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:3Z GMT",
        ])
    func otherDateFormatsAreRefused(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }
}
