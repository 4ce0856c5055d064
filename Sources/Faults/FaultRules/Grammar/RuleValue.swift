/// Parses the values in rules; returns `nil` for anything invalid.
enum RuleValue {
    /// `200ms`, `1.5s`, `2m`, `1h`, `500us`: not negative, at most one day, microsecond precision.
    static func duration(_ text: String) -> Duration? {
        for (unit, microseconds) in [
            ("us", 1.0), ("µs", 1), ("ms", 1e3), ("s", 1e6), ("m", 60e6), ("h", 3600e6),
        ] where text.hasSuffix(unit) {
            guard let value = decimal(text.dropLast(unit.count)) else { continue }
            let result = (value * microseconds).rounded()
            return result <= 86_400e6 ? .microseconds(Int64(result)) : nil
        }
        return text == "0" ? .zero : nil
    }

    /// Appends the unit that a bare number most likely lacks.
    static func withUnit(_ text: String) -> String? { decimal(text[...]).flatMap { $0 > 0 ? text + "ms" : nil } }

    /// `30%` or `0.3`, from 0 to 1, up to nine decimal places.
    static func share(_ text: String) -> Double? {
        let isPercent = text.hasSuffix("%")
        guard let value = decimal(isPercent ? text.dropLast() : text[...]) else { return nil }
        let billionths = (value * (isPercent ? 1e7 : 1e9)).rounded()
        return billionths <= 1e9 ? billionths / 1e9 : nil
    }

    /// Digits only, no sign.
    static func count(_ text: String) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    /// `512`, `512B`, `64KiB`, `64kB`, `1MiB`, `1MB`, at most 1 GiB.
    static func bytes(_ text: String) -> Int? {
        let units = [
            ("KiB", 1024.0), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("kB", 1e3), ("MB", 1e6), ("B", 1), ("", 1),
        ]
        for (unit, size) in units where text.hasSuffix(unit) {
            guard let value = decimal(text.dropLast(unit.count)) else { continue }
            let result = (value * size).rounded()
            return result <= 1_073_741_824 ? Int(result) : nil
        }
        return nil
    }

    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.contains { $0 != "." }
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// Digits with an optional decimal point: no sign, no exponent, no hexadecimal.
    static func decimal(_ text: Substring) -> Double? {
        guard !text.isEmpty, text.utf8.allSatisfy({ ("0"..."9").contains(Character(UnicodeScalar($0))) || $0 == 46 })
        else { return nil }
        return Double(text)
    }
}
