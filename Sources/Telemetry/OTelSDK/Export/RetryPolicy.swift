/// When a failed export is retried (OTLP/HTTP, "Failures" and "OTLP/HTTP Throttling").
struct RetryPolicy: Sendable {
    /// The wait before the second attempt.
    var initialDelay: Duration = .milliseconds(500)
    /// The longest wait.
    var maximumDelay: Duration = .seconds(5)
    /// The factor by which each wait is longer than the previous one.
    var multiplier = 2.0
    /// The relative random variation of a wait, so that many clients do not return at once.
    var jitter = 0.2

    /// The waits between exports of a batch whose backend is unavailable; each export already includes its own retries.
    /// Modelled on the OpenTelemetry Collector (`retry_on_failure`), but with shorter waits: the queue is small, and a
    /// backend that returns should be used soon.
    static let betweenExports = RetryPolicy(
        initialDelay: .seconds(2), maximumDelay: .seconds(10), multiplier: 1.5, jitter: 0.5)
    /// How long after its first export a batch is retried.
    static let maximumElapsed: Duration = .seconds(300)

    /// The wait before retry number `attempt`, counted from 1. `random` is in the range 0 ..< 1.
    func delay(beforeRetry attempt: Int, random: Double) -> Duration {
        var delay = initialDelay
        for _ in 1..<max(attempt, 1) {
            delay = min(delay * multiplier, maximumDelay)
            if delay == maximumDelay { break }
        }
        return delay * (1 - jitter + 2 * jitter * random)
    }

    /// Whether the OTLP specification allows a retry after this status.
    static func isRetryable(status: Int) -> Bool {
        switch status {
        case 429, 502, 503, 504: true
        default: false
        }
    }
}
