import Encoding
import Foundation
import YAML

/// A file of Loki, Tempo or Promtail as those read it with `-config.expand-env=true`.
enum ExpandedFile {
    /// With `${NAME:-default}` replaced by what the environment says, or else by the default.
    static func yaml(_ path: String, _ environment: [String: String] = [:]) throws -> JSONValue {
        try YAML.document(Array(expand(Repository.text(path), environment).utf8))
    }

    /// It also takes away what it believes to be escapes, anywhere in the file: of two backslashes one is left.
    static func expand(_ text: String, _ environment: [String: String] = [:]) -> String {
        text.replacing(/\$\{([A-Z0-9_]+)(?::-([^}]*))?\}|\\([\\\/])|\$(\$)/) { match in
            if let escaped = match.3 ?? match.4 { return String(escaped) }
            let value = environment[String(match.1 ?? "")] ?? ""
            return value.isEmpty ? String(match.2 ?? "") : value
        }
    }

    /// The variables that a file reads.
    static func variables(_ text: String) -> Set<String> {
        Set(text.matches(of: /\$\{([A-Z0-9_]+)/).map { String($0.1) })
    }

    /// The text with the stages that stand commented out behind `mark` switched on.
    static func switchingOn(_ mark: String, in text: String) -> String {
        text.replacing("//#\(mark)# ", with: "").replacing("#\(mark)# ", with: "")
    }
}

extension JSONValue {
    /// The value at `a.b.c`.
    subscript(path path: String) -> JSONValue? {
        path.split(separator: ".").reduce(self as JSONValue?) { $0?[String($1)] }
    }

    var memberNames: [String] { object?.members.map(\.name) ?? [] }
    var textItems: [String] { array?.compactMap(\.string) ?? [] }
}
