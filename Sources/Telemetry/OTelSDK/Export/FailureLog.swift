import Logging
import Synchronization
import Tracing

/// Logs failures at a limited rate per reason, so that a backend that is down for an hour does not fill the log.
final class FailureLog: Sendable {
    private struct Entry {
        var lastWritten: ContinuousClock.Instant
        var suppressed = 0
    }

    /// There are few reasons (error types and status codes). A backend that invents more shares one entry.
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

    /// Logs a warning, unless one with the same reason was logged within the interval. Logs it outside any request,
    /// because it concerns many traces and must not carry the ids of one.
    func warn(_ reason: String, _ message: @autoclosure () -> String, metadata: @autoclosure () -> Logger.Metadata) {
        guard let suppressed = admit(reason) else { return }
        var fields = metadata()
        fields["reason"] = .string(reason)
        if suppressed > 0 { fields["suppressed"] = .integer(Int64(suppressed)) }
        ServiceContext.withValue(nil) { logger.warning(message(), metadata: fields) }
    }

    /// Returns how many warnings were suppressed since the last one; `nil` if this one must be suppressed.
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
