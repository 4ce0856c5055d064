import Encoding

/// The id of a request: the caller's if it is acceptable, otherwise a generated one.
enum RequestID {
    /// Returns `value` if it consists of 1 to 128 characters from `A-Z a-z 0-9 . _ - : /`. An id is logged and passed
    /// on, so it must not contain markup or line breaks or be too long.
    static func accept(_ value: String?) -> String? {
        guard let value, !value.isEmpty, value.utf8.count <= 128 else { return nil }
        for byte in value.utf8 {
            // One bit for each of the characters below 64, and one for each up to 127.
            let bits = byte < 64 ? allowed.low : allowed.high
            guard byte < 128, bits &>> UInt64(byte & 63) & 1 == 1 else { return nil }
        }
        return value
    }

    private static let allowed: (low: UInt64, high: UInt64) = {
        var (low, high): (UInt64, UInt64) = (0, 0)
        for byte in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:/".utf8 {
            if byte < 64 { low |= 1 &<< UInt64(byte) } else { high |= 1 &<< UInt64(byte & 63) }
        }
        return (low, high)
    }()

    /// 16 hex digits, short enough to read aloud in a workshop.
    static func make(_ random: () -> UInt64) -> String { Hex.string(random()) }
}

/// The caller's time limit.
enum RequestDeadline {
    /// Whole milliseconds from 1 to one day; anything else is ignored.
    static func parse(_ value: String?) -> Duration? {
        guard let value, let milliseconds = Int64(value), (1...86_400_000).contains(milliseconds) else { return nil }
        return .milliseconds(milliseconds)
    }
}
