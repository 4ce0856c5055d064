import Encoding

/// Parses `Retry-After` (RFC 9110, section 10.2.3): a number of seconds, or a date.
enum RetryAfter {
    /// Returns the time to wait; 0 for a date in the past, `nil` for an invalid value.
    static func parse(_ value: String, now: UInt64) -> Duration? {
        if !value.isEmpty, value.utf8.allSatisfy({ (48...57).contains($0) }) {
            // A number too large to fit is longer than any export waits.
            return .seconds(Int32(value) ?? .max)
        }
        guard let date = HTTPDate.parse(value) else { return nil }
        return date > now ? .nanoseconds(Int64(clamping: date - now)) : .zero
    }
}
