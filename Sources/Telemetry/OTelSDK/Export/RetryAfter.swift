import Encoding

/// Reads `Retry-After` (RFC 9110, section 10.2.3): a number of seconds, or a date.
enum RetryAfter {
    /// How long to wait; 0 for a date that has passed, `nil` for a value that is neither.
    static func parse(_ value: String, now: UInt64) -> Duration? {
        if !value.isEmpty, value.utf8.allSatisfy({ (48...57).contains($0) }) {
            // More digits than fit mean: longer than any export waits.
            return .seconds(Int32(value) ?? .max)
        }
        guard let date = HTTPDate.parse(value) else { return nil }
        return date > now ? .nanoseconds(Int64(clamping: date - now)) : .zero
    }
}
