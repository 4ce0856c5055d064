/// A type that an argument's text can be read as.
package protocol ArgumentValue: Sendable {
    /// What a text must be, as it stands after "expected": `a whole number`.
    static var expectation: String { get }
    /// Reads the text of an argument; `nil` if it is not what was expected.
    init?(argument: String)
    /// The value as one would type it; shown as the default in help.
    var argument: String { get }
}

extension String: ArgumentValue {
    package static var expectation: String { "a text" }
    package init?(argument: String) { self = argument }
    package var argument: String { self }
}

extension Int: ArgumentValue {
    package static var expectation: String { "a whole number" }
    package init?(argument: String) { self.init(argument) }
    package var argument: String { description }
}

extension UInt64: ArgumentValue {
    package static var expectation: String { "a whole number of 0 or more" }
    package init?(argument: String) {
        if argument.hasPrefix("0x") {
            self.init(argument.dropFirst(2), radix: 16)
        } else {
            self.init(argument)
        }
    }
    package var argument: String { description }
}

extension Double: ArgumentValue {
    package static var expectation: String { "a number" }
    package init?(argument: String) {
        guard let value = Double(argument), value.isFinite else { return nil }
        self = value
    }
    package var argument: String { self == rounded() && abs(self) < 1e15 ? String(Int64(self)) : description }
}

extension Duration: ArgumentValue {
    package static var expectation: String { "a duration such as 500ms, 30s, 10m or 2h" }

    /// Reads `500ms`, `1.5s`, `10m`, `2h`, `7d`, and sums such as `1m30s`. A bare number is refused: its unit would be a guess.
    package init?(argument: String) {
        var rest = argument[...]
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

    package var argument: String {
        let milliseconds = Int64(self / .milliseconds(1))
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

/// An enumeration whose raw values are what one types.
extension ArgumentValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    package static var expectation: String { expected(allCases.map(\.rawValue)) }
    package init?(argument: String) { self.init(rawValue: argument) }
    package var argument: String { rawValue }
}

/// `one of a, b or c`, or the only choice.
func expected(_ choices: [String]) -> String {
    guard let last = choices.last, choices.count > 1 else { return choices.first ?? "nothing" }
    return "one of " + choices.dropLast().joined(separator: ", ") + " or " + last
}
