/// Parses durations and byte counts in queries and log fields.
package enum Measure {
    package struct Problem: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    private static let nanoseconds: [(unit: String, value: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
        ("d", 86_400e9), ("w", 7 * 86_400e9), ("y", 365 * 86_400e9),
    ]

    /// The parts of a text such as `1h30m`: numbers, each with the letters after it. `nil` for any other text.
    private static func parts(_ text: String) -> [(number: String, unit: String)]? {
        var result: [(number: String, unit: String)] = []
        var rest = text[...]
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isASCII && $0.isNumber || $0 == ".") }
            rest = rest.dropFirst(unit.count)
            guard !number.isEmpty else { return nil }
            result.append((String(number), String(unit)))
        }
        return result.isEmpty ? nil : result
    }

    /// The nanoseconds in a text such as `100ms`, `1h30m`, `1.5s`; `nil` for any other text.
    package static func duration(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        guard let parts = parts(isNegative ? String(text.dropFirst()) : text) else { return nil }
        var total = 0.0
        for part in parts {
            guard let number = Double(part.number), let scale = nanoseconds.first(where: { $0.unit == part.unit })
            else {
                return nil
            }
            total += number * scale.value
        }
        guard total < 9e18 else { return nil }
        return Int64(isNegative ? -total : total)
    }

    /// The bytes in a text such as `5KB` (thousands) or `5KiB` (1024); `nil` for any other text.
    package static func bytes(_ text: String) -> UInt64? {
        let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        guard let value = Double(number) else { return nil }
        let unit = text.dropFirst(number.count).drop { $0 == " " }.lowercased()
        let scale: Double
        switch unit {
        case "b", "": scale = 1
        case "kb", "k": scale = 1e3
        case "mb", "m": scale = 1e6
        case "gb", "g": scale = 1e9
        case "tb", "t": scale = 1e12
        case "kib", "ki": scale = 1024
        case "mib", "mi": scale = 1_048_576
        case "gib", "gi": scale = 1_073_741_824
        case "tib", "ti": scale = 1_099_511_627_776
        default: return nil
        }
        let total = value * scale
        return total < 1.8e19 ? UInt64(total) : nil
    }

    /// The duration of a range or step: only whole numbers with units; errors in Prometheus's wording.
    package static func range(_ text: String) -> Result<Int64, Problem> {
        if text.isEmpty { return .failure(Problem(description: "empty duration string")) }
        if text == "0" { return .success(0) }
        guard let parts = parts(text), parts.allSatisfy({ !$0.unit.isEmpty }) else {
            return .failure(Problem(description: "not a valid duration string: \"\(text)\""))
        }
        for part in parts {
            let known = ["ms", "s", "m", "h", "d", "w", "y"].contains(part.unit)
            if part.number.contains(".") || !known {
                let unit = part.number.contains(".") ? "." : part.unit
                return .failure(Problem(description: "unknown unit \"\(unit)\" in duration \"\(text)\""))
            }
        }
        guard let value = duration(text) else {
            return .failure(Problem(description: "duration out of range"))
        }
        return .success(value)
    }
}
