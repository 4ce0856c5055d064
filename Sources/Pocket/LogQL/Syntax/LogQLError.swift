/// Why a query cannot be answered; the wording of syntax errors is Loki's.
package enum LogQLError: Error, Equatable, CustomStringConvertible {
    /// The text is not LogQL. Line and column count from 1.
    case syntax(line: Int, column: Int, message: String)
    /// The query is well-formed, but not meaningful.
    case invalid(String)
    /// Loki supports this, the pocket stack does not.
    case unsupported(String)
    /// The same as a sentence that names an alternative.
    case limited(String)

    /// Whether the query is valid in Loki, but not supported here.
    package var isUnsupported: Bool {
        switch self {
        case .syntax, .invalid: false
        case .unsupported, .limited: true
        }
    }

    package var description: String {
        switch self {
        case .syntax(let line, let column, let message): "parse error at line \(line), col \(column): \(message)"
        case .invalid(let message): "parse error : \(message)"
        case .limited(let message): "pocket stack: \(message)"
        case .unsupported(let what): "pocket stack: `\(what)` is not supported"
        }
    }
}
