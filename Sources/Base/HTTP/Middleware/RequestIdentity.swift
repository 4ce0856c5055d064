import Encoding

/// The id of a request: the caller's if it is acceptable, otherwise a generated one.
enum RequestID {
    /// Returns `value` if it consists of 1 to 128 characters from `A-Z a-z 0-9 . _ - : /`. An id is logged and passed
    /// on, so it must not contain markup or line breaks or be too long.
    static func accept(_ value: String?) -> String? {
        guard let value, !value.isEmpty, value.utf8.count <= 128 else { return nil }
        for byte in value.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 0x2E, 0x5F, 0x2D, 0x3A, 0x2F: continue
            default: return nil
            }
        }
        return value
    }

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
