extension TraceQL {
    /// Durations as queries write them, `1m30s`, and as answers show them.
    package enum Duration {
        private static let units: [(name: String, nanoseconds: Double)] = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
            ("d", 86_400e9), ("w", 7 * 86_400e9), ("y", 365 * 86_400e9),
        ]

        /// The nanoseconds of a text such as `250ms`, `1.5s` or `1h30m`; `nil` if it is none.
        package static func nanoseconds(_ text: some StringProtocol) -> Int64? {
            var rest = Substring(text)
            var total = 0.0
            guard !rest.isEmpty else { return nil }
            while !rest.isEmpty {
                let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
                guard let number = Double(digits) else { return nil }
                rest = rest.dropFirst(digits.count)
                let name = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
                guard let unit = units.first(where: { $0.name == name }) else { return nil }
                rest = rest.dropFirst(name.count)
                total += number * unit.nanoseconds
            }
            return total < 9.2e18 ? Int64(total.rounded()) : nil
        }

        /// The shortest exact text: `1m30s`, `100ms`, `1.5µs`.
        package static func text(nanoseconds: Int64) -> String {
            guard nanoseconds != 0 else { return "0s" }
            let sign = nanoseconds < 0 ? "-" : ""
            let magnitude = nanoseconds.magnitude
            if magnitude < 1_000 { return "\(sign)\(magnitude)ns" }
            if magnitude < 1_000_000 { return sign + fraction(magnitude, 1_000) + "µs" }
            if magnitude < 1_000_000_000 { return sign + fraction(magnitude, 1_000_000) + "ms" }
            let minutes = magnitude / 60_000_000_000
            let seconds = fraction(magnitude % 60_000_000_000, 1_000_000_000) + "s"
            if minutes == 0 { return sign + seconds }
            if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
            return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
        }

        private static func fraction(_ value: UInt64, _ unit: UInt64) -> String {
            let whole = String(value / unit)
            var rest = value % unit
            guard rest > 0 else { return whole }
            var digits = ""
            var place = unit / 10
            while rest > 0 {
                digits += String(rest / place)
                rest %= place
                place /= 10
            }
            return whole + "." + digits
        }
    }
}
