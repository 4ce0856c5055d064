import Encoding
import Synchronization

/// What the parser and the help know of one argument, whatever its type.
package struct ArgumentDefinition: Sendable {
    package enum Kind: Sendable, Equatable {
        /// Takes a value: `--rate 50`.
        case option
        /// Is there or not: `--json`.
        case flag
        /// Known by its place.
        case positional
    }

    package var kind: Kind
    /// Without dashes; a positional's is its place holder, such as `TRACE-ID`.
    package var name: String
    package var short: Character?
    /// What stands for the value in help, such as `SECONDS`; empty for a flag.
    package var valueName: String
    package var help: String
    /// As one would type it, or `nil` if there is none.
    package var defaultText: String?
    package var isRequired: Bool
    /// Whether it may be given several times, each adding a value.
    package var isRepeating: Bool
    /// The only texts that are accepted, if they can be listed.
    package var choices: [String]
    /// Takes the text; throws what was expected.
    var accept: @Sendable (String) throws(Misfit) -> Void

    /// How a person names it: `--rate`, `TRACE-ID`.
    package var displayName: String { kind == .positional ? name : "--" + name }

    /// Gives what this one is given to `other` as well.
    mutating func share(with other: ArgumentDefinition) {
        let own = accept
        accept = { text throws(Misfit) in
            try own(text)
            try other.accept(text)
        }
    }
}

/// A text that an argument does not take.
struct Misfit: Error {
    /// What was expected, as it stands after "expected".
    var expected: String
    /// What the text may have been meant to be.
    var suggestion: String?
}

/// Something declared in a command that the parser fills: an option, a flag, a positional, or a group of them.
protocol ArgumentSource: Sendable {
    var definitions: [ArgumentDefinition] { get }
}

/// Where an argument's value lives: shared by the copies of the command that declares it.
final class Cell<Value: Sendable>: Sendable {
    private let storage: Mutex<Value?>

    init(_ value: Value?) { storage = Mutex(value) }

    var value: Value {
        get {
            guard let value = storage.withLock({ $0 }) else {
                preconditionFailure("a required argument was read before it was parsed")
            }
            return value
        }
        set { storage.withLock { $0 = newValue } }
    }
}

/// Reads `text`, or says what was expected.
func read<Value>(_ text: String, _ check: Check<Value>) throws(Misfit) -> Value {
    guard let value = Value(argument: text), check.accepts(value) else {
        throw Misfit(expected: check.expectation, suggestion: Suggestion.closest(to: text, among: check.listed))
    }
    return value
}

extension Check {
    /// The texts to list: the condition's own, or those of an enumeration.
    var listed: [String] {
        if !choices.isEmpty { return choices }
        guard let type = Value.self as? any CaseIterable.Type else { return [] }
        return Self.arguments(of: type)
    }

    private static func arguments<T: CaseIterable>(of type: T.Type) -> [String] {
        type.allCases.compactMap { ($0 as? any ArgumentValue)?.argument }
    }
}
