/// A setting that cannot be used. The message says which, what it was and what was expected.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// Reads typed settings from environment variables. An empty variable counts as unset, as OpenTelemetry has it.
package struct Environment: Sendable {
    private let variables: [String: String]

    package init(_ variables: [String: String]) { self.variables = variables }

    /// All variables.
    package var all: [String: String] { variables }

    package func string(_ name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }

    package func string(_ name: String, default fallback: String) -> String { string(name) ?? fallback }

    package func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = string(name) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw ConfigurationError(
                "\(name)=\(text): expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    package func bool(_ name: String, default fallback: Bool) throws -> Bool {
        guard let text = string(name) else { return fallback }
        switch text.lowercased() {
        case "true", "1", "yes", "on": return true
        case "false", "0", "no", "off": return false
        default: throw ConfigurationError("\(name)=\(text): expected true or false")
        }
    }

    /// An absolute `http` or `https` URL without a trailing slash.
    package func url(_ name: String, default fallback: String) throws -> String {
        let text = string(name) ?? fallback
        let scheme = text.hasPrefix("http://") ? 7 : text.hasPrefix("https://") ? 8 : 0
        let rest = text.dropFirst(scheme)
        guard scheme > 0, let first = rest.first, first != "/", !rest.contains(where: { $0 == " " || $0 == "\n" })
        else {
            throw ConfigurationError("\(name)=\(text): expected a URL such as http://127.0.0.1:8080")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
