import Encoding
import HTTP

/// An invalid setting. The message gives its name, its value and what was expected.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package var description: String
    /// - Parameter description: shown on a terminal, so control characters in it are escaped.
    package init(_ description: String) { self.description = description.escapingControlCharacters() }
}

/// Reads typed settings from environment variables. As in OpenTelemetry, an empty variable counts as unset. Surrounding
/// white space is ignored, because a file written on Windows leaves a carriage return at the end of each value.
package struct Environment: Sendable {
    private let variables: [String: String]

    package init(_ variables: [String: String]) { self.variables = variables }

    /// All variables.
    package var all: [String: String] { variables }

    package func string(_ name: String) -> String? {
        guard let value = variables[name]?.trimmingWhitespace(), !value.isEmpty else { return nil }
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

    package static let socketPathExpectation = "an absolute path of at most 107 bytes"

    /// The path of a Unix-domain socket to listen on; `nil` if the variable is not set.
    package func socketPath(_ name: String) throws -> String? {
        guard let path = string(name) else { return nil }
        guard path.hasPrefix("/"), HTTPServer.isSocketPath(path) else {
            throw ConfigurationError("\(name)=\(path): expected \(Self.socketPathExpectation)")
        }
        return path
    }

    /// An absolute `http` or `https` URL without a trailing slash. A user name and password before the host are sent as
    /// `Authorization: Basic` and never shown.
    /// - Parameter orSocket: whether a Unix-domain socket will do as well, as `unix:/path/to.sock`. A colon is appended to
    ///   it, behind which the client expects the path of a request.
    package func url(_ name: String, default fallback: String, orSocket: Bool = false) throws -> String {
        let text = string(name) ?? fallback
        if orSocket, text.hasPrefix("unix:/") {
            guard let socket = HTTPClient.socketURL(text) else {
                throw ConfigurationError("\(name)=\(text): expected unix: and \(Self.socketPathExpectation)")
            }
            return socket
        }
        let scheme = text.hasPrefix("http://") ? 7 : text.hasPrefix("https://") ? 8 : 0
        let rest = text.dropFirst(scheme)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard scheme > 0, HTTPAuthority(hostField: String(host)) != nil,
            !rest.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F })
        else {
            throw ConfigurationError(
                "\(name)=\(URLRedaction.refused(text)): expected a URL such as http://127.0.0.1:8080")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
