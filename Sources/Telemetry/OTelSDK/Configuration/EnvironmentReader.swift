import Encoding

/// Reads typed settings by the rules of the OpenTelemetry specification ("Environment Variable Specification"): an
/// empty value counts as unset; an invalid value causes a warning and also counts as unset.
package struct EnvironmentReader {
    private let variables: [String: String]
    /// The problems with the settings, one sentence each.
    private(set) var warnings: [String] = []

    init(_ variables: [String: String]) { self.variables = variables }

    mutating func warn(_ message: String) { warnings.append(message.escapingControlCharacters()) }

    /// Adds warnings for variables that have no effect.
    mutating func warnOfUnusedVariables() { warnings += OTelVariables.warnings(variables) }

    /// Warns that `name` was ignored. Leave out the value if it may be secret.
    package mutating func reject(_ name: String, _ value: String? = nil, expected: String, using fallback: String) {
        warn("\(name)\(value.map { "=" + $0 } ?? ""): expected \(expected); using \(fallback)")
    }

    /// Whether the variable is present, even if empty.
    func isPresent(_ name: String) -> Bool { variables[name] != nil }

    /// The value without surrounding white space; `nil` if there is none. Line ends count as white space, because a
    /// file written on Windows leaves a carriage return at the end of each value.
    package func string(_ name: String) -> String? {
        guard let value = variables[name] else { return nil }
        let trimmed = value.trimmingWhitespace()
        return trimmed.isEmpty ? nil : trimmed
    }

    mutating func bool(_ name: String) -> Bool {
        guard let value = string(name) else { return false }
        switch value.lowercased() {
        case "true": return true
        case "false": return false
        default:
            reject(name, value, expected: "true or false", using: "false")
            return false
        }
    }

    mutating func integer(_ name: String, atLeast minimum: Int = 0) -> Int? {
        guard let value = string(name) else { return nil }
        guard let number = Int(value), number >= minimum, number <= Int(Int32.max) else {
            reject(name, value, expected: "a whole number from \(minimum) to \(Int32.max)", using: "the default")
            return nil
        }
        return number
    }

    /// A number of milliseconds.
    mutating func duration(_ name: String) -> Duration? {
        integer(name).map { .milliseconds($0) }
    }

    /// A number of milliseconds, where 0 means "no limit" and becomes the maximum.
    mutating func timeout(_ name: String) -> Duration? {
        integer(name).map { .milliseconds($0 == 0 ? Int(Int32.max) : $0) }
    }

    /// One of a few names, case-insensitive; `nil` if unset or unknown.
    mutating func choice<Value>(_ name: String, _ values: KeyValuePairs<String, Value>) -> Value? {
        guard let value = string(name) else { return nil }
        let lowercased = value.lowercased()
        if let match = values.first(where: { $0.key == lowercased }) { return match.value }
        reject(name, value, expected: values.map(\.key).joined(separator: ", "), using: "the default")
        return nil
    }
}
