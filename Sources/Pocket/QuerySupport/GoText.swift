/// Parses numbers and durations in log lines as Loki does: like Go's `strconv.ParseFloat` and `time.ParseDuration`.
/// Queries have another syntax: see ``Measure``.
package enum GoText {
    /// A number; `nil` where Go's parser fails, such as for hexadecimal without an exponent.
    package static func number(_ text: String) -> Double? {
        let isHexadecimal = text.utf8.contains { $0 | 0x20 == UInt8(ascii: "x") }
        if text.utf8.contains(UInt8(ascii: "(")) { return nil }
        if isHexadecimal, !text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "p") }) { return nil }
        return Double(text)
    }

    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]

    /// The nanoseconds in a text such as `0`, `1.5s`, `-1h30m`; `nil` for a number without a unit (other than 0), for
    /// days and longer units, which Go does not have, and beyond about 292 years.
    package static func duration(_ text: String) -> Int64? {
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        if rest == "0" { return 0 }
        if rest.isEmpty { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { !($0.isASCII && $0.isNumber || $0 == ".") }
            rest = rest.dropFirst(name.count)
            guard digits.utf8.contains(where: { $0 != UInt8(ascii: ".") }), let number = Double(digits),
                let unit = units.first(where: { $0.name == name })
            else { return nil }
            total += number * unit.nanoseconds
        }
        return Int64(exactly: (isNegative ? -total : total).rounded(.towardZero))
    }
}
