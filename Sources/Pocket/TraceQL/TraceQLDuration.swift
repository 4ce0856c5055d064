extension TraceQL {
    /// Formats durations for answers; ``Measure`` parses those in queries.
    package enum Duration {
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
