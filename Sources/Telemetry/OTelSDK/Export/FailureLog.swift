import Logging
import Synchronization
import Tracing

/// Tells of failures at most once in a while for each reason: a backend that is down for an hour must not fill the log.
final class FailureLog: Sendable {
    private struct Entry {
        var lastWritten: ContinuousClock.Instant
        var suppressed = 0
    }

    /// Reasons are few (error types and status codes); a backend that invents more shares one entry.
    private static let maximumReasons = 64

    private let logger: Logger
    private let interval: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let entries = Mutex<[String: Entry]>([:])

    init(logger: Logger, interval: Duration = .seconds(30), now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.logger = logger
        self.interval = interval
        self.now = now
    }

    /// Writes a warning, unless one for this reason was written less than the interval ago. It is written outside any
    /// request: it concerns many traces and must not carry the ids of one.
    func warn(_ reason: String, _ message: @autoclosure () -> String, metadata: @autoclosure () -> Logger.Metadata) {
        guard let suppressed = admit(reason) else { return }
        var fields = metadata()
        fields["reason"] = .string(reason)
        if suppressed > 0 { fields["suppressed"] = .integer(Int64(suppressed)) }
        ServiceContext.withValue(nil) { logger.warning(message(), metadata: fields) }
    }

    /// How many were kept back since the last one written, or `nil` if this one is to be kept back.
    private func admit(_ reason: String) -> Int? {
        let now = now()
        return entries.withLock { entries in
            let key = entries[reason] != nil || entries.count < Self.maximumReasons ? reason : "other"
            guard let entry = entries[key], now - entry.lastWritten < interval else {
                let suppressed = entries[key]?.suppressed ?? 0
                entries[key] = Entry(lastWritten: now)
                return suppressed
            }
            entries[key]?.suppressed += 1
            return nil
        }
    }
}
