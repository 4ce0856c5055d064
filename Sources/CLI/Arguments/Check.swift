/// A condition on an argument's value beyond its type.
package struct Check<Value: ArgumentValue>: Sendable {
    /// What a value must be, phrased to follow "expected".
    let expectation: String
    /// The only accepted texts, if they can be listed; for hints.
    let choices: [String]
    let accepts: @Sendable (Value) -> Bool

    /// A custom condition; `expectation` is phrased to follow "expected".
    package init(_ expectation: String, choices: [String] = [], accepts: @escaping @Sendable (Value) -> Bool) {
        self.expectation = expectation
        self.choices = choices
        self.accepts = accepts
    }

    /// Whether `value` is accepted; for conditions built from others.
    package func isMet(by value: Value) -> Bool { accepts(value) }

    /// Accepts every value of the type.
    package static var any: Check { Check(Value.expectation) { _ in true } }
}

extension Check where Value: Comparable {
    /// Includes both ends.
    package static func range(_ range: ClosedRange<Value>) -> Check {
        Check("\(Value.expectation) from \(range.lowerBound.argument) to \(range.upperBound.argument)") {
            range.contains($0)
        }
    }

    package static func atLeast(_ least: Value) -> Check {
        Check("\(Value.expectation), \(least.argument) or more") { $0 >= least }
    }

    package static func moreThan(_ bound: Value) -> Check {
        Check("\(Value.expectation) above \(bound.argument)") { $0 > bound }
    }
}

extension Check where Value == String {
    package static func oneOf(_ choices: [String]) -> Check {
        Check(expected(choices), choices: choices) { choices.contains($0) }
    }

    /// An absolute `http` or `https` URL.
    package static var url: Check {
        Check("a URL such as http://127.0.0.1:8080") { text in
            let prefix = text.hasPrefix("http://") ? 7 : text.hasPrefix("https://") ? 8 : 0
            let rest = text.dropFirst(prefix)
            return prefix > 0 && rest.first.map { $0 != "/" } == true && !rest.contains { $0.isWhitespace }
        }
    }

    package static var notEmpty: Check { Check("a text that is not empty") { !$0.isEmpty } }
}
