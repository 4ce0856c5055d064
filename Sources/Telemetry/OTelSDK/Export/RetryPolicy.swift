/// When a failed export is tried again (OTLP/HTTP, "Failures" and "OTLP/HTTP Throttling").
struct RetryPolicy: Sendable {
    /// The wait before the second attempt.
    var initialDelay: Duration = .milliseconds(500)
    /// The longest wait.
    var maximumDelay: Duration = .seconds(5)
    /// How much longer each wait is than the one before it.
    var multiplier = 2.0
    /// How far a wait may stray from its length, so that many clients do not come back at once.
    var jitter = 0.2

    /// Between the exports of a batch whose backend is away, each of which has tried for a while by itself. As the
    /// OpenTelemetry Collector does it (`retry_on_failure`), but with shorter waits: the queue is small, and what comes
    /// back is to be used soon.
    static let betweenExports = RetryPolicy(
        initialDelay: .seconds(2), maximumDelay: .seconds(10), multiplier: 1.5, jitter: 0.5)
    /// How long after its first export a batch is tried again.
    static let maximumElapsed: Duration = .seconds(300)

    /// The wait before attempt number `attempt`, the first retry being 1. `random` lies from 0 up to 1.
    func delay(beforeRetry attempt: Int, random: Double) -> Duration {
        var delay = initialDelay
        for _ in 1..<max(attempt, 1) {
            delay = min(delay * multiplier, maximumDelay)
            if delay == maximumDelay { break }
        }
        return delay * (1 - jitter + 2 * jitter * random)
    }

    /// Whether the OTLP specification lets a request be sent again after this status.
    static func isRetryable(status: Int) -> Bool {
        switch status {
        case 429, 502, 503, 504: true
        default: false
        }
    }
}
