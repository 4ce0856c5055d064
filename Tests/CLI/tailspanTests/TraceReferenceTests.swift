import Arguments
import Testing

@testable import tailspan

@Suite("A reference to a trace or a time")
struct TraceReferenceTests {
    private static let id = "4bf92f3577b34da6a3ce929d0e0e4736"

    @Test(
        "A trace id is read as people paste it",
        arguments: [
            (id, .whole(id)), ("4BF92F3577B34DA6A3CE929D0E0E4736", .whole(id)),
            ("00-\(id)-00f067aa0ba902b7-01", .whole(id)), ("4bf92f35", .prefix("4bf92f35")),
            ("4BF9", .prefix("4bf9")), (String(id.dropFirst()), .prefix(String(id.dropFirst()))), ("4bf", nil),
            ("", nil), ("00000000000000000000000000000000", nil), ("4bf92f3577b34da6a3ce929d0e0e473g", nil),
            ("4bfz", nil), (id + "0", nil), ("00-\(id)-00f067aa0ba902b7", nil), ("00-4bf9-00f067aa0ba902b7-01", nil),
        ] as [(String, TraceReference?)])
    func aTraceIDIsReadAsPeoplePasteIt(text: String, reference: TraceReference?) {
        #expect(TraceReference(argument: text) == reference)
    }

    @Test("A reference matches whole ids and prefixes")
    func aReferenceMatchesWholeIDsAndPrefixes() {
        #expect(TraceReference.whole(Self.id).matches(Self.id))
        #expect(TraceReference.prefix("4bf92f35").matches(Self.id))
        #expect(!TraceReference.prefix("4bf92f36").matches(Self.id))
        #expect(TraceReference.prefix("1f2e").matches(String(repeating: "0", count: 28) + "1f2e"))
    }

    @Test(
        "A time is read as people write it",
        arguments: [
            ("10m", .ago(.seconds(600))), ("0s", .ago(.zero)), ("2026-11-20T16:32:01Z", .at(1_795_192_321_000_000_000)),
            ("2026-11-20T17:32:01.5+01:00", .at(1_795_192_321_500_000_000)), ("16:32", nil), ("now", nil), ("10", nil),
            ("-5m", nil),
        ] as [(String, PointInTime?)])
    func aTimeIsReadAsPeopleWriteIt(text: String, time: PointInTime?) {
        #expect(PointInTime(argument: text) == time)
    }

    @Test("Extreme times stay within the countable range")
    func extremeTimesStayCountable() {
        let long = PointInTime(argument: String(repeating: "999999999s", count: 40))
        #expect(long?.moment(now: 5) == 0)
        #expect(PointInTime.ago(.seconds(1)).moment(now: 5_000_000_000) == 4_000_000_000)
    }

    private func command(_ arguments: String) -> TraceCommand? {
        let words = ["trace"] + arguments.split(separator: " ").map(String.init)
        guard case .run(let command, _) = Tailspan.program.parse(words) else { return nil }
        return command as? TraceCommand
    }

    @Test(
        "The arguments of `trace` are checked",
        arguments: [
            ("4bf9", true), ("--last", true), ("--slowest --errors --since 10m --until 5m", true),
            ("--errors --service tasks", true), ("", false), ("4bf9 --last", false), ("--last --slowest", false),
            ("4bf9 --since 5m", false), ("--service tasks", false), ("--last --since 5m --until 10m", false),
            ("xyz", false), ("4bf", false),
        ])
    func theArgumentsOfTraceAreChecked(arguments: String, areTaken: Bool) {
        #expect((command(arguments) != nil) == areTaken)
    }

    @Test("The time range follows the options")
    func theTimeRangeFollowsTheOptions() throws {
        let now: UInt64 = 1_795_192_321_000_000_000
        let minute: UInt64 = 60_000_000_000
        func period(_ text: String) throws -> (Range<UInt64>, String) {
            let period = try #require(command("--last " + text)).period
            return (period.range(now: now, usual: .seconds(3600)), period.description(usual: .seconds(3600)))
        }
        #expect(try period("") == (now - 60 * minute..<now, "in the last 1h"))
        #expect(try period("--since 10m") == (now - 10 * minute..<now, "in the last 10m"))
        #expect(
            try period("--since 10m --until 5m") == (now - 10 * minute..<now - 5 * minute, "from 10m ago until 5m ago"))
        #expect(try period("--until 5m") == (now - 65 * minute..<now - 5 * minute, "in the 1h until 5m ago"))
        #expect(try period("--since 2020-11-20T16:00:00Z").0.upperBound == now)
    }
}
