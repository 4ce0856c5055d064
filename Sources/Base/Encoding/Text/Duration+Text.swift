/// Durations in the form used in files and on command lines.
extension Duration {
    /// Parses `500ms`, `1.5s`, `10m`, `2h`, `7d`, and sums such as `1m30s`. A bare number is refused, because its unit
    /// is unknown.
    package init?(text: String) {
        var rest = text[...]
        var total = Duration.zero
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits), number.isFinite else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let seconds = Self.seconds(in: unit), number * seconds < 1e9 else { return nil }
            total += .microseconds(Int64((number * seconds * 1e6).rounded()))
        }
        self = total
    }

    /// The duration in the largest unit that gives a whole number; ``init(text:)`` can parse it.
    package var text: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")]
        for (size, name) in units where milliseconds >= size && milliseconds % size == 0 {
            return "\(milliseconds / size)\(name)"
        }
        return "\(milliseconds)ms"
    }

    private static func seconds(in unit: Substring) -> Double? {
        switch unit {
        case "us", "µs": 1e-6
        case "ms": 1e-3
        case "s": 1
        case "m", "min": 60
        case "h": 3600
        case "d": 86_400
        default: nil
        }
    }
}

extension Double {
    /// Whole numbers without a decimal point, others as Swift formats them.
    package var shortText: String { self == rounded() && abs(self) < 1e15 ? String(Int64(self)) : description }

    /// Parses a number; `nil` if it is not one or is infinite.
    package static func finite(_ text: String) -> Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }
}
