/// The Prometheus name of a metric, derived from its OpenTelemetry name and unit (OpenTelemetry, "Prometheus and
/// OpenMetrics Compatibility").
struct MetricName: Hashable, Sendable {
    /// The name of the family, without `_total`.
    var base: String
    /// The unit in OpenMetrics, such as `seconds`; `nil` if there is none. ``base`` ends with it.
    var unit: String?

    init(label: String, unit: String, kind: MetricKind) {
        var base = Self.sanitized(label, allowsColon: true)
        if kind == .counter, base.hasSuffix("_total") { base.removeLast("_total".count) }
        self.unit = Self.unitSuffix(unit, kind: kind)
        if let suffix = self.unit, base != suffix, !base.hasSuffix("_" + suffix) { base += "_" + suffix }
        self.base = base
    }

    /// `unit` in words; `nil` if it does not appear in the name.
    private static func unitSuffix(_ unit: String, kind: MetricKind) -> String? {
        // An annotation such as `{request}` says what is counted; it is not a unit.
        var bare = ""
        var isAnnotation = false
        for character in unit {
            switch character {
            case "{": isAnnotation = true
            case "}": isAnnotation = false
            default: if !isAnnotation { bare.append(character) }
            }
        }
        if bare == "1" { return kind == .gauge ? "ratio" : nil }
        guard !bare.isEmpty else { return nil }
        guard let slash = bare.firstIndex(of: "/") else { return word(bare, words) }
        let (left, right) = (String(bare[..<slash]), String(bare[bare.index(after: slash)...]))
        guard !right.isEmpty else { return left.isEmpty ? nil : word(left, words) }
        return (left.isEmpty ? "" : word(left, words) + "_") + "per_" + word(right, singular)
    }

    private static func word(_ unit: String, _ table: [String: String]) -> String {
        table[unit] ?? sanitized(unit, allowsColon: false)
    }

    private static let words = [
        "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "ms": "milliseconds", "us": "microseconds",
        "ns": "nanoseconds", "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes",
        "TiBy": "tibibytes", "KBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes", "TBy": "terabytes",
        "m": "meters", "V": "volts", "A": "amperes", "J": "joules", "W": "watts", "g": "grams", "Cel": "celsius",
        "Hz": "hertz", "%": "percent",
    ]

    private static let singular = [
        "s": "second", "m": "minute", "min": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year",
    ]

    /// Replaces characters that Prometheus does not allow in a name with `_`, runs of them with a single `_`.
    static func sanitized(_ name: String, allowsColon: Bool) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            let isAllowed =
                switch scalar {
                case "a"..."z", "A"..."Z": true
                case "0"..."9": true
                case ":": allowsColon
                default: false
                }
            if isAllowed {
                if result.isEmpty, ("0"..."9").contains(scalar) { result.append("_") }
                result.unicodeScalars.append(scalar)
            } else if !result.hasSuffix("_") {
                result.append("_")
            }
        }
        return result.isEmpty ? "_" : result
    }
}

/// The type of a metric.
enum MetricKind: String, Sendable {
    case counter
    case gauge
    case histogram

    /// The names that a family occupies in both formats. No other family may use one of them.
    func claims(_ base: String) -> [String] {
        switch self {
        case .counter: [base, base + "_total"]
        case .gauge: [base]
        case .histogram: [base, base + "_bucket", base + "_sum", base + "_count"]
        }
    }
}
