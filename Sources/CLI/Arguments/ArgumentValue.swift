import Encoding

/// A type that can be parsed from an argument's text.
package protocol ArgumentValue: Sendable {
    /// What a text must be, phrased to follow "expected": `a whole number`.
    static var expectation: String { get }
    /// Parses the text of an argument; `nil` if it does not meet the expectation.
    init?(argument: String)
    /// The value as typed on a command line; help shows it as the default.
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
        guard let value = Double.finite(argument) else { return nil }
        self = value
    }
    package var argument: String { shortText }
}

extension Duration: ArgumentValue {
    package static var expectation: String { "a duration such as 500ms, 30s, 10m or 2h" }
    package init?(argument: String) { self.init(text: argument) }
    package var argument: String { text }
}

/// An enumeration whose raw values are typed on the command line.
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
