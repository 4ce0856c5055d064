import Encoding
import Synchronization

/// The type-independent description of an argument, for the parser and the help.
package struct ArgumentDefinition: Sendable {
    package enum Kind: Sendable, Equatable {
        /// Takes a value: `--rate 50`.
        case option
        /// Present or absent: `--json`.
        case flag
        /// Identified by its position.
        case positional
    }

    package var kind: Kind
    /// Without dashes; for a positional, its placeholder, such as `TRACE-ID`.
    package var name: String
    package var short: Character?
    /// The placeholder of the value in help, such as `SECONDS`; empty for a flag.
    package var valueName: String
    package var help: String
    /// As typed on a command line; `nil` without a default.
    package var defaultText: String?
    package var isRequired: Bool
    /// Whether it can be given several times, adding a value each time.
    package var isRepeating: Bool
    /// The only accepted texts, if they can be listed.
    package var choices: [String]
    /// Stores the text's value; throws what was expected.
    var accept: @Sendable (String) throws(Misfit) -> Void

    /// Its name in messages: `--rate`, `TRACE-ID`.
    package var displayName: String { kind == .positional ? name : "--" + name }

    /// Passes values of this argument to `other` too.
    mutating func share(with other: ArgumentDefinition) {
        let own = accept
        accept = { text throws(Misfit) in
            try own(text)
            try other.accept(text)
        }
    }
}

/// A text that an argument does not accept.
struct Misfit: Error {
    /// What was expected, phrased to follow "expected".
    var expected: String
    /// What may have been meant.
    var suggestion: String?
}

/// Something declared in a command and filled by the parser: an option, a flag, a positional, or a group of them.
protocol ArgumentSource: Sendable {
    var definitions: [ArgumentDefinition] { get }
}

/// The storage of an argument's value, shared by all copies of the command that declares it.
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

/// Reads `text`, or throws what was expected.
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
