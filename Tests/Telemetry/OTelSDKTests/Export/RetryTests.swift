import Testing

@testable import OTelSDK

@Suite("Retries")
struct RetryTests {
    @Test("waits grow exponentially up to the longest, and stray by a fifth")
    func backoff() {
        let policy = RetryPolicy()
        let middle = (1...8).map { policy.delay(beforeRetry: $0, random: 0.5) }
        #expect(middle == [0.5, 1, 2, 4, 5, 5, 5, 5].map { .seconds($0) })
        #expect(policy.delay(beforeRetry: 1, random: 0) == .milliseconds(400))
        #expect(policy.delay(beforeRetry: 2, random: 0) == .milliseconds(800))
        #expect(policy.delay(beforeRetry: 1, random: 0.999) < .milliseconds(600))
        #expect(policy.delay(beforeRetry: 1, random: 0.999) > .milliseconds(599))
        #expect(policy.delay(beforeRetry: 1_000_000_000, random: 0.5) == .seconds(5))
    }

    @Test("between exports the waits grow from about two seconds to about ten, and stray by half")
    func betweenExports() {
        let policy = RetryPolicy.betweenExports
        #expect(
            (1...6).map { policy.delay(beforeRetry: $0, random: 0.5) }
                == [2, 3, 4.5, 6.75, 10, 10].map { .seconds($0) })
        #expect(policy.delay(beforeRetry: 1, random: 0) == .seconds(1))
        #expect(policy.delay(beforeRetry: 6, random: 0.999) > .milliseconds(14_980))
    }

    @Test("the statuses that the specification lets be retried, and no others")
    func statuses() {
        #expect((100..<600).filter { RetryPolicy.isRetryable(status: $0) } == [429, 502, 503, 504])
    }

    static let values: [(String, Duration?)] = [
        ("0", .zero), ("120", .seconds(120)), ("99999999999999999999", .seconds(Int32.max)),
        ("Sun, 06 Nov 1994 08:49:40 GMT", .seconds(3)), ("Sun, 06 Nov 1994 08:49:37 GMT", .zero),
        ("Sun, 06 Nov 1994 08:49:36 GMT", .zero), ("", nil), ("-1", nil), ("1.5", nil), ("soon", nil), ("1 ", nil),
    ]

    @Test("Retry-After", arguments: values)
    func retryAfter(value: String, expected: Duration?) {
        #expect(RetryAfter.parse(value, now: 784_111_777_000_000_000) == expected)
    }
}
