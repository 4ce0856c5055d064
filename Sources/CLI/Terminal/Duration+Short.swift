extension Duration {
    /// For people, with about three digits: `312 µs`, `84.2 ms`, `1.25 s`, `2m 03s`.
    package var short: String {
        let seconds = self / .seconds(1)
        switch seconds {
        case ..<0: return "-" + (Duration.zero - self).short
        case ..<0.000_001: return "\(Int64((seconds * 1e9).rounded())) ns"
        case ..<0.000_999_5: return "\(Int64((seconds * 1e6).rounded())) µs"
        case ..<0.999_5: return Self.threeDigits(seconds * 1e3) + " ms"
        case ..<60: return Self.threeDigits(seconds) + " s"
        default:
            let total = Int64(seconds.rounded())
            let (minutes, rest) = (total / 60, total % 60)
            return minutes < 60
                ? "\(minutes)m \(rest < 10 ? "0" : "")\(rest)s"
                : "\(minutes / 60)h \(minutes % 60 < 10 ? "0" : "")\(minutes % 60)m"
        }
    }

    private static func threeDigits(_ value: Double) -> String {
        let decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        return fixed(value, decimals)
    }

    /// `value` with the given number of decimal places.
    package static func fixed(_ value: Double, _ decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((value.magnitude * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + "\(scaled)" }
        let fraction = String(scaled % Int64(scale))
        return sign + "\(scaled / Int64(scale))." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
