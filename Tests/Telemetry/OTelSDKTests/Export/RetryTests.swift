import Testing

@testable import OTelSDK

@Suite("Export retries")
struct RetryTests {
    @Test("Delays grow exponentially up to the maximum and vary by a fifth")
    func delaysGrowExponentiallyUpToTheMaximum() {
        let policy = RetryPolicy()
        let middle = (1...8).map { policy.delay(beforeRetry: $0, random: 0.5) }
        #expect(middle == [0.5, 1, 2, 4, 5, 5, 5, 5].map { .seconds($0) })
        #expect(policy.delay(beforeRetry: 1, random: 0) == .milliseconds(400))
        #expect(policy.delay(beforeRetry: 2, random: 0) == .milliseconds(800))
        #expect(policy.delay(beforeRetry: 1, random: 0.999) < .milliseconds(600))
        #expect(policy.delay(beforeRetry: 1, random: 0.999) > .milliseconds(599))
        #expect(policy.delay(beforeRetry: 1_000_000_000, random: 0.5) == .seconds(5))
    }

    @Test("Delays between exports grow from about two to about ten seconds and vary by half")
    func delaysBetweenExportsGrowToTenSeconds() {
        let policy = RetryPolicy.betweenExports
        #expect(
            (1...6).map { policy.delay(beforeRetry: $0, random: 0.5) }
                == [2, 3, 4.5, 6.75, 10, 10].map { .seconds($0) })
        #expect(policy.delay(beforeRetry: 1, random: 0) == .seconds(1))
        #expect(policy.delay(beforeRetry: 6, random: 0.999) > .milliseconds(14_980))
    }

    @Test("Only the statuses that the specification names are retried")
    func onlyTheSpecifiedStatusesAreRetried() {
        #expect((100..<600).filter { RetryPolicy.isRetryable(status: $0) } == [429, 502, 503, 504])
    }

    static let values: [(String, Duration?)] = [
        ("0", .zero), ("120", .seconds(120)), ("99999999999999999999", .seconds(Int32.max)),
        ("Sun, 06 Nov 1994 08:49:40 GMT", .seconds(3)), ("Sun, 06 Nov 1994 08:49:37 GMT", .zero),
        ("Sun, 06 Nov 1994 08:49:36 GMT", .zero), ("", nil), ("-1", nil), ("1.5", nil), ("soon", nil), ("1 ", nil),
    ]

    @Test("Retry-After is read as seconds or as a date", arguments: values)
    func retryAfterIsParsed(value: String, expected: Duration?) {
        #expect(RetryAfter.parse(value, now: 784_111_777_000_000_000) == expected)
    }
}
